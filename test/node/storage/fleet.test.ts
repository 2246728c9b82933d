/** Workers, settings, window state, inventories, events, processes: what was told is what is answered. */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { completeInventory, type Inventory } from '../../../src/core/fleet/inventory.ts';
import type { ProcessSample, ProcessSnapshot } from '../../../src/core/metrics/sample.ts';
import { DEFAULT_SETTINGS } from '../../../src/core/settings/settings.ts';
import { openReadable } from '../../../src/node/storage/connection.ts';
import { openStorage, START_MS, unwrap, WORKER } from './storage-fixture.ts';

const INVENTORY: Inventory = completeInventory({
  atMs: START_MS,
  hostName: 'rig-01',
  os: { platform: 'linux', distribution: 'Debian', release: '12', kernel: '6.1', arch: 'x64' },
  machine: { manufacturer: null, model: null, isVirtual: true },
  cpu: { model: 'Some CPU', physicalCores: 4, logicalCores: 8, maxFrequencyHz: null },
  memoryBytes: 2 ** 34,
  swapBytes: null,
  gpus: [],
  disks: [],
  nics: [],
});

function process(pid: number, usage: Partial<ProcessSample> = {}): ProcessSample {
  const identity = { pid, name: `p${pid}`, user: pid % 2 === 0 ? 'root' : null, command: `/bin/p${pid} --now "a b"\n` };
  const numbers = { cpuCores: 0.25, memoryBytes: 5_000_000_123, threadCount: 3 };
  const rates = { readBytesPerSecond: null, writeBytesPerSecond: 12, gpuMemoryBytes: null };
  return { ...identity, ...numbers, ...rates, ...usage };
}

function snapshot(atMs: number, ...processes: readonly ProcessSample[]): ProcessSnapshot {
  return { atMs, processCount: 99, processes };
}

describe('the local worker', () => {
  test('is enrolled at the first start, by the name of the host, and is the same ever after', () => {
    const first = openStorage();
    expect(first.opened.localWorker).toEqual({
      workerId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-/),
      name: hostname(),
      isLocal: true,
      admission: 'open',
      remote: null,
    });
    expect(first.opened.workers).toEqual([first.opened.localWorker]);
    first.storage.close();
    const again = openStorage({ dataDir: first.dataDir });
    expect(again.opened.localWorker).toEqual(first.opened.localWorker);
    expect(openStorage().opened.localWorker.workerId).not.toBe(first.opened.localWorker.workerId);
  });
});

describe('settings', () => {
  test('are kept, checked, and start as their defaults', () => {
    const open = openStorage();
    expect(open.opened.settings).toEqual(DEFAULT_SETTINGS);
    expect(unwrap(open.storage.saveSetting('retention.rawHours', 12))).toEqual({
      ...DEFAULT_SETTINGS,
      'retention.rawHours': 12,
    });
    expect(open.storage.saveSetting('retention.rawHours', -1)).toMatchObject({ error: { code: 'invalid-argument' } });
    open.storage.close();
    expect(openStorage({ dataDir: open.dataDir }).opened.settings['retention.rawHours']).toBe(12);
  });

  test('of the window are kept as they are', () => {
    const open = openStorage();
    expect(unwrap(open.storage.loadUiState())).toEqual({});
    const state = { view: 'fleet', bounds: { x: -5, y: 0 }, pins: ['a', 'ü'] };
    unwrap(open.storage.saveUiState(state));
    open.storage.close();
    expect(unwrap(openStorage({ dataDir: open.dataDir }).storage.loadUiState())).toEqual(state);
  });
});

describe('inventories', () => {
  test('make a new row only when more than the time changed', () => {
    const open = openStorage();
    expect(unwrap(open.storage.inventory(WORKER))).toBeNull();
    open.append({ inventory: INVENTORY });
    open.append({ inventory: { ...INVENTORY, atMs: START_MS + 1_000 } });
    expect(unwrap(open.storage.inventory(WORKER))).toEqual(INVENTORY);
    const larger = { ...INVENTORY, atMs: START_MS + 2_000, memoryBytes: 2 ** 35 };
    open.append({ inventory: larger });
    expect(unwrap(open.storage.inventory(WORKER))).toEqual(larger);
    const database = openReadable(join(open.dataDir, 'fleet.db'));
    expect(database.prepare('SELECT at_ms FROM inventories').pluck().all()).toEqual([START_MS, START_MS + 2_000]);
    database.close();
  });
});

describe('events', () => {
  test('come back in order, from a range, each once however often delivered', () => {
    const open = openStorage();
    const events = [
      { atMs: START_MS + 5, kind: 'level-changed', message: 'Level is detailed.' },
      { atMs: START_MS, kind: 'started', message: 'Started.' },
      { atMs: START_MS + 5, kind: 'collector-changed', message: 'nvidia: <b>ok</b>' },
    ] as const;
    open.append({ events });
    open.append({ events });
    expect(unwrap(open.storage.events(WORKER, START_MS, START_MS + 6))).toEqual([events[1], events[0], events[2]]);
    expect(unwrap(open.storage.events(WORKER, START_MS, START_MS + 5))).toEqual([events[1]]);
  });
});

describe('process snapshots', () => {
  test('come back as they were, the nearest before a moment and not older than a minute', () => {
    const open = openStorage();
    expect(unwrap(open.storage.processesAt(WORKER, null))).toBeNull();
    const first = snapshot(
      START_MS,
      process(2),
      process(1, { cpuCores: 6.1234, threadCount: null, gpuMemoryBytes: 0 }),
    );
    const second = snapshot(START_MS + 30_000, process(1), process(3));
    open.append({ processes: [first, second] });
    expect(unwrap(open.storage.processesAt(WORKER, START_MS - 1))).toBeNull();
    expect(unwrap(open.storage.processesAt(WORKER, START_MS + 29_999))).toEqual(first);
    expect(unwrap(open.storage.processesAt(WORKER, START_MS + 30_000))).toEqual(second);
    expect(unwrap(open.storage.processesAt(WORKER, START_MS + 90_000))).toEqual(second);
    expect(unwrap(open.storage.processesAt(WORKER, START_MS + 90_001))).toBeNull();
    expect(unwrap(open.storage.processesAt(WORKER, null))).toEqual(second);
  });

  test('are thinned to the newest of each ten seconds, whatever order they come in', () => {
    const open = openStorage();
    const atEach = [0, 2_000, 9_000, 10_000, 5_000].map((offset) => snapshot(START_MS + offset, process(offset)));
    open.append({ processes: atEach });
    expect(unwrap(open.storage.processesAt(WORKER, START_MS + 9_999))).toEqual(atEach[2]);
    expect(unwrap(open.storage.processesAt(WORKER, null))).toEqual(atEach[3]);
    const database = openReadable(join(open.dataDir, 'metrics.db'));
    expect(database.prepare('SELECT count(*) FROM process_snapshots').pluck().get()).toBe(2);
    database.close();
  });

  test('tell a process number that was given again from its owner before', () => {
    const open = openStorage();
    open.append({ processes: [snapshot(START_MS, process(7, { name: 'old' }))] });
    open.append({ processes: [snapshot(START_MS + 20_000, process(7, { name: 'new' }))] });
    expect(unwrap(open.storage.processesAt(WORKER, START_MS))?.processes[0]?.name).toBe('old');
    expect(unwrap(open.storage.processesAt(WORKER, null))?.processes[0]?.name).toBe('new');
  });
});
