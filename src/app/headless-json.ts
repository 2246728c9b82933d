/**
 * `labwatch headless --json`: a line a tick.
 *
 * `{ atMs, workerId, worker, level, figures, values }`: `figures` as in `labwatch status` (ratios 0..1, bytes, °C, W,
 * seconds), `values` every series read in this tick in the unit of `docs/metrics.md`. A reader that is too slow costs
 * ticks, never memory: `skippedTicks` on the next line says how many.
 */
import type { WorkerId } from '../core/fleet/worker.ts';
import type { Tick } from '../core/metrics/sample.ts';
import type { Disposable } from '../core/time.ts';
import type { Instance } from './instance.ts';

const MOST_UNREAD_BYTES = 4 * 1024 * 1024;

export function writeJsonLines(instance: Instance, output: NodeJS.WritableStream): Disposable {
  let skippedTicks = 0;
  return instance.monitor.onBatch((workerId, batch) => {
    for (const tick of batch.ticks ?? []) {
      if ((output as NodeJS.WriteStream).writableLength > MOST_UNREAD_BYTES) skippedTicks += 1;
      else {
        output.write(tickLine(instance, workerId, tick, skippedTicks));
        skippedTicks = 0;
      }
    }
  });
}

function tickLine(instance: Instance, workerId: WorkerId, tick: Tick, skippedTicks: number): string {
  const worker = instance.monitor.worker(workerId);
  const values = Object.fromEntries(tick.seriesKeys.map((key, index) => [key, tick.values[index]]));
  const skipped = skippedTicks > 0 ? { skippedTicks } : {};
  const about = { workerId, worker: worker?.name, level: worker?.level, figures: worker?.figures };
  return `${JSON.stringify({ atMs: tick.atMs, ...about, values, ...skipped })}\n`;
}
