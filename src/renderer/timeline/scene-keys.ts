/** Keys on the plot: arrows pan and zoom; on a bar they go to the next one, and Enter opens it. */
import type { BarPlace, Step } from './bar-steps.ts';
import { placeOf, stepFrom } from './bar-steps.ts';
import { drawnEndMs } from './bars.ts';
import { rowTop } from './lanes.ts';
import { headHeight, type TimelineModel } from './timeline-model.ts';
import { panned, showing, zoomed } from './viewport.ts';

const PAN_SHARE = 0.1;
const ZOOM_STEP = 1.4;

/** Whether the key did something. */
export function moveTime(model: TimelineModel, key: string): boolean {
  const view = model.viewport.get();
  const nowMs = Date.now();
  const stepMs = PAN_SHARE * (view.toMs - view.fromMs);
  // A view that follows now goes on doing so.
  const middleMs = view.nowShare === null ? (view.fromMs + view.toMs) / 2 : nowMs;
  if (key === 'ArrowLeft') model.viewport.set(panned(view, -stepMs, nowMs));
  else if (key === 'ArrowRight') model.viewport.set(panned(view, stepMs, nowMs));
  else if (key === 'ArrowUp' || key === '+' || key === '=')
    model.viewport.set(zoomed(view, middleMs, 1 / ZOOM_STEP, nowMs));
  else if (key === 'ArrowDown' || key === '-') model.viewport.set(zoomed(view, middleMs, ZOOM_STEP, nowMs));
  else return false;
  return true;
}

const STEPS: Readonly<Record<string, Step>> = {
  ArrowLeft: 'earlier',
  ArrowRight: 'later',
  ArrowUp: 'up',
  ArrowDown: 'down',
  Home: 'first',
  End: 'last',
};

/** The bar that the key leads to, brought into sight; null where the key leads nowhere. */
export function stepBar(model: TimelineModel, scroller: HTMLElement, key: string): BarPlace | null {
  const step = STEPS[key];
  const currentId = model.current.get();
  const lanes = model.lanes.get();
  const from = currentId === null ? null : placeOf(lanes, currentId);
  const to = step === undefined || from === null ? null : stepFrom(lanes, from, step, Date.now());
  if (to === null) return null;
  model.current.set(to.bar.attempt.attemptId);
  showBar(model, scroller, to);
  return to;
}

/** Pans and scrolls as little as needed. */
export function showBar(model: TimelineModel, scroller: HTMLElement, { lane, row, bar }: BarPlace): void {
  const nowMs = Date.now();
  model.viewport.set(showing(model.viewport.get(), { fromMs: bar.fromMs, toMs: drawnEndMs(bar, nowMs) }, nowMs));
  const top = rowTop(lane, row);
  const room = model.plot.get().height - headHeight(model.waiting.get()) - lane.barHeight;
  if (top < scroller.scrollTop) scroller.scrollTop = lane.top;
  else if (top > scroller.scrollTop + room) scroller.scrollTop = top - room + lane.barHeight;
}
