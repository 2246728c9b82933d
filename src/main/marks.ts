/**
 * Marks for the benchmark of the app: with LABWATCH_MARKS=FILE each mark is appended there as one JSON line, with
 * LABWATCH_MARK_LOOP=1 also the delay of the event loop. Without the variables nothing is measured.
 */
import { appendFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const file = process.env.LABWATCH_MARKS;
const LOOP_INTERVAL_MS = 10_000;
const NS_PER_MS = 1e6;

export function mark(name: string, about: Readonly<Record<string, unknown>> = {}): void {
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ mark: name, atMs: Date.now(), ...about })}\n`);
}

/** Marks the p99 delay of this thread's event loop every ten seconds. Watching it costs 1.5 % of a core: never by the way. */
export function markLoopDelay(): void {
  if (process.env.LABWATCH_MARK_LOOP !== '1') return;
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  setInterval(() => {
    mark('loop-p99-ms', { value: delay.percentile(99) / NS_PER_MS });
    delay.reset();
  }, LOOP_INTERVAL_MS).unref();
}
