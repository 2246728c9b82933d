/** The door to other machines in a whole instance: real databases, real TLS, real keys; only the machine behind a link is a test. */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { composeInstance } from '../../src/app/compose.ts';
import { createFleetLink } from '../../src/app/fleet-link.ts';
import type { Instance } from '../../src/app/instance.ts';
import { createLazyTasks } from '../../src/app/lazy-tasks.ts';
import { makeTasks } from '../../src/app/task-parts.ts';
import type { InvitationView } from '../../src/core/fleet/listener.ts';
import type { WorkerView } from '../../src/core/fleet/worker.ts';
import type { Result } from '../../src/core/result.ts';
import { DEFAULT_SETTINGS } from '../../src/core/settings/settings.ts';
import { createMonitor } from '../../src/engine/monitor.ts';
import { createThreadedStore } from '../../src/node/storage/store.ts';
import { parsePairingCode } from '../../src/node/transport/pairing-code.ts';
import { startProgram, temporaryFolder } from '../cli/process.ts';
import { fakeTime } from '../engine/fake-time.ts';
import { comeBack, joinWith, type TestAgent } from './test-agent.ts';

let folder: ReturnType<typeof temporaryFolder>;
let home: string;
let dataDir: string;
const running: { dispose(): unknown }[] = [];

beforeEach(() => {
  folder = temporaryFolder();
  home = folderIn('agent');
  dataDir = join(folder.path, 'data');
});
afterEach(async () => {
  for (const one of running.splice(0).reverse()) await one.dispose();
  folder.dispose();
});

function folderIn(name: string): string {
  const path = join(folder.path, name);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return path;
}

function unwrap<Value>(result: Result<Value>): Value {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return result.value;
}

async function instanceOn(path = dataDir): Promise<Instance> {
  const instance = unwrap(await composeInstance({ dataDir: path, level: 'basic' }));
  running.push(instance);
  return instance;
}

async function stop(instance: Instance): Promise<void> {
  running.splice(running.indexOf(instance), 1);
  await instance.dispose();
}

/** On a port of its own, so that tests do not meet. */
async function openInstance(): Promise<Instance> {
  const instance = await instanceOn();
  unwrap(await instance.changeSetting('listener.port', await freePort()));
  return instance;
}

async function joinInvited(invitation: InvitationView, name?: string): Promise<TestAgent> {
  const agent = await joinWith(invitation.code, { home, ...(name === undefined ? {} : { name }) });
  running.push(agent);
  return agent;
}

const remotes = (instance: Instance): readonly WorkerView[] =>
  instance.monitor.snapshot().workers.filter(({ isLocal }) => !isLocal);

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { readonly port: number };
      server.close(() => resolve(port));
    });
  });
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Inodes of the TCP sockets that listen, of any program (proc(5), state 0A). */
function listeningInodes(): ReadonlySet<string> {
  const rows = ['tcp', 'tcp6'].flatMap((name) => readFileSync(`/proc/net/${name}`, 'utf8').trim().split('\n').slice(1));
  const columns = rows.map((row) => row.trim().split(/\s+/));
  return new Set(columns.filter((row) => row[3] === '0A').map((row) => row[9] ?? ''));
}

function listeningSockets(pid: number): readonly string[] {
  const inodes = listeningInodes();
  return readdirSync(`/proc/${pid}/fd`).filter((fd) => {
    try {
      return inodes.has(/^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? '');
    } catch {
      return false;
    }
  });
}

describe('without other machines', () => {
  it('nothing listens, no key is made, and nothing of TLS, WebSockets or certificates is loaded', async () => {
    const program = startProgram([process.execPath, join(import.meta.dirname, 'lone-instance.ts'), dataDir]);
    running.push({ dispose: () => program.child.kill('SIGKILL') });
    const [line = '[]'] = (await program.saw(/\n/)).split('\n');
    const modules = JSON.parse(line) as readonly string[];
    expect(modules).toContain('NativeModule worker_threads');
    expect(modules.filter((name) => /NativeModule (tls|https|http|_tls_wrap|zlib)$/.test(name))).toEqual([]);
    expect(listeningSockets(program.child.pid ?? 0)).toEqual([]);
    expect(existsSync(join(dataDir, 'coordinator-key.pem'))).toBe(false);
  });

  it('the listener rests and says so', async () => {
    const instance = await openInstance();
    expect(instance.listener()).toMatchObject({ state: 'resting', address: '127.0.0.1', isLoopbackOnly: true });
    expect(await answers(instance.listener().port)).toBe(false);
  });
});

describe('an invitation', () => {
  it('opens the listener and leads another machine in, which is a worker at once', async () => {
    const instance = await openInstance();
    const views: string[] = [];
    instance.onListener(({ state }) => views.push(state));
    const invitation = unwrap(await instance.invite());
    const { port } = instance.listener();
    expect(views).toEqual(['listening']);
    expect(invitation).toMatchObject({ listener: { state: 'listening', port }, code: expect.stringMatching(/^LW1-/) });
    expect(unwrap(parsePairingCode(invitation.code))).toMatchObject({ port, addresses: ['127.0.0.1'] });
    expect(invitation.command).toContain(`https://127.0.0.1:${port}/agent.mjs`);
    expect(invitation.shortCommand).toBe(`labwatch worker join ${invitation.code}`);
    const agent = await joinInvited(invitation);
    expect(remotes(instance)).toMatchObject([
      {
        workerId: agent.welcome.workerId,
        name: 'rig-03',
        link: 'online',
        remote: { address: '127.0.0.1', agentVersion: '9.9.9', platform: 'test x64', runsTasks: false },
      },
    ]);
    await expect(joinWith(invitation.code, { home: folderIn('another') })).rejects.toThrow(/^used-code: /);
  });

  it('is good after a restart of the coordinator, which listens again by itself', async () => {
    const first = await openInstance();
    const invitation = unwrap(await first.invite());
    await stop(first);
    const again = await instanceOn();
    await vi.waitUntil(() => again.listener().state === 'listening');
    await joinInvited(invitation);
    expect(remotes(again)).toMatchObject([{ name: 'rig-03', link: 'online' }]);
  });

  it('is refused with the port and the way to another one while another program holds it', async () => {
    const instance = await openInstance();
    const { port } = instance.listener();
    const other = createServer().listen(port, '127.0.0.1');
    await vi.waitUntil(() => other.listening);
    const refused = await instance.invite();
    expect(refused).toMatchObject({ ok: false, error: { code: 'not-permitted' } });
    const words = new RegExp(`port ${port} .*labwatch settings set listener\\.port`);
    if (!refused.ok) expect(refused.error.message).toMatch(words);
    expect(instance.listener()).toMatchObject({ state: 'failed', reason: expect.stringMatching(words) });
    unwrap(await instance.changeSetting('listener.port', await freePort()));
    expect(instance.listener().state).toBe('listening');
    expect(await instance.invite()).toMatchObject({ ok: true });
    other.close();
  });

  it('is refused while it could not be kept: the folder is a newer Labwatch’s', async () => {
    await stop(await openInstance());
    const path = join(dataDir, 'fleet.db');
    const bytes = readFileSync(path);
    // The header's user_version (sqlite.org/fileformat2.html, 1.3).
    bytes.writeUInt32BE(9_000, 60);
    writeFileSync(path, bytes);
    const instance = await instanceOn();
    expect(await instance.invite()).toMatchObject({
      ok: false,
      error: { code: 'read-only', message: expect.stringMatching(/forgotten.*newer Labwatch/) },
    });
    expect(instance.listener().state).toBe('resting');
    expect(existsSync(join(dataDir, 'coordinator-key.pem'))).toBe(false);
  });

  it('is refused while nothing can be stored at all', async () => {
    writeFileSync(dataDir, '');
    const instance = await instanceOn();
    expect(await instance.invite()).toMatchObject({
      ok: false,
      error: { code: 'storage', message: expect.stringMatching(/forgotten.*nothing can be stored/) },
    });
  });

  it('is refused with the command that mends it while others can read the key, and given once it is mended', async () => {
    const first = await openInstance();
    unwrap(await first.invite());
    await stop(first);
    const key = join(dataDir, 'coordinator-key.pem');
    chmodSync(key, 0o644);
    const again = await instanceOn();
    const refused = await again.invite();
    expect(refused).toMatchObject({ ok: false, error: { message: expect.stringContaining(`chmod 600 ${key}`) } });
    expect(again.listener()).toMatchObject({ state: 'failed' });
    chmodSync(key, 0o600);
    expect(await again.invite()).toMatchObject({ ok: true });
  });
});

describe('a worker that is another machine', () => {
  async function joined() {
    const instance = await openInstance();
    const agent = await joinInvited(unwrap(await instance.invite()));
    return { instance, agent, id: agent.welcome.workerId };
  }

  it('comes back after a restart, as itself', async () => {
    const { instance, agent, id } = await joined();
    await stop(instance);
    await agent.ended;
    const again = await instanceOn();
    await vi.waitUntil(() => again.listener().state === 'listening');
    running.push(await comeBack(agent, { home }));
    await vi.waitUntil(() => remotes(again)[0]?.link === 'online');
    expect(remotes(again)).toMatchObject([{ workerId: id, name: 'rig-03' }]);
  });

  it('joins again with a new code as the same worker, paired anew', async () => {
    const { instance, agent, id } = await joined();
    const before = remotes(instance)[0]?.remote?.pairedAtMs ?? 0;
    const again = await joinInvited(unwrap(await instance.invite()), 'another name');
    expect(await agent.ended).toBeNull();
    expect(again.welcome).toMatchObject({ workerId: id, name: 'rig-03' });
    expect(remotes(instance)).toHaveLength(1);
    expect(remotes(instance)[0]?.remote?.pairedAtMs).toBeGreaterThan(before);
  });

  it('is renamed, and so is this machine; a name that is taken is refused', async () => {
    const { instance, id } = await joined();
    unwrap(await instance.renameWorker(id, 'bench'));
    unwrap(await instance.renameWorker(instance.localWorkerId, ' desk '));
    expect(instance.monitor.snapshot().workers.map(({ name }) => name)).toEqual(['desk', 'bench']);
    for (const worker of [id, instance.localWorkerId]) {
      const events = unwrap(await instance.store.events(worker, 0, Date.now() + 1));
      expect(events.map(({ kind }) => kind)).toContain('renamed');
    }
    expect(await instance.renameWorker(id, 'desk')).toMatchObject({ error: { code: 'invalid-argument' } });
    await stop(instance);
    const again = await instanceOn();
    expect(again.monitor.snapshot().workers.map(({ name }) => name)).toEqual(['desk', 'bench']);
  });

  it('has a level of its own, which outlives a restart', async () => {
    const { instance, id } = await joined();
    unwrap(await instance.setLevel(id, 'intensive'));
    expect(instance.monitor.snapshot().workers.map(({ level }) => level)).toEqual(['basic', 'intensive']);
    expect(instance.settings().level).toBe('basic');
    await stop(instance);
    expect(remotes(await instanceOn())).toMatchObject([{ level: 'intensive' }]);
  });

  it('is asked for its hardware, and for its processes while somebody looks at it', async () => {
    const { instance, agent, id } = await joined();
    const asked = () => agent.requests.map(({ method, params }) => `${method} ${JSON.stringify(params)}`);
    unwrap(await instance.refreshInventory(id));
    instance.watchProcesses(id);
    await vi.waitUntil(() => asked().length === 2);
    instance.watchProcesses(instance.localWorkerId);
    await vi.waitUntil(() => asked().length === 3);
    expect(asked()).toEqual([
      'refresh-inventory {}',
      'watch-processes {"isWatched":true}',
      'watch-processes {"isWatched":false}',
    ]);
    expect(await instance.refreshInventory(instance.localWorkerId)).toEqual({ ok: true, value: null });
  });

  it('is removed for ever: told so, gone from the fleet, and refused when it comes back', async () => {
    const { instance, agent, id } = await joined();
    unwrap(await instance.removeWorker(id));
    expect(await agent.ended).toMatchObject({ code: 'removed', isFinal: true });
    expect(remotes(instance)).toEqual([]);
    await expect(comeBack(agent, { home })).rejects.toThrow(/^removed: /);
    const { code } = unwrap(await instance.invite());
    await expect(joinWith(code, { home })).rejects.toThrow(/^removed: /);
    expect(await instance.removeWorker(instance.localWorkerId)).toMatchObject({ error: { code: 'invalid-argument' } });
  });

  it('loses its link when the listener moves, and comes back where it is now', async () => {
    const { instance, agent, id } = await joined();
    const port = await freePort();
    unwrap(await instance.changeSetting('listener.port', port));
    await agent.ended;
    expect(instance.listener()).toMatchObject({ state: 'listening', port });
    running.push(await comeBack(agent, { home, port }));
    await vi.waitUntil(() => remotes(instance)[0]?.link === 'online');
    expect(remotes(instance)[0]?.workerId).toBe(id);
  });

  it('that nobody knows is not found, whatever is asked of it', async () => {
    const { instance } = await joined();
    const stranger = 'ffffffff-0000-4000-8000-000000000000' as WorkerView['workerId'];
    for (const answer of [
      await instance.setLevel(stranger, 'basic'),
      await instance.refreshInventory(stranger),
      await instance.renameWorker(stranger, 'x'),
      await instance.removeWorker(stranger),
    ]) {
      expect(answer).toMatchObject({ ok: false, error: { code: 'not-found' } });
    }
  });
});

it('the listener rests again when a code has expired and nobody came', async () => {
  const time = fakeTime(Date.now());
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const store = createThreadedStore({ dataDir });
  running.push(store);
  const opened = unwrap(await store.open());
  const settings = { ...DEFAULT_SETTINGS, 'listener.port': await freePort() };
  const monitor = createMonitor({ workers: opened.workers, level: 'basic', store, ...time });
  const tasks = createLazyTasks({
    make: () =>
      makeTasks({
        ...{ dataDir, store, log, ...time, localWorkerId: opened.localWorker.workerId },
        ...{ candidates: monitor.candidates, tellRunning: monitor.setRunning, settings: () => settings },
        summon: () => undefined,
        tellTrouble: () => undefined,
      }),
    ...{ timers: time.timers, log },
  });
  running.push(tasks);
  const link = createFleetLink({
    ...{ dataDir, opened, store, monitor, tasks, log, ...time },
    settings: () => settings,
    notices: () => [],
  });
  running.push(link);
  unwrap(await link.invite());
  time.advance(9 * 60_000);
  expect(await answers(settings['listener.port'])).toBe(true);
  time.advance(60_000);
  await vi.waitUntil(() => link.listener().state === 'resting');
  expect(await answers(settings['listener.port'])).toBe(false);
});
