/** Brings what there is into the view: all of the bars in sight, or where there is none, what ran last. */
import { call } from '../api.ts';
import { barOf, drawnEndMs } from './bars.ts';
import type { TimelineModel } from './timeline-model.ts';
import { barsInSight } from './timeline-words.ts';
import { fitted, type Span } from './viewport.ts';

const NEWEST = 200;

/** `f`: whole bars. Twice is as once, for what it shows has no other bars in it. */
export function fitInSight(model: TimelineModel): void {
  const nowMs = Date.now();
  const view = model.viewport.get();
  const spans: Span[] = [];
  for (const { rows } of model.lanes.get()) {
    for (const row of rows) {
      for (const bar of barsInSight(row, view)) spans.push({ fromMs: bar.fromMs, toMs: drawnEndMs(bar, nowMs) });
    }
  }
  if (spans.length === 0) void showNewest(model);
  else model.viewport.set(fitted(around(spans), nowMs));
}

/** False where nothing ran at all, or the app does not answer. */
export async function showNewest(model: TimelineModel): Promise<boolean> {
  const nowMs = Date.now();
  const answer = await call('attempts:between', { fromMs: 0, toMs: nowMs + 1, limit: NEWEST });
  if (!answer.ok || answer.value.attempts.length === 0) return false;
  const spans = answer.value.attempts.map(barOf).map((bar) => ({ fromMs: bar.fromMs, toMs: drawnEndMs(bar, nowMs) }));
  model.viewport.set(fitted(around(spans), nowMs));
  return true;
}

function around(spans: readonly Span[]): Span {
  let { fromMs, toMs } = spans[0] as Span;
  for (const span of spans) {
    fromMs = Math.min(fromMs, span.fromMs);
    toMs = Math.max(toMs, span.toMs);
  }
  return { fromMs, toMs };
}
