/**
 * The inventory as a collector: read once, a moment after the first ticks were sent, and again on request.
 *
 * systeminformation starts programs and shells, some of them synchronously. So it runs on a thread of its own that is
 * ended afterwards: no tick waits for it, and its memory is given back.
 */
import { Worker } from 'node:worker_threads';
import type { Inventory } from '../../core/fleet/inventory.ts';
import { threadEntry } from '../thread.ts';
import { type Collector, failing, OK, type ReadContext, type Sink } from './collector.ts';
import type { ThreadTask } from './wire.ts';

const TIME_LIMIT_MS = 60_000;
const AFTER_START_MS = 1_500;
/** What failed this often is not tried again until someone asks. */
const MOST_ATTEMPTS = 3;

type Job =
  | { readonly kind: 'running'; readonly worker: Worker; readonly sinceMs: number }
  | { readonly kind: 'done'; readonly inventory: Inventory }
  | { readonly kind: 'failed'; readonly reason: string };

export interface InventoryCollector extends Collector {
  refresh(): void;
}

export function inventoryCollector(task: ThreadTask): InventoryCollector {
  let job: Job | null = null;
  let isWanted = true;
  let attempts = 0;
  let firstReadAtMs: number | null = null;

  function start(nowMs: number): void {
    attempts += 1;
    isWanted = false;
    const worker = new Worker(threadEntry('sampler-thread'), {
      workerData: { ...task, role: 'inventory' } satisfies ThreadTask,
      name: 'inventory',
    });
    job = { kind: 'running', worker, sinceMs: nowMs };
    const isMine = () => job?.kind === 'running' && job.worker === worker;
    worker.on('message', (inventory: Inventory) => {
      if (isMine()) job = { kind: 'done', inventory };
    });
    worker.on('error', (error) => {
      if (isMine()) job = { kind: 'failed', reason: error.message };
    });
    worker.on('exit', () => {
      if (isMine()) job = { kind: 'failed', reason: 'It ended without an answer.' };
    });
  }

  function endJob(): void {
    if (job?.kind !== 'running') return;
    void job.worker.terminate();
    job.worker.unref();
    job = null;
  }

  function afterFailure(reason: string) {
    job = null;
    isWanted = attempts < MOST_ATTEMPTS;
    return failing(`The inventory could not be read: ${reason}`);
  }

  return {
    name: 'inventory',
    leastLevel: 'basic',
    cadenceMs: () => null,
    timeLimitMs: TIME_LIMIT_MS,
    isInFirstTick: false,
    detect: () => OK,
    read(sink: Sink, context: ReadContext) {
      const nowMs = context.monotonicMs();
      firstReadAtMs ??= nowMs;
      if (isWanted && job === null && nowMs - firstReadAtMs >= AFTER_START_MS) start(nowMs);
      switch (job?.kind) {
        case 'done':
          sink.putInventory(job.inventory);
          job = null;
          attempts = 0;
          return OK;
        case 'failed':
          return afterFailure(job.reason);
        case 'running':
          if (nowMs - job.sinceMs < TIME_LIMIT_MS) return OK;
          endJob();
          return afterFailure(`no answer within ${TIME_LIMIT_MS / 1_000} s.`);
        default:
          return OK;
      }
    },
    refresh() {
      isWanted = true;
      attempts = 0;
    },
    reset() {},
    dispose: endJob,
  };
}
