import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { tempFolder } from '../support/temp-folder.ts';

const ENTRY = fileURLToPath(new URL('../../src/worker/index.ts', import.meta.url));

function agent(...words: readonly string[]) {
  const home = join(tempFolder(), 'home');
  const env = { ...process.env, LABWATCH_AGENT_HOME: home };
  const { status, stdout, stderr } = spawnSync(process.execPath, [ENTRY, ...words], { encoding: 'utf8', env });
  return { status, stdout, stderr, home };
}

describe('the agent’s command line', () => {
  it('explains itself, with an example', () => {
    for (const words of [[], ['--help'], ['join', '--help']]) {
      const { status, stdout, stderr } = agent(...words);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      for (const word of ['join CODE', 'status', 'leave', '--install-service', '--run-tasks', '--as-user', 'Example:'])
        expect(stdout).toContain(word);
    }
  });

  it.each([
    [['bogus']],
    [['join', '--bogus']],
    [['join', 'one', 'two']],
    [['join', '--json']],
    [['status', '--name', 'x']],
    [['leave', 'x']],
    [['status', '--run-tasks']],
    [['join', '--run-tasks', '--no-run-tasks']],
    [['join']],
  ])('%j ends with 2 and one line that helps, and leaves the home alone', (words) => {
    const { status, stdout, stderr, home } = agent(...words);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^labwatch: .*`node .*(--help|join CODE)`.*\n$/);
    if (words.length > 1) expect(existsSync(home)).toBe(false);
  });

  it.each([
    [['join', '--max-parallel', '2'], '--run-tasks'],
    [['join', '--run-tasks', '--max-parallel', 'none'], 'whole number'],
    [['join', '--run-tasks', '--allow', 'pytest', '--allow', './x'], 'whole path'],
  ])('%j ends with 2 and says what was meant', (words, hint) => {
    const { status, stdout, stderr, home } = agent(...words);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^labwatch: .*\n$/);
    expect(stderr).toContain(hint);
    expect(existsSync(home)).toBe(false);
  });

  it('says that a machine has not joined', () => {
    const status = agent('status');
    expect(status).toMatchObject({ status: 1, stdout: '' });
    expect(status.stderr).toMatch(/^labwatch: This machine has not joined\. .*\n$/);
    expect(agent('leave')).toMatchObject({ status: 0, stdout: 'Nothing of the agent is here.\n', stderr: '' });
  });
});
