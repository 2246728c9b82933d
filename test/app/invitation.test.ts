/** The line that is pasted on another machine, run by a real shell; curl and node are stood in for by scripts that take notes. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { invitationView } from '../../src/app/invitation.ts';
import { tempFolder } from '../support/temp-folder.ts';

const FINGERPRINT = Uint8Array.from({ length: 32 }, (_, index) => (index * 37 + 255) % 256);
const PIN = Buffer.from(FINGERPRINT).toString('base64');
const CODE = 'LW1-abc_DEF-123';

function commandFor(addresses: readonly string[], port = 7461): string {
  return invitationView({
    invitation: { invitationId: 'an-id', expiresAtMs: 600_000 },
    code: CODE,
    fingerprint: FINGERPRINT,
    addresses,
    port,
    listener: {
      state: 'listening',
      address: '0.0.0.0',
      port,
      reason: null,
      isLoopbackOnly: false,
      interfaces: [],
      firewallHint: null,
    },
  }).command;
}

/** Runs the line in a home of its own, where curl reaches only the addresses that match `reachable`. */
function paste(command: string, reachable: string, shell = 'sh') {
  const home = tempFolder();
  const bin = join(home, 'bin');
  mkdirSync(bin);
  const script = (name: string, text: string) => {
    writeFileSync(
      join(bin, name),
      `#!/bin/sh\nfor word in "$@"; do echo "${name} $word" >> "$HOME/notes"; done\n${text}`,
    );
    chmodSync(join(bin, name), 0o755);
  };
  script('curl', `case "$*" in *'${reachable}'*) echo agent > "$HOME/.labwatch-agent/agent.mjs";; *) exit 7;; esac\n`);
  script('node', '');
  const env = { PATH: `${bin}:${process.env.PATH}`, HOME: home };
  const { status, stderr } = spawnSync(shell, ['-c', command], { env, encoding: 'utf8', cwd: home });
  const words = existsSync(join(home, 'notes')) ? readFileSync(join(home, 'notes'), 'utf8').trim().split('\n') : [];
  return {
    status,
    stderr,
    home,
    urls: words.filter((word) => word.startsWith('curl https:')).map((word) => word.slice('curl '.length)),
    curl: words.filter((word) => word.startsWith('curl ')).map((word) => word.slice('curl '.length)),
    node: words.filter((word) => word.startsWith('node ')).map((word) => word.slice('node '.length)),
  };
}

describe('the line for a new machine', () => {
  test('is exactly the documented one for one address', () => {
    expect(commandFor(['192.168.1.5'])).toBe(
      'mkdir -p -m 700 ~/.labwatch-agent && ' +
        `curl -fsSk --pinnedpubkey 'sha256//${PIN}' https://192.168.1.5:7461/agent.mjs -o ~/.labwatch-agent/agent.mjs && ` +
        `node ~/.labwatch-agent/agent.mjs join ${CODE}`,
    );
  });

  test.each(['sh', 'bash'])('fetches the agent with the key pinned into a private folder, and joins (%s)', (shell) => {
    const { status, stderr, home, curl, node } = paste(commandFor(['192.168.1.5']), '192.168.1.5', shell);
    const agent = join(home, '.labwatch-agent', 'agent.mjs');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(curl).toEqual([
      ...['-fsSk', '--pinnedpubkey', `sha256//${PIN}`, 'https://192.168.1.5:7461/agent.mjs', '-o', agent],
    ]);
    expect(node).toEqual([agent, 'join', CODE]);
    expect(statSync(join(home, '.labwatch-agent')).mode & 0o777).toBe(0o700);
  });

  test.each(['sh', 'bash'])('tries each address in turn and stops at the first that answers (%s)', (shell) => {
    const command = commandFor(['192.168.1.5', 'fd00::7', 'desk.lab', '10.0.0.3']);
    const { status, stderr, urls, node } = paste(command, 'desk.lab', shell);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(urls).toEqual([
      'https://192.168.1.5:7461/agent.mjs',
      'https://[fd00::7]:7461/agent.mjs',
      'https://desk.lab:7461/agent.mjs',
    ]);
    expect(node).toContain('join');
  });

  test('runs nothing where no address answers', () => {
    const { status, urls, node } = paste(commandFor(['192.168.1.5', 'desk.lab']), 'nowhere');
    expect(status).not.toBe(0);
    expect(urls).toHaveLength(2);
    expect(node).toEqual([]);
  });

  test('leaves out an address that a shell would obey', () => {
    const command = commandFor(['192.168.1.5', '$(touch obeyed)', "a'; touch obeyed; '", 'desk.lab']);
    const { status, home, urls } = paste(command, 'desk.lab');
    expect(status).toBe(0);
    expect(urls).toHaveLength(2);
    expect(existsSync(join(home, 'obeyed'))).toBe(false);
  });

  test('quotes the brackets of an IPv6 address', () => {
    expect(paste(commandFor(['fd00::7']), 'fd00::7', 'bash').urls).toEqual(['https://[fd00::7]:7461/agent.mjs']);
    expect(commandFor(['fd00::7'])).toContain("'https://[fd00::7]:7461/agent.mjs'");
  });
});
