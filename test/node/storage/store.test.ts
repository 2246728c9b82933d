/** The store as the engine holds it: a thread behind a port. */
import { existsSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { StorageNotice } from '../../../src/core/storage-report.ts';
import type { Store } from '../../../src/engine/ports.ts';
import { createThreadedStore, type ThreadedStoreOptions } from '../../../src/node/storage/store.ts';
import {
  CPU,
  createTestClock,
  MEMORY,
  START_MS,
  temporaryFolder,
  tick,
  ticksEachSecond,
  unwrap,
  WORKER,
} from './storage-fixture.ts';
import { anAttempt, aRun, aTask, records } from './task-records.ts';

function createStore(options: Partial<ThreadedStoreOptions> = {}): Store {
  // Close to the samples' own time, so that none is too old to be kept.
  const clock = createTestClock(START_MS + 600_000);
  const store = createThreadedStore({ dataDir: temporaryFolder(), clock, ...options });
  onTestFinished(() => store.dispose());
  return store;
}

/** Transactions in a log (sqlite.org/fileformat2.html, 4.1): a frame that ends one says how large the database is then. */
function commitsIn(path: string): number {
  const log = readFileSync(path);
  const frameBytes = 24 + log.readUInt32BE(8);
  let commits = 0;
  for (let at = 32; at + frameBytes <= log.length; at += frameBytes) if (log.readUInt32BE(at + 4) > 0) commits += 1;
  return commits;
}

const request = {
  workerId: WORKER,
  seriesKeys: [CPU, MEMORY],
  fromMs: START_MS,
  toMs: START_MS + 600_000,
  maxPoints: 5_000,
};

describe('the threaded store', () => {
  test('answers with everything that was appended before the question', async () => {
    const store = createStore();
    unwrap(await store.open());
    const counts = [];
    for (let minute = 0; minute < 5; minute += 1) {
      store.append(WORKER, { ticks: ticksEachSecond(START_MS + minute * 60_000, 60) });
      counts.push(store.history(request).then((history) => unwrap(history).series[0]?.atMs.length));
    }
    expect(await Promise.all(counts)).toEqual([60, 120, 180, 240, 300]);
  });

  test('keeps what was appended when it is closed, and opens it again', async () => {
    const dataDir = temporaryFolder();
    const store = createStore({ dataDir });
    const opened = unwrap(await store.open());
    for (const one of ticksEachSecond(START_MS, 100)) store.append(WORKER, { ticks: [one] });
    await store.dispose();
    expect(existsSync(join(dataDir, 'metrics.db-wal'))).toBe(false);
    const again = createStore({ dataDir });
    expect(unwrap(await again.open()).localWorker).toEqual(opened.localWorker);
    expect(unwrap(await again.history(request)).series[0]?.atMs.length).toBe(100);
  });

  test('saves tasks that come at the same moment in few transactions, each answered once it is on disk', async () => {
    const dataDir = temporaryFolder();
    const store = createStore({ dataDir });
    unwrap(await store.open());
    unwrap(await store.saveTasks(records({ runs: [aRun()] })));
    const before = commitsIn(join(dataDir, 'fleet.db-wal'));
    // The thread has something to do while the others arrive.
    const answers = [store.usage(), ...[1, 2, 3].map(() => store.series(WORKER))] as Promise<{
      readonly ok: boolean;
    }>[];
    for (let sequence = 1; sequence <= 200; sequence += 1) {
      const attempts = sequence === 100 ? [anAttempt(999)] : [];
      answers.push(store.saveTasks(records({ tasks: [aTask(sequence)], attempts })));
    }
    const refused = (await Promise.all(answers)).flatMap((answer, index) => (answer.ok ? [] : [index - 3]));
    expect(refused).toEqual([100]);
    expect(unwrap(await store.openTasks()).tasks).toHaveLength(199);
    const commits = commitsIn(join(dataDir, 'fleet.db-wal')) - before;
    expect(commits).toBeGreaterThan(0);
    expect(commits).toBeLessThan(50);
  });

  test('leaves the arrays it was given to their owner', async () => {
    const store = createStore();
    unwrap(await store.open());
    const one = tick(START_MS, 0.25);
    store.append(WORKER, { ticks: [one] });
    one.values.fill(0.75);
    expect([...(unwrap(await store.history(request)).series[0]?.mean ?? [])]).toEqual([0.25]);
    expect(one.values).toEqual(Float64Array.of(0.75));
  });

  test('follows sets of series that change with every tick', async () => {
    const store = createStore();
    unwrap(await store.open());
    for (let second = 0; second < 2_500; second += 1) {
      const values = { [CPU]: 0.5, [`hw.temperature{hw.id=s${second}}`]: 40 };
      store.append(WORKER, { ticks: [tick(START_MS + second * 100, values)] });
    }
    expect(unwrap(await store.history(request)).series[0]?.atMs.length).toBe(2_500);
    expect(unwrap(await store.series(WORKER))).toHaveLength(2_501);
  });

  test('does its upkeep by itself', async () => {
    const clock = createTestClock(START_MS + 7_200_000);
    const store = createStore({ clock });
    unwrap(await store.open());
    store.append(WORKER, { ticks: ticksEachSecond(START_MS, 3_600) });
    await vi.waitFor(async () => expect(unwrap(await store.usage()).projectedBytes).not.toBeNull(), {
      timeout: 60_000,
    });
    expect(unwrap(await store.usage())).toMatchObject({
      sampleCount: 7_200,
      seriesCount: 2,
      oldestSampleAtMs: START_MS,
    });
  });

  test('dates settings and notices by the clock it was given', async () => {
    const dataDir = temporaryFolder();
    const store = createStore({ dataDir, clock: createTestClock(START_MS) });
    unwrap(await store.open());
    await store.dispose();
    truncateSync(join(dataDir, 'metrics.db'), 5_000);
    const again = createStore({ dataDir, clock: createTestClock(START_MS + 5) });
    const told: (readonly StorageNotice[])[] = [];
    again.onNotices((notices) => told.push(notices));
    const { notices } = unwrap(await again.open());
    expect(notices).toMatchObject([{ kind: 'metrics-set-aside', atMs: START_MS + 5 }]);
    expect(told).toEqual([notices]);
  });

  test('starts its thread again when it dies, and nothing that was handed over is lost or there twice', async () => {
    const warnings: string[] = [];
    const log = { info() {}, warn() {}, error: (message: string) => void warnings.push(message) };
    const store = createStore({ entry: new URL('./dying-thread.ts', import.meta.url), log });
    unwrap(await store.open());
    let appended = 0;
    const appendOne = async (): Promise<void> => {
      const answer = store.processesAt(WORKER, null);
      store.append(WORKER, { ticks: ticksEachSecond(START_MS + appended * 1_000, 1) });
      appended += 1;
      unwrap(await answer);
    };
    while (!warnings.includes('The store thread failed.')) await appendOne();
    for (const end = appended + 20; appended < end; ) await appendOne();
    const whole = { ...request, toMs: START_MS + appended * 1_000, maxPoints: 1_000 };
    const [cpu] = unwrap(await store.history(whole)).series;
    expect([...(cpu?.count ?? [])].reduce((sum, count) => sum + count, 0)).toBe(appended);
  });

  test('says so when its thread cannot run at all', async () => {
    const warnings: string[] = [];
    const log = { info() {}, warn() {}, error: (message: string) => void warnings.push(message) };
    const store = createStore({ entry: new URL('./no-such-thread.ts', import.meta.url), log });
    expect(await store.open()).toMatchObject({ ok: false, error: { code: 'unavailable' } });
    store.append(WORKER, { ticks: [tick(START_MS, 1)] });
    expect(await store.usage()).toMatchObject({ ok: false, error: { code: 'unavailable' } });
    expect(warnings.at(-1)).toBe('The store thread does not stay up; nothing is stored any more.');
  });

  test('answers that it is unavailable once closed, and closes twice without harm', async () => {
    const store = createStore();
    unwrap(await store.open());
    await store.dispose();
    await store.dispose();
    store.append(WORKER, { ticks: [tick(START_MS, 1)] });
    expect(await store.usage()).toMatchObject({ ok: false, error: { code: 'unavailable' } });
  });

  test.runIf(process.platform === 'linux')('keeps SQLite’s library in the process when its thread ends', async () => {
    const store = createStore();
    unwrap(await store.open());
    await store.dispose();
    expect(readFileSync('/proc/self/maps', 'utf8')).toMatch(/better-sqlite3.*\.node/);
  });

  test('says what is wrong in a Result when used before it was opened', async () => {
    expect(await createStore().usage()).toMatchObject({ ok: false, error: { code: 'internal' } });
  });
});
