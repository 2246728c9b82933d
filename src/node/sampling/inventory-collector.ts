/**
 * The inventory as a collector: read once, a moment after the first ticks were sent, and again on request.
 *
 * systeminformation starts programs and shells, some of them synchronously. So it is asked aside (`inventory-reading.ts`):
 * no tick waits for it, and its memory is given back.
 */
import type { Inventory } from '../../core/fleet/inventory.ts';
import { type Collector, failing, OK, type ReadContext, type Sink } from './collector.ts';
import type { InventoryReading, StartInventoryReading } from './inventory-reading.ts';

const TIME_LIMIT_MS = 60_000;
const AFTER_START_MS = 1_500;
/** What failed this often is not tried again until someone asks. */
const MOST_ATTEMPTS = 3;

type Job =
  | { readonly kind: 'running'; readonly reading: InventoryReading; readonly sinceMs: number }
  | { readonly kind: 'done'; readonly inventory: Inventory }
  | { readonly kind: 'failed'; readonly reason: string };

export interface InventoryCollector extends Collector {
  refresh(): void;
}

export function inventoryCollector(startReading: StartInventoryReading): InventoryCollector {
  let job: Job | null = null;
  let isWanted = true;
  let attempts = 0;
  let firstReadAtMs: number | null = null;

  function start(nowMs: number): void {
    attempts += 1;
    isWanted = false;
    const reading = startReading();
    job = { kind: 'running', reading, sinceMs: nowMs };
    const isMine = () => job?.kind === 'running' && job.reading === reading;
    reading.answer.then(
      (inventory) => {
        if (isMine()) job = { kind: 'done', inventory };
      },
      (error: Error) => {
        if (isMine()) job = { kind: 'failed', reason: error.message };
      },
    );
  }

  function endJob(): void {
    if (job?.kind !== 'running') return;
    job.reading.end();
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
