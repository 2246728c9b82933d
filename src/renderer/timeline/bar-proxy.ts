/**
 * The bar that the keys stand on, as an element over the canvas: it can be focused and read aloud. There is one, moved from
 * bar to bar, so that ten thousand bars cost no ten thousand elements.
 */
import type { WorkerId } from '../../core/fleet/worker.ts';
import type { AttemptId } from '../../core/tasks/task.ts';
import type { Disposable } from '../../core/time.ts';
import { type BarPlace, newestPlace, placeOf } from './bar-steps.ts';
import { drawnEndMs } from './bars.ts';
import { type Lane, rowTop } from './lanes.ts';
import { showBar, stepBar } from './scene-keys.ts';
import { headHeight, pixelAt, type TimelineModel } from './timeline-model.ts';
import { barSentence } from './timeline-words.ts';
import type { Viewport } from './viewport.ts';

export interface BarProxy extends Disposable {
  /** To where its bar was drawn. */
  place(view: Viewport, nowMs: number): void;
  focus(): void;
  showSelected(): void;
  dispose(): void;
}

interface Elements {
  readonly button: HTMLButtonElement;
  readonly plot: HTMLElement;
  readonly scroller: HTMLElement;
  /** Read aloud when its text changes. */
  readonly said: HTMLElement;
}

const LEAST_WIDTH = 6;

export function createBarProxy(
  model: TimelineModel,
  { button, plot, scroller, said }: Elements,
  nameOf: (workerId: WorkerId) => string,
): BarProxy {
  let label = '';
  /** Somebody stood on it: then it stays, also when newer ones come. */
  let isChosen = false;

  let known: { readonly lanes: readonly Lane[]; readonly id: AttemptId; readonly place: BarPlace | null } | null = null;

  /** Looked for once among all bars, not at each frame. */
  function here(): BarPlace | null {
    const [lanes, id] = [model.lanes.get(), model.current.get()];
    if (id === null) return null;
    if (known?.lanes !== lanes || known.id !== id) known = { lanes, id, place: placeOf(lanes, id) };
    return known.place;
  }

  /** Where nobody stands on a bar, the keys begin at the one that is chosen, or the newest. */
  function choose(): void {
    const lanes = model.lanes.get();
    if (document.activeElement === button && here() !== null) return;
    const chosen = model.selected.get()?.attemptId ?? null;
    const place = (chosen === null ? null : placeOf(lanes, chosen)) ?? (isChosen ? here() : null) ?? newestPlace(lanes);
    model.current.set(place?.bar.attempt.attemptId ?? null);
  }

  function place(view: Viewport, nowMs: number): void {
    const found = here();
    button.hidden = found === null;
    if (found === null) return;
    const { lane, row, bar } = found;
    const size = model.plot.get();
    const top = headHeight(model.waiting.get());
    const clampX = (x: number) => Math.min(size.width - LEAST_WIDTH, Math.max(0, x));
    const left = clampX(pixelAt(view, size, bar.fromMs));
    const right = Math.min(size.width, Math.max(left + LEAST_WIDTH, pixelAt(view, size, drawnEndMs(bar, nowMs))));
    const y = top + rowTop(lane, row) - model.scrolledPixels.get();
    button.style.transform = `translate(${left}px, ${Math.min(size.height - lane.barHeight, Math.max(top, y))}px)`;
    button.style.width = `${right - left}px`;
    button.style.height = `${lane.barHeight}px`;
    const next = barSentence(bar, nameOf(bar.attempt.workerId), nowMs);
    if (next === label) return;
    label = next;
    button.setAttribute('aria-label', next);
  }

  /** The focus stays on the one button: that it stands on another bar now must be told. */
  function say(): void {
    place(model.viewport.get(), Date.now());
    said.textContent = label;
  }

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Escape' && model.selected.get() === null) plot.focus();
    else if (stepBar(model, scroller, event.key) !== null) say();
    else if (!event.key.startsWith('Arrow')) return;
    event.preventDefault();
    event.stopPropagation();
  };
  const onFocus = () => {
    isChosen = true;
    const found = here();
    if (found !== null) showBar(model, scroller, found);
  };
  const onClick = () => {
    const attempt = here()?.bar.attempt;
    if (attempt !== undefined) model.selected.set({ taskId: attempt.taskId, attemptId: attempt.attemptId });
  };
  button.addEventListener('keydown', onKeyDown);
  button.addEventListener('focus', onFocus);
  button.addEventListener('click', onClick);
  const stops = [model.lanes.subscribe(choose), model.selected.subscribe(choose)];
  choose();

  return {
    place,
    focus() {
      choose();
      button.focus();
    },
    showSelected() {
      const id = model.selected.get()?.attemptId ?? null;
      const found = id === null ? null : placeOf(model.lanes.get(), id);
      if (found !== null) showBar(model, scroller, found);
    },
    dispose() {
      button.removeEventListener('keydown', onKeyDown);
      button.removeEventListener('focus', onFocus);
      button.removeEventListener('click', onClick);
      for (const stop of stops) stop();
    },
  };
}
