import { existsSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { serveControl } from '../../src/app/control-api.ts';
import { claimDataDir, focusHolder, type InstanceLock } from '../../src/app/instance-lock.ts';
import type { Result } from '../../src/core/result.ts';
import type { Disposable } from '../../src/core/time.ts';
import { type ControlClient, connectControl } from '../../src/node/control-socket-client.ts';
import { systemClock } from '../../src/node/system-clock.ts';
import type { ControlMethod, FleetEvent } from '../../src/shared/control/contract.ts';
import { LONGEST_REQUEST_BYTES } from '../../src/shared/control/frames.ts';
import { startProgram, temporaryFolder, unprivileged } from '../cli/process.ts';
import { AWAY, LOCAL, REMOTE, type TestInstance, testInstance } from './test-instance.ts';

let folder: ReturnType<typeof temporaryFolder>;
let lock: InstanceLock;
let instance: TestInstance;
let server: Disposable;
let client: ControlClient;
let socketPath: string;
const bugs: unknown[] = [];
const onFocus = vi.fn();
const onStop = vi.fn();

beforeEach(async () => {
  folder = temporaryFolder();
  const claim = await claimDataDir({
    dataDir: join(folder.path, 'data'),
    kind: 'app',
    version: '1.2.3',
    clock: systemClock,
  });
  if (claim.kind !== 'claimed') throw new Error(claim.error.message);
  lock = claim.lock;
  socketPath = lock.holder.socketPath;
  instance = testInstance(lock.dataDir);
  const log = { info: () => undefined, warn: () => undefined, error: (...about: unknown[]) => bugs.push(about) };
  const serving = await serveControl({ instance, lock, clock: systemClock, log, onFocus, onStop });
  if (!serving.ok) throw new Error(serving.error.message);
  server = serving.value;
  client = await connected();
});
afterEach(async () => {
  client.dispose();
  await server.dispose();
  lock.dispose();
  await instance.dispose();
  folder.dispose();
  expect(bugs.splice(0)).toEqual([]);
  vi.clearAllMocks();
});

async function connected(): Promise<ControlClient> {
  const opened = await connectControl(socketPath);
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
}

function unwrap<Value>(result: Result<Value>): Value {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

/** A connection that speaks bytes, and everything it heard until it was closed. */
function rawConnection(): { readonly socket: Socket; readonly closed: Promise<string> } {
  const socket = connect(socketPath);
  let heard = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    heard += text;
  });
  socket.on('error', () => undefined);
  const closed = new Promise<string>((resolve) => socket.on('close', () => resolve(heard)));
  return { socket, closed };
}

describe('the control socket', () => {
  it('answers the status of the workers, with the instance’s clock', async () => {
    instance.tick(0.25);
    const status = await client.call('status', {});
    expect(status).toMatchObject({
      ok: true,
      value: {
        instance: { kind: 'app', version: '1.2.3', pid: process.pid, dataDir: lock.dataDir },
        workers: [{ workerId: LOCAL, link: 'online', figures: { cpuUtilization: 0.25 } }],
      },
    });
    const { nowMs, workers } = unwrap(status);
    expect(nowMs).toBeGreaterThanOrEqual(workers[0]?.lastSampleAtMs ?? Number.POSITIVE_INFINITY);
  });

  it('reads and changes settings, and refuses what does not fit with the reason', async () => {
    expect(await client.call('settings.set', { key: 'retention.rawHours', value: '72' })).toMatchObject({ ok: true });
    expect(await client.call('settings.get', { key: 'retention.rawHours' })).toEqual({ ok: true, value: 72 });
    expect(await client.call('settings.set', { key: 'level', value: 'loud' })).toMatchObject({
      ok: false,
      error: { code: 'invalid-argument', message: expect.stringContaining('basic, standard, detailed, intensive') },
    });
  });

  it('changes the level of the local worker, or of the one that is named', async () => {
    instance.monitor.enrol(AWAY);
    const levels = () => instance.monitor.snapshot().workers.map(({ level }) => level);
    expect(await client.call('level.set', { level: 'detailed' })).toEqual({ ok: true, value: null });
    expect(levels()).toEqual(['detailed', 'basic']);
    expect(await client.call('level.set', { worker: 'rig-03', level: 'intensive' })).toEqual({ ok: true, value: null });
    expect(levels()).toEqual(['detailed', 'intensive']);
  });

  it('knows workers by name and by id, and says so of one that is not there', async () => {
    instance.monitor.enrol(AWAY);
    const called = (name: string) => ({ ok: true, value: { workerId: REMOTE, name } });
    expect(await client.call('workers.rename', { worker: ' rig-03 ', name: 'bench' })).toMatchObject(called('bench'));
    expect(await client.call('workers.rename', { worker: REMOTE, name: 'rig-04' })).toMatchObject(called('rig-04'));
    const stranger = await client.call('workers.remove', { worker: 'rig-03' });
    expect(stranger).toMatchObject({ error: { code: 'not-found' } });
    if (!stranger.ok) expect(stranger.error.message).toMatch(/called rig-03.*labwatch workers/);
    expect(await client.call('workers.remove', { worker: 'rig-04' })).toMatchObject(called('rig-04'));
    expect(instance.monitor.snapshot().workers.map(({ workerId }) => workerId)).toEqual([LOCAL]);
  });

  it('says where workers come in', async () => {
    expect(await client.call('listener', {})).toMatchObject({ ok: true, value: { state: 'resting', port: 7461 } });
  });

  it('streams a snapshot first and then what changes', async () => {
    const events: FleetEvent[] = [];
    const ended = client.stream('watch', {}, (event) => events.push(event));
    await vi.waitUntil(() => events.length === 1);
    instance.tick(0.5);
    await vi.waitUntil(() => events.length >= 2);
    expect(events[0]).toMatchObject({ kind: 'snapshot', snapshot: { workers: [{ workerId: LOCAL }] } });
    expect(events.at(-1)).toMatchObject({ kind: 'patch', patch: { changed: [{ figures: { cpuUtilization: 0.5 } }] } });
    await server.dispose();
    expect(await ended).toMatchObject({ ok: false, error: { code: 'unavailable' } });
  });

  it('stops listening to the monitor when a watcher leaves', async () => {
    const watcher = await connected();
    let events = 0;
    void watcher.stream('watch', {}, () => {
      events += 1;
    });
    await vi.waitUntil(() => events === 1);
    watcher.dispose();
    instance.tick(0.5);
    expect(await client.call('status', {})).toMatchObject({ ok: true });
    expect(events).toBe(1);
  });

  it('leaves patches out for a watcher that does not read, and gives it a snapshot when it does again', async () => {
    const status = { collector: 'disk', state: 'failing', remedy: null, sinceMs: 0, skippedTicks: 0 } as const;
    // A view larger than what the kernel keeps for a reader.
    instance.monitor.ingest(LOCAL, { collectors: [{ ...status, reason: 'x'.repeat(1_000_000) }] });
    const { socket, closed } = rawConnection();
    socket.write('{"id":1,"method":"watch"}\n');
    socket.pause();
    let published = 0;
    instance.monitor.onPatch(() => {
      published += 1;
    });
    for (let turn = 1; turn <= 4; turn += 1) {
      instance.tick(turn / 10);
      await vi.waitUntil(() => published === turn);
    }
    socket.resume();
    await vi.waitUntil(() => {
      instance.tick(0.9);
      return socket.bytesRead > 1_900_000;
    });
    socket.end();
    const kinds = (await closed).split('\n').filter((line) => line.startsWith('{"id":1,"event"'));
    const events = kinds.map((line) => /"kind":"(\w+)"/.exec(line)?.[1]);
    expect(events.slice(0, 2)).toEqual(['snapshot', 'snapshot']);
  });

  it('shows the window on request and stops on request', async () => {
    expect(await focusHolder(lock.holder)).toEqual({ ok: true, value: null });
    expect(onFocus).toHaveBeenCalledOnce();
    expect(await client.call('stop', {})).toEqual({ ok: true, value: null });
    await vi.waitUntil(() => onStop.mock.calls.length === 1);
  });

  it('says what it does not know, and what is wrong with parameters', async () => {
    const unknown = await client.call('reboot' as ControlMethod, {});
    expect(unknown).toMatchObject({
      ok: false,
      error: { code: 'not-found', message: expect.stringContaining('reboot') },
    });
    const wrong = await client.call('settings.get', { key: '__proto__' } as never);
    expect(wrong).toMatchObject({
      ok: false,
      error: { code: 'invalid-argument', message: expect.stringMatching(/^key: /) },
    });
    const surplus = await client.call('status', { verbose: true } as never);
    expect(surplus).toMatchObject({ ok: false, error: { code: 'invalid-argument' } });
  });

  it.each([
    ['text that is not JSON', 'GET / HTTP/1.1\r\n\r\n'],
    ['JSON that is no request', '[1,2,3]\n'],
    ['an id that is none', '{"id":"x","method":"status"}\n'],
    ['bytes that are not UTF-8', Buffer.from([0xff, 0xfe, 0x0a])],
    ['a line that never ends', Buffer.alloc(LONGEST_REQUEST_BYTES + 1, 0x20)],
    ['more requests at once than it takes', '{"id":1,"method":"watch"}\n'.repeat(17)],
  ])('closes the connection on %s and serves others as before', async (_what, bytes) => {
    const { socket, closed } = rawConnection();
    socket.write(bytes);
    await closed;
    expect(await client.call('status', {})).toMatchObject({ ok: true });
  });

  it('pauses a worker, and says of one that is not there which there are', async () => {
    const paused = await client.call('workers.admission', { worker: 'bench-desk', admission: 'paused' });
    expect(paused).toMatchObject({ ok: true, value: { workerId: LOCAL, admission: 'paused' } });
    const nobody = await client.call('workers.admission', { worker: 'rig-99', admission: 'open' });
    expect(nobody).toMatchObject({ ok: false, error: { code: 'not-found' } });
  });

  it('understands a request that arrives in pieces, and two that arrive together', async () => {
    const { socket, closed } = rawConnection();
    const text = '{"id":1,"method":"settings.get","params":{"key":"theme"}}\n{"id":2,"method":"focus"}\n';
    for (const byte of text) socket.write(byte);
    await vi.waitUntil(() => onFocus.mock.calls.length === 1);
    await vi.waitUntil(() => socket.bytesRead > 40);
    socket.destroy();
    const answers = (await closed)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(answers).toContainEqual({ id: 1, ok: true, value: 'system' });
    expect(answers).toContainEqual({ id: 2, ok: true, value: null });
  });

  it('is there for its user alone, and gone with the server', async () => {
    expect(statSync(socketPath).mode & 0o777).toBe(0o600);
    await server.dispose();
    expect(existsSync(socketPath)).toBe(false);
  });

  it.runIf(unprivileged().uid !== undefined)('turns another user away', async () => {
    const knock = `require('node:net').connect(process.argv[1]).on('error', (error) => console.log(error.code))`;
    const stranger = startProgram([process.execPath, '-e', knock, socketPath], unprivileged());
    expect((await stranger.exited).stdout).toBe('EACCES\n');
  });
});
