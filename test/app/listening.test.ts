/** The listener follows its settings, and comes back by itself; on real sockets, with time moved by hand. */
import { connect, createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createListening, type Listening } from '../../src/app/listening.ts';
import type { ListenerView } from '../../src/core/fleet/listener.ts';
import { DEFAULT_SETTINGS } from '../../src/core/settings/settings.ts';
import { type Identity, openIdentity } from '../../src/node/transport/identity.ts';
import { listenForLinks } from '../../src/node/transport/server.ts';
import { temporaryFolder } from '../cli/process.ts';
import { type FakeTime, fakeTime } from '../engine/fake-time.ts';

let folder: ReturnType<typeof temporaryFolder>;
let identity: Identity;
let time: FakeTime;
let listening: Listening;
let settings = DEFAULT_SETTINGS;
let views: ListenerView[];
let tries: number;
const logged: string[] = [];
const others: Server[] = [];

beforeEach(async () => {
  folder = temporaryFolder();
  const opened = await openIdentity(folder.path);
  if (!opened.ok) throw new Error(opened.error.message);
  identity = opened.value;
  time = fakeTime();
  settings = { ...DEFAULT_SETTINGS, 'listener.port': await freePort() };
  views = [];
  tries = 0;
  const line = (message: string) => void logged.push(message);
  listening = createListening({
    listen(place) {
      tries += 1;
      return listenForLinks({
        ...place,
        identity,
        agentFile: async () => new Uint8Array(),
        onLink: (link) => link.dispose(),
      });
    },
    settings: () => settings,
    timers: time.timers,
    log: { info: line, warn: line, error: line },
  });
  listening.onChange((view) => views.push(view));
});
afterEach(async () => {
  await listening.dispose();
  for (const server of others.splice(0)) await closed(server);
  folder.dispose();
  logged.splice(0);
});

/** Another program on the port; null where the port is taken. */
function occupy(port: number, address = '127.0.0.1'): Promise<Server | null> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', () => resolve(null));
    server.listen({ port, host: address, exclusive: true }, () => {
      others.push(server);
      resolve(server);
    });
  });
}

async function freePort(): Promise<number> {
  const server = await occupy(0);
  const address = server?.address();
  if (server === null || typeof address !== 'object' || address === null) throw new Error('No port is free.');
  await closed(server);
  return address.port;
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

function answers(port: number, address = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, address);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

describe('the listener', () => {
  it('rests until somebody is expected, and again when nobody is', async () => {
    const port = settings['listener.port'];
    expect(listening.view()).toMatchObject({ state: 'resting', address: '127.0.0.1', port, isLoopbackOnly: true });
    expect(await answers(port)).toBe(false);
    expect(await listening.open()).toMatchObject({ ok: true });
    expect(listening.view()).toMatchObject({ state: 'listening', port, reason: null });
    expect(await answers(port)).toBe(true);
    await listening.rest();
    expect(await answers(port)).toBe(false);
    expect(views.map(({ state }) => state)).toEqual(['listening', 'resting']);
  });

  it('opens once, however many ask at the same time', async () => {
    const opened = await Promise.all([listening.open(), listening.open(), listening.open()]);
    expect(opened.map(({ ok }) => ok)).toEqual([true, true, true]);
    expect(logged).toEqual(['Listening for workers.']);
  });

  it('takes any free port where 0 is set, and says which', async () => {
    settings = { ...settings, 'listener.port': 0 };
    await listening.open();
    expect(listening.view().port).toBeGreaterThan(0);
    expect(await answers(listening.view().port)).toBe(true);
  });

  it('moves with its settings, and closes what it leaves', async () => {
    await listening.open();
    const before = settings['listener.port'];
    settings = { ...settings, 'listener.address': '127.0.0.2', 'listener.port': await freePort() };
    await listening.follow();
    expect(await answers(before)).toBe(false);
    expect(await answers(settings['listener.port'], '127.0.0.2')).toBe(true);
    expect(views.at(-1)).toMatchObject({ state: 'listening', address: '127.0.0.2', port: settings['listener.port'] });
  });

  it('stays closed when settings change while nobody is expected', async () => {
    settings = { ...settings, 'listener.port': await freePort() };
    await listening.follow();
    expect(views.at(-1)).toMatchObject({ state: 'resting', port: settings['listener.port'] });
    expect(await answers(settings['listener.port'])).toBe(false);
  });

  it('says which port another program holds and how to choose another, and takes it when it is free', async () => {
    const port = settings['listener.port'];
    const other = await occupy(port);
    if (other === null) throw new Error('The port was taken meanwhile.');
    const refused = await listening.open();
    expect(refused).toMatchObject({ ok: false });
    expect(listening.view()).toMatchObject({ state: 'failed', port });
    expect(listening.view().reason).toMatch(new RegExp(`port ${port}.*labwatch settings set listener\\.port \\d+`));
    time.advance(5_000);
    await vi.waitUntil(() => tries === 2);
    await listening.follow();
    expect(listening.view().state).toBe('failed');
    expect(views).toHaveLength(1);
    await closed(other);
    time.advance(5_000);
    await vi.waitUntil(() => views.at(-1)?.state === 'listening');
    expect(await answers(port)).toBe(true);
    expect(logged).toEqual(['Cannot listen for workers.', 'Listening for workers.']);
  });

  it('waits for an address that this machine does not have now', async () => {
    settings = { ...settings, 'listener.address': '192.0.2.1' };
    expect(await listening.open()).toMatchObject({ ok: false });
    expect(listening.view()).toMatchObject({ state: 'failed', address: '192.0.2.1', isLoopbackOnly: false });
    expect(listening.view().reason).toMatch(/192\.0\.2\.1/);
    settings = { ...settings, 'listener.address': '127.0.0.1' };
    await listening.follow();
    expect(listening.view()).toMatchObject({ state: 'listening', reason: null });
    time.advance(60_000);
    expect(views.filter(({ state }) => state === 'listening')).toHaveLength(1);
  });
});
