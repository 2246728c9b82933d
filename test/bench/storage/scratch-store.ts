/** Stores for benches, in a folder that is gone afterwards. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tick } from '../../../src/core/metrics/sample.ts';
import type { Result } from '../../../src/core/result.ts';
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

/** The store without its thread, so that upkeep runs when the bench says so. */
export function openStorage(dataDir: string): {
  readonly storage: Storage;
  readonly append: (ticks: readonly Tick[]) => void;
} {
  const silent = { info() {}, warn() {}, error: console.error };
  const storage = createStorage({ dataDir, clock: systemClock, log: silent, onNotices() {} });
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
  };
}

export function unwrap<Value>(result: Result<Value>): Value {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return result.value;
}

export function countSamples(ticks: readonly Tick[]): number {
  return ticks.reduce((sum, tick) => sum + tick.values.length, 0);
}
