/** Workers from end to end: the coordinator as `labwatch headless`, agents as the built file, real sockets between them. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { buildIfNeeded } from '../../scripts/build/build.ts';
import type { Trust } from '../../src/node/agent-home/trust.ts';
import { encodePairingCode, parsePairingCode } from '../../src/node/transport/pairing-code.ts';
import { labwatch, type Running, startProgram } from '../cli/process.ts';
import { projectFolder } from '../support/source.ts';
import { AGENT_FILE, expectNoHole, isLive, openLab, workerWhen } from './lab.ts';
import { openProxy } from './proxy.ts';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Nothing waits in the agent's spool any more. */
async function everythingTaken(home: string): Promise<void> {
  await expect.poll(() => readdirSync(join(home, 'spool')), { timeout: 30_000 }).toEqual([]);
}

/** Ends a process at once, as a power cut would; answers when. */
async function kill({ child, exited }: Running): Promise<number> {
  const atMs = Date.now();
  child.kill('SIGKILL');
  await exited;
  return atMs;
}

beforeAll(async () => {
  await buildIfNeeded(projectFolder, () => undefined);
});

describe('a machine that joins', () => {
  it('appears with its values, says so, and the code is good for no other', async () => {
    const lab = await openLab();
    const code = await lab.invite();
    const agent = lab.agent('rig-a', 'join', code, '--name', 'rig-a');
    const said = await agent.saw(/Connected to 127\.0\.0\.1:\d+\./);
    expect(said).toMatch(/^Joined 127\.0\.0\.1:\d+ as rig-a\.\n/);
    const worker = await workerWhen(lab, (one) => isLive(one) && one.headline !== null);
    expect(worker).toMatchObject({ name: 'rig-a', isLocal: false, level: 'standard', awaySinceMs: null });
    expect(worker.figures.memoryUtilization).toBeGreaterThan(0);
    expect(worker.remote).toMatchObject({ runsTasks: false, lostTicks: 0 });
    expect(Math.abs(worker.remote?.clockDifferenceMs ?? Number.NaN)).toBeLessThan(1_000);
    expect(said).toContain(worker.remote?.keyFingerprint);

    const second = await lab.agent('rig-b', 'join', code).exited;
    expect(second).toMatchObject({ code: 1, stdout: '' });
    expect(second.stderr).toMatch(/^labwatch: This code was used.*\n$/);
    expect(await lab.remote()).toHaveLength(1);

    agent.child.kill('SIGTERM');
    expect(await agent.exited).toMatchObject({ code: 0, stderr: '' });
    await workerWhen(lab, ({ link }) => link === 'unreachable');
  });

  it('by the pasted command, from nothing but Node and curl', async () => {
    const lab = await openLab();
    const { stdout } = await labwatch(['workers', 'add', '--json', '--data-dir', lab.dataDir]);
    const { command } = JSON.parse(stdout) as { readonly command: string };
    const home = join(lab.folder, 'person');
    mkdirSync(home);
    const env = { HOME: home, PATH: `${join(process.execPath, '..')}:${process.env.PATH}` };
    // The shell waits for the agent as a person's does; the group ends together.
    const shell = startProgram(['setsid', 'sh', '-c', command], { env });
    onTestFinished(() => void spawnSync('kill', ['-9', '--', `-${shell.child.pid}`]));
    await shell.saw(/Connected/);
    await workerWhen(lab, isLive);
    const fetched = readFileSync(join(home, '.labwatch-agent', 'agent.mjs'));
    expect(fetched.equals(readFileSync(AGENT_FILE))).toBe(true);
    expect(statSync(join(home, '.labwatch-agent')).mode & 0o777).toBe(0o700);
  });

  it('with a code that is mistyped, foreign, expired or leads nowhere ends with one clear sentence', async () => {
    const lab = await openLab();
    const expired = await lab.invite();
    const fleet = new Database(join(lab.dataDir, 'fleet.db'));
    fleet.prepare('UPDATE invitations SET expires_at_ms = ?').run(Date.now() - 1);
    fleet.close();
    const code = await lab.invite();
    const parsed = parsePairingCode(code);
    if (!parsed.ok) throw new Error(parsed.error.message);
    const wrongSecret = encodePairingCode({ ...parsed.value, secret: new Uint8Array(16).fill(9) });
    const wrongKey = encodePairingCode({ ...parsed.value, fingerprint: new Uint8Array(32).fill(9) });
    const deadPort = encodePairingCode({ ...parsed.value, port: 1 });
    const cases = [
      { code: expired, exit: 1, words: /has expired\. Make a new one/ },
      { code: 'hello', exit: 2, words: /not a pairing code/ },
      { code: code.slice(0, -2), exit: 2, words: /mistyped or not whole/ },
      { code: code.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')), exit: 2, words: /mistyped or not whole/ },
      { code: wrongSecret, exit: 1, words: /was not given out here/ },
      { code: wrongKey, exit: 1, words: /another key|not the coordinator|other key/i },
      { code: deadPort, exit: 3, words: /127\.0\.0\.1/ },
    ];
    for (const one of cases) {
      const { code: exit, stdout, stderr } = await lab.agent('rig-a', 'join', one.code).exited;
      expect({ exit, stdout, words: one.words.test(stderr), stderr }).toMatchObject({
        exit: one.exit,
        stdout: '',
        words: true,
      });
      expect(stderr.match(/\n/g)).toHaveLength(1);
    }
    expect(await lab.remote()).toEqual([]);
    // None of that used up the code.
    const agent = lab.agent('rig-a', 'join', code);
    await agent.saw(/Connected/);
  });

  it('goes on as the same worker after kill -9, and a second agent in one home is told who runs', async () => {
    const lab = await openLab();
    const first = lab.agent('rig-a', 'join', await lab.invite());
    await first.saw(/Connected/);
    const before = await workerWhen(lab, isLive);
    const second = await lab.agent('rig-a', 'join').exited;
    expect(second.code).toBe(3);
    expect(second.stderr).toContain(`pid ${first.child.pid}`);
    await kill(first);
    await workerWhen(lab, ({ link }) => link !== 'online');
    const third = lab.agent('rig-a', 'join');
    await third.saw(/Connected/);
    const after = await workerWhen(lab, isLive);
    expect(after.workerId).toBe(before.workerId);
    expect(await lab.remote()).toHaveLength(1);
    const { stdout } = await lab.agent('rig-a', 'status', '--json').exited;
    expect(JSON.parse(stdout)).toMatchObject({ isRunning: true, name: before.name, status: { state: 'online' } });
  });

  it('finds a coordinator that is not where it was, at another address that it was told', async () => {
    const lab = await openLab();
    const first = lab.agent('rig-a', 'join', await lab.invite());
    await first.saw(/Connected/);
    await kill(first);
    const file = join(lab.home('rig-a'), 'coordinator.json');
    const trust = JSON.parse(readFileSync(file, 'utf8')) as Trust;
    writeFileSync(file, JSON.stringify({ ...trust, proven: { addresses: ['127.0.0.9', '127.0.0.8'], port: 1 } }));
    await lab.agent('rig-a', 'join').saw(/Connected/);
    const again = JSON.parse(readFileSync(file, 'utf8')) as Trust;
    expect(again.proven).toEqual(trust.proven);
  });

  it('that was removed ends with a clear sentence, stays out, and comes back with a new code', async () => {
    const lab = await openLab();
    const agent = lab.agent('rig-a', 'join', await lab.invite(), '--name', 'rig-a');
    await agent.saw(/Connected/);
    const before = await workerWhen(lab, isLive);
    await labwatch(['workers', 'remove', 'rig-a', '--data-dir', lab.dataDir]);
    const ended = await agent.exited;
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/^labwatch: .*removed.*\n$/);
    const again = await lab.agent('rig-a', 'join').exited;
    expect(again).toMatchObject({ code: 1, stdout: '' });
    expect(again.stderr).toMatch(/^labwatch: .*removed.*\n$/);
    const anew = lab.agent('rig-a', 'join', await lab.invite());
    await anew.saw(/Connected/);
    const after = await workerWhen(lab, isLive);
    expect(after.workerId).not.toBe(before.workerId);
    expect(after.remote?.keyFingerprint).not.toBe(before.remote?.keyFingerprint);
  });

  it('leaves: the coordinator forgets it, and nothing of it stays', async () => {
    const lab = await openLab();
    const agent = lab.agent('rig-a', 'join', await lab.invite(), '--name', 'rig-a');
    await agent.saw(/Connected/);
    await workerWhen(lab, isLive);
    const left = await lab.agent('rig-a', 'leave').exited;
    expect(left).toMatchObject({ code: 0, stderr: '' });
    expect(left.stdout).toContain('rig-a has left its coordinator.');
    expect(await agent.exited).toMatchObject({ code: 0 });
    expect(existsSync(lab.home('rig-a'))).toBe(false);
    await expect.poll(() => lab.remote()).toEqual([]);
  });

  it('leaves also when its coordinator cannot be told, and says so', async () => {
    const lab = await openLab();
    const agent = lab.agent('rig-a', 'join', await lab.invite(), '--name', 'rig-a');
    await agent.saw(/Connected/);
    await kill(lab.headless());
    const left = await lab.agent('rig-a', 'leave').exited;
    expect(left).toMatchObject({ code: 0, stderr: '' });
    expect(left.stdout).toMatch(/could not be told .* Remove rig-a there as well\./);
    expect(existsSync(lab.home('rig-a'))).toBe(false);
  });

  it('leaves nobody’s file behind but those that were not its own', async () => {
    const lab = await openLab();
    const home = lab.home('rig-a');
    await lab.agent('rig-a', 'join', 'hello').exited;
    mkdirSync(home, { recursive: true, mode: 0o700 });
    writeFileSync(join(home, 'notes.txt'), 'mine');
    const left = await lab.agent('rig-a', 'leave').exited;
    expect(left.code).toBe(0);
    expect(readdirSync(home)).toEqual(['notes.txt']);
    expect(left.stdout).toContain('notes.txt');
  });
});

describe('the history of a worker', () => {
  it('has no hole after the cable was out for one second and for ten', async () => {
    const lab = await openLab();
    const { port } = await lab.call('listener', {});
    const proxy = await openProxy(port);
    const agent = lab.agent('rig-a', 'join', await lab.invite(proxy.port));
    await agent.saw(/Connected/);
    const { workerId } = await workerWhen(lab, isLive);
    await pause(2_000);
    proxy.set('cut');
    await pause(1_000);
    proxy.set('through');
    await workerWhen(lab, isLive);
    await pause(2_000);
    proxy.set('cut');
    await workerWhen(lab, ({ link, awaySinceMs }) => link === 'unreachable' && awaySinceMs !== null);
    await pause(5_000);
    proxy.set('through');
    await workerWhen(lab, isLive);
    await everythingTaken(lab.home('rig-a'));
    const readings = await lab.readingsOf(workerId);
    expect(readings.length).toBeGreaterThan(12);
    expectNoHole(readings);
  });

  it('has no hole after the coordinator was killed and started again, in the middle of it all', async () => {
    const lab = await openLab();
    const agent = lab.agent('rig-a', 'join', await lab.invite());
    await agent.saw(/Connected/);
    const { workerId } = await workerWhen(lab, isLive);
    for (const awayMs of [1_500, 300]) {
      await pause(2_500);
      await kill(lab.headless());
      await pause(awayMs);
      await lab.start();
      await workerWhen(lab, isLive);
    }
    await workerWhen(lab, isLive);
    await everythingTaken(lab.home('rig-a'));
    expectNoHole(await lab.readingsOf(workerId));
  });

  it('lacks the last two seconds at most where the agent itself was killed, with a link or without', async () => {
    const lab = await openLab();
    const { port } = await lab.call('listener', {});
    const proxy = await openProxy(port);
    const online = lab.agent('rig-a', 'join', await lab.invite(proxy.port));
    await online.saw(/Connected/);
    const { workerId } = await workerWhen(lab, isLive);
    await pause(4_000);
    const killedOnlineAt = await kill(online);

    const offline = lab.agent('rig-a', 'join');
    await offline.saw(/Connected/);
    const backAt = Date.now();
    await workerWhen(lab, isLive);
    proxy.set('cut');
    await pause(6_000);
    const killedOfflineAt = await kill(offline);

    proxy.set('closed');
    proxy.set('through');
    const last = lab.agent('rig-a', 'join');
    await last.saw(/Connected/);
    await workerWhen(lab, isLive);
    await everythingTaken(lab.home('rig-a'));
    const readings = await lab.readingsOf(workerId);
    for (const [fromMs, killedAt] of [
      [0, killedOnlineAt],
      [backAt, killedOfflineAt],
    ] as const) {
      const part = readings.filter((atMs) => atMs >= fromMs && atMs < killedAt);
      expectNoHole(part);
      // Two seconds, and the beat that was due on a busy machine.
      expect(part.at(-1)).toBeGreaterThan(killedAt - 4_000);
    }
  });

  it('goes on live while the agent’s disk is full, and the agent says so', async () => {
    const lab = await openLab();
    const { port } = await lab.call('listener', {});
    const proxy = await openProxy(port);
    const home = lab.home('rig-a');
    mkdirSync(home, { mode: 0o700 });
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=0700', 'tmpfs', home], {
      encoding: 'utf8',
    });
    if (mounted.status !== 0)
      throw new Error(`This test mounts a small tmpfs, which needs root on Linux: ${mounted.stderr}`);
    onTestFinished(() => void spawnSync('umount', ['-l', home]));
    const agent = lab.agent('rig-a', 'join', await lab.invite(proxy.port));
    await agent.saw(/Connected/);
    const { workerId } = await workerWhen(lab, isLive);
    spawnSync('sh', ['-c', `head -c 1000000 /dev/zero > ${home}/other-program`]);
    proxy.set('closed');
    await agent.saw(/No space left.*stay in memory/);
    proxy.set('through');
    await workerWhen(lab, isLive);
    await agent.saw(/Back after/);
    // What waits is in memory, where no test can look.
    await pause(3_000);
    expectNoHole(await lab.readingsOf(workerId));
  });
});
