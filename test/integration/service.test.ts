/** The agent as a service, with a stand-in for systemd that does what it is told: starts and ends what the unit says. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { buildIfNeeded } from '../../scripts/build/build.ts';
import { startProgram, unprivileged } from '../cli/process.ts';
import { projectFolder } from '../support/source.ts';
import { AGENT_FILE, freePort, isLive, openLab, workerWhen } from './lab.ts';

const SYSTEMCTL = `#!/bin/sh
echo "$*" >> "$STAND_IN/calls"
case "$*" in
  *is-system-running*) echo "$STATE" ;;
  *" restart "*)
    [ -f "$STAND_IN/pid" ] && kill "$(cat "$STAND_IN/pid")"
    command=$(sed -n 's/^ExecStart=//p' "$XDG_CONFIG_HOME"/systemd/user/*.service)
    eval "exec $command" >> "$STAND_IN/output" 2>&1 < /dev/null &
    echo $! > "$STAND_IN/pid" ;;
  *" stop "*)
    pid=$(cat "$STAND_IN/pid")
    rm "$STAND_IN/pid"
    kill "$pid"
    while [ -d "/proc/$pid" ] && ! grep -q ') Z ' "/proc/$pid/stat"; do sleep 0.05; done ;;
  *" disable "*) kill "$(cat "$STAND_IN/pid")" ;;
esac
`;
const LOGINCTL = '#!/bin/sh\necho "loginctl $*" >> "$STAND_IN/calls"\necho Linger=no\n';

/** An ordinary user with a systemd of its own. */
function person(folder: string, state = 'running') {
  const home = join(folder, 'person');
  const bin = join(home, 'bin');
  mkdirSync(bin, { recursive: true });
  for (const [name, text] of Object.entries({ systemctl: SYSTEMCTL, loginctl: LOGINCTL })) {
    writeFileSync(join(bin, name), text);
    chmodSync(join(bin, name), 0o755);
  }
  const who = unprivileged();
  chmodSync(folder, 0o755);
  if (who.uid !== undefined) spawnSync('chown', ['-R', String(who.uid), home]);
  const env = {
    ...{ HOME: home, XDG_CONFIG_HOME: join(home, '.config'), STAND_IN: home, STATE: state },
    PATH: `${bin}:${process.env.PATH}`,
  };
  onTestFinished(() => {
    if (existsSync(join(home, 'pid'))) spawnSync('kill', ['-9', readFileSync(join(home, 'pid'), 'utf8').trim()]);
  });
  return {
    home,
    agent(...words: readonly string[]) {
      const agent = startProgram([process.execPath, AGENT_FILE, ...words], { ...who, env });
      onTestFinished(async () => {
        agent.child.kill('SIGKILL');
        await agent.exited;
      });
      return agent;
    },
    calls: () => readFileSync(join(home, 'calls'), 'utf8').trim().split('\n'),
    unit: join(home, '.config', 'systemd', 'user', 'labwatch-agent.service'),
  };
}

beforeAll(async () => {
  await buildIfNeeded(projectFolder, () => undefined);
});

describe('the agent as a service', () => {
  it('is installed with the join, runs from its home, is written anew on request, and leaves nothing behind', async () => {
    const lab = await openLab();
    const ada = person(lab.folder);
    const joined = await ada.agent('join', await lab.invite(), '--name', 'rig-a', '--install-service').exited;
    expect(joined).toMatchObject({ code: 0, stderr: '' });
    expect(joined.stdout).toMatch(/Installed the user service labwatch-agent\.service/);
    expect(joined.stdout).toMatch(/Lingering is on for you now/);
    expect(joined.stdout).toMatch(/It is online as rig-a\.\n$/);
    expect(ada.calls()).toEqual([
      '--user is-system-running',
      '--user daemon-reload',
      '--user enable labwatch-agent.service',
      '--user restart labwatch-agent.service',
      expect.stringMatching(/^loginctl show-user \S+ --property=Linger$/),
      expect.stringMatching(/^loginctl --no-ask-password enable-linger \S+$/),
    ]);
    const { workerId } = await workerWhen(lab, isLive);
    const folder = join(ada.home, '.labwatch-agent');
    expect(readFileSync(ada.unit, 'utf8')).toContain(`"${join(folder, 'agent.mjs')}" "join" "--home" "${folder}"`);
    expect(readFileSync(join(folder, 'agent.mjs')).equals(readFileSync(AGENT_FILE))).toBe(true);

    const anew = await ada.agent('join', '--install-service').exited;
    expect(anew).toMatchObject({ code: 0, stderr: '' });
    expect(anew.stdout).toContain('It is online as rig-a.');
    expect((await workerWhen(lab, isLive)).workerId).toBe(workerId);

    const left = await ada.agent('leave').exited;
    expect(left).toMatchObject({ code: 0, stderr: '' });
    expect(left.stdout).toMatch(/The service is stopped and removed\.\nrig-a has left its coordinator\.\n/);
    expect(existsSync(ada.unit)).toBe(false);
    expect(existsSync(folder)).toBe(false);
    expect(ada.calls().at(-1)).toBe('--user daemon-reload');
    await expect.poll(() => lab.remote()).toEqual([]);
  });

  it('that waits is installed once it was dialled, and waits on as the service', async () => {
    const lab = await openLab();
    const ada = person(lab.folder);
    const port = String(await freePort());
    const waiting = ada.agent('listen', '--port', port, '--name', 'rig-a', '--install-service');
    const said = await waiting.saw(/Waiting at/);
    const code = /labwatch workers dial (LWL1-\S+)/.exec(said)?.[1] ?? '';
    await lab.call('workers.dial', { code });
    const { code: exit, stdout } = await waiting.exited;
    expect({ exit, isOnline: stdout.endsWith('It is online as rig-a.\n') }).toEqual({ exit: 0, isOnline: true });
    expect(readFileSync(ada.unit, 'utf8')).toContain('agent.mjs" "listen" "--home"');
    await workerWhen(lab, isLive);
    const left = await ada.agent('leave').exited;
    expect(left.stdout).toContain('rig-a has left its coordinator.');
    await expect.poll(() => lab.remote()).toEqual([]);
  });

  it('is refused before the code is used where no systemd answers', async () => {
    const lab = await openLab();
    const ada = person(lab.folder, 'offline');
    const code = await lab.invite();
    const refused = await ada.agent('join', code, '--install-service').exited;
    expect(refused).toMatchObject({ code: 3, stdout: '' });
    expect(refused.stderr).toMatch(/^labwatch: .*without --install-service.*\n$/);
    expect(readdirSync(ada.home)).not.toContain('.labwatch-agent');
    await ada.agent('join', code).saw(/Connected/);
  });
});
