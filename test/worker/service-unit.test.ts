import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { homeAt } from '../../src/node/agent-home/home.ts';
import { serviceOf } from '../../src/worker/service.ts';
import { unitText } from '../../src/worker/service-unit.ts';
import { tempFolder } from '../support/temp-folder.ts';

const hasVerifier = spawnSync('systemd-analyze', ['--version']).status === 0;

/** A folder whose name has all that systemd would read as something else. */
function awkwardUnit(scope: 'user' | 'system') {
  const folder = join(tempFolder(), 'a "b" $HOME %h \\ ü');
  mkdirSync(folder);
  const node = join(folder, 'node');
  writeFileSync(node, '#!/bin/sh\n');
  chmodSync(node, 0o755);
  const unit = { scope, command: [node, join(folder, 'agent.mjs'), 'join', '--home', folder], home: folder };
  return { folder, text: unitText(unit) };
}

describe('the service unit', () => {
  it.runIf(hasVerifier).each(['user', 'system'] as const)('for %s is one that systemd accepts', (scope) => {
    const { folder, text } = awkwardUnit(scope);
    const file = join(folder, 'labwatch-agent.service');
    writeFileSync(file, text);
    const args = scope === 'user' ? ['--user', 'verify', file] : ['verify', file];
    const { status, stderr } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
    expect(stderr.split('\n').filter((line) => line.includes('labwatch-agent'))).toEqual([]);
    // Without a session of systemd it ends with 1 for other reasons, which it tells on other lines.
    expect(status === 0 || !stderr.includes('labwatch-agent')).toBe(true);
  });

  it('starts the agent again after a crash, and not after a refusal that only a person can mend', () => {
    const { text } = awkwardUnit('system');
    expect(text).toContain('Restart=always');
    expect(text).toContain('RestartPreventExitStatus=1 2 3');
    expect(text).toContain('StartLimitIntervalSec=0');
    expect(text).toContain('WantedBy=multi-user.target');
    expect(awkwardUnit('user').text).toContain('WantedBy=default.target');
  });

  it('lets tasks outlive their agent, and the agent a task that ran out of memory', () => {
    const { text } = awkwardUnit('system');
    for (const line of ['KillMode=process', 'OOMPolicy=continue', 'Delegate=yes'])
      expect(text).toContain(`\n${line}\n`);
    expect(text).not.toContain('Nice=');
  });

  it('is started again after a bug, which ends the agent with a status of its own', () => {
    const module = new URL('../../src/worker/crash-exit.ts', import.meta.url).href;
    for (const bug of [
      'throw new Error("bug")',
      'Promise.reject(new Error("bug"))',
      'await Promise.reject(new Error("bug"))',
    ]) {
      const script = `const { exitOnCrash } = await import('${module}'); exitOnCrash(); ${bug};`;
      const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
        encoding: 'utf8',
      });
      expect(status).toBe(70);
      expect(stderr).toMatch(/^labwatch: the agent met a bug and ends\. Error: bug\n/);
    }
  });

  it('takes its command word for word', () => {
    const text = unitText({ scope: 'user', command: ['/opt/node', '/a b/$x/%i/"q"\\.mjs', 'join'], home: '/a b' });
    expect(text).toContain('ExecStart="/opt/node" "/a b/$$x/%%i/\\"q\\"\\\\.mjs" "join"\n');
  });

  it('has a name of its own for each home', () => {
    const usual = serviceOf(homeAt(undefined, {}));
    expect(usual.unit).toBe('labwatch-agent.service');
    const other = serviceOf(homeAt('/srv/agent'));
    expect(other.unit).toMatch(/^labwatch-agent-[0-9a-f]{8}\.service$/);
    expect(serviceOf(homeAt('/srv/agent-2')).unit).not.toBe(other.unit);
  });
});
