/** Real databases in a folder of their own, with a clock that only a test moves. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type WorkerId, workerId } from '../../../src/core/fleet/worker.ts';
import type { SampleBatch, Tick } from '../../../src/core/metrics/sample.ts';
import { type SeriesKey, seriesKey } from '../../../src/core/metrics/series.ts';
import type { Result } from '../../../src/core/result.ts';
import type { StorageNotice } from '../../../src/core/storage-report.ts';
import type { Clock } from '../../../src/core/time.ts';
import type { StoreOpened } from '../../../src/engine/ports.ts';
import { createKeySets } from '../../../src/node/storage/key-sets.ts';
import { createStorage, type Storage, type StorageOptions } from '../../../src/node/storage/storage.ts';

/** A Tuesday at 10:00 UTC: an aligned hour. */
export const START_MS = Date.UTC(2026, 2, 3, 10);

export const WORKER = workerId('00000000-0000-4000-8000-000000000001');
export const CPU = seriesKey('system.cpu.utilization');
export const MEMORY = seriesKey('system.memory.usage', { 'system.memory.state': 'used' });

export interface TestClock extends Clock {
  set(nowMs: number): void;
  advance(ms: number): void;
}

/** Wall and monotonic time move together with `advance`; `set` moves the wall alone. */
export function createTestClock(startMs = START_MS): TestClock {
  let nowMs = startMs;
  let monotonicMs = 1_000;
  return {
    nowMs: () => nowMs,
    monotonicMs: () => monotonicMs,
    set: (ms) => {
      nowMs = ms;
    },
    advance: (ms) => {
      nowMs += ms;
      monotonicMs += ms;
    },
  };
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'labwatch-storage-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface OpenStorage {
  readonly storage: Storage;
  readonly clock: TestClock;
  readonly dataDir: string;
  readonly opened: StoreOpened;
  readonly logged: readonly string[];
  notices(): readonly StorageNotice[];
  append(batch: SampleBatch, worker?: WorkerId): void;
  /** Upkeep until nothing is left to do at the clock's present time. */
  settle(): void;
}

export function openStorage(options: Partial<StorageOptions> & { readonly clock?: TestClock } = {}): OpenStorage {
  const clock = options.clock ?? createTestClock();
  const dataDir = options.dataDir ?? temporaryFolder();
  const logged: string[] = [];
  const line = (message: string): void => void logged.push(message);
  let notices: readonly StorageNotice[] = [];
  const storage = createStorage({
    log: { info: line, warn: line, error: line },
    onNotices: (current) => {
      notices = current;
    },
    ...options,
    dataDir,
    clock,
  });
  const opened = unwrap(storage.open());
  onTestFinished(() => storage.close());
  const keySets = createKeySets((request) => {
    if (request.kind === 'key-set') storage.nameKeySet(request.id, request.seriesKeys);
    if (request.kind === 'forget-key-sets') storage.forgetKeySets(request.below);
  });
  return {
    storage,
    clock,
    dataDir,
    opened,
    logged,
    notices: () => notices,
    append(batch, worker = WORKER) {
      storage.append([
        {
          workerId: worker,
          ticks: keySets.columnsOf(batch.ticks ?? []),
          processes: batch.processes ?? [],
          inventory: batch.inventory ?? null,
          events: batch.events ?? [],
        },
      ]);
    },
    settle() {
      while (storage.work());
    },
  };
}

export function unwrap<Value>(result: Result<Value>): Value {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return result.value;
}

/** One tick of one series unless told otherwise. */
export function tick(atMs: number, values: Readonly<Record<SeriesKey, number>> | number): Tick {
  const readings: Readonly<Record<string, number>> = typeof values === 'number' ? { [CPU]: values } : values;
  return {
    atMs,
    seriesKeys: Object.keys(readings) as SeriesKey[],
    values: Float64Array.from(Object.values(readings)),
  };
}

/** A tick a second from `fromMs`: `value(index)` of the processor, and memory rising by a page each. */
export function ticksEachSecond(fromMs: number, count: number, value = (index: number) => (index % 100) / 100): Tick[] {
  const seriesKeys = [CPU, MEMORY];
  return Array.from({ length: count }, (_, index) => ({
    atMs: fromMs + index * 1_000,
    seriesKeys,
    values: Float64Array.of(value(index), 4_294_967_296 + index * 4_096),
  }));
}
