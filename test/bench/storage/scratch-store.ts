/** Stores for benches, in a folder that is gone afterwards. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tick } from '../../../src/core/metrics/sample.ts';
import type { Result } from '../../../src/core/result.ts';
import { HOUR_MS } from '../../../src/core/time.ts';
import { createKeySets } from '../../../src/node/storage/key-sets.ts';
import type { Delivery } from '../../../src/node/storage/messages.ts';
import { createStorage, type Storage } from '../../../src/node/storage/storage.ts';
import { systemClock } from '../../../src/node/system-clock.ts';
import { BENCH_WORKER } from './day-of-ticks.ts';

export async function inScratchFolder<Value>(work: (folder: string) => Value | Promise<Value>): Promise<Value> {
  const folder = mkdtempSync(join(tmpdir(), 'labwatch-bench-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export interface ScratchStorage {
  readonly storage: Storage;
  append(ticks: readonly Tick[]): void;
  /** All upkeep that is due, at once: what waits for its next look does not. */
  settle(): void;
}

/** The store without its thread, so that upkeep runs when the bench says so. */
export function openStorage(dataDir: string): ScratchStorage {
  const silent = { info() {}, warn() {}, error: console.error };
  let skippedMs = 0;
  const clock = { nowMs: systemClock.nowMs, monotonicMs: () => systemClock.monotonicMs() + skippedMs };
  const storage = createStorage({ dataDir, clock, log: silent, onNotices() {} });
  unwrap(storage.open());
  const keySets = createKeySets((request) => {
    if (request.kind === 'key-set') storage.nameKeySet(request.id, request.seriesKeys);
  });
  return {
    storage,
    append(ticks) {
      const delivery: Delivery = {
        workerId: BENCH_WORKER,
        ticks: keySets.columnsOf(ticks),
        processes: [],
        inventory: null,
        events: [],
      };
      storage.append([delivery]);
    },
    settle() {
      skippedMs += HOUR_MS;
      while (storage.work());
    },
  };
}

export function unwrap<Value>(result: Result<Value>): Value {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return result.value;
}

export function countSamples(ticks: readonly Tick[]): number {
  return ticks.reduce((sum, tick) => sum + tick.values.length, 0);
}
