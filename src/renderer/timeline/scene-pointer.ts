/** The pointer on the plot: the wheel zooms where it is, a drag pans, a click chooses a bar or opens a piece of many. */

import { drawnEndMs } from './bars.ts';
import { hitAt } from './lanes.ts';
import { waitingAt } from './queue.ts';
import { AXIS_HEIGHT, type Hovered, headHeight, pixelAt, type TimelineModel, timeAt } from './timeline-model.ts';
import { fitted, panned, type Viewport, zoomed } from './viewport.ts';

/** A notch of a wheel is 100 or 120. */
const ZOOM_A_PIXEL = 0.0022;
/** What one event may do at most, whatever it tells. */
const MOST_ZOOM = 2;
/** Lines, where a wheel tells those. */
const LINE_PIXELS = 32;
const DRAG_PIXELS = 4;

export interface PointerParts {
  readonly plot: HTMLElement;
  /** Scrolls the lanes. */
  readonly scroller: HTMLElement;
}

/** Listens until the returned function is called. */
export function attachScenePointer(model: TimelineModel, { plot, scroller }: PointerParts): () => void {
  let drag: { readonly x: number; readonly y: number; readonly view: Viewport; readonly scrolled: number } | null =
    null;
  let isDragging = false;

  const placeOf = (event: MouseEvent) => {
    const box = plot.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };

  function hoveredAt(event: MouseEvent): Hovered | null {
    const { x, y } = placeOf(event);
    const nowMs = Date.now();
    const waiting = model.waiting.get();
    const shown = { view: model.viewport.get(), widthPixels: model.plot.get().width, nowMs };
    const top = headHeight(waiting);
    if (y < top) {
      const taskId = waitingAt(waiting, { x, y: y - AXIS_HEIGHT }, shown);
      const task = waiting.find((one) => one.taskId === taskId);
      return task === undefined ? null : { kind: 'waiting', task, x, y };
    }
    const hit = hitAt(model.lanes.get(), { x, y: y - top + model.scrolledPixels.get() }, shown);
    return hit === null ? null : { kind: 'piece', ...hit, x, y };
  }

  function dragTo(event: PointerEvent): void {
    if (drag === null) return;
    const { x, y } = placeOf(event);
    isDragging ||= Math.hypot(x - drag.x, y - drag.y) >= DRAG_PIXELS;
    if (!isDragging) return;
    plot.dataset.dragging = 'true';
    model.hovered.set(null);
    const { fromMs, toMs } = drag.view;
    const shiftMs = ((drag.x - x) / Math.max(1, model.plot.get().width)) * (toMs - fromMs);
    // A drag that only goes up or down leaves the time to itself.
    if (Math.abs(x - drag.x) >= DRAG_PIXELS || model.viewport.get() !== drag.view)
      model.viewport.set(panned(drag.view, shiftMs, Date.now()));
    scroller.scrollTop = drag.scrolled + drag.y - y;
  }

  function choose(event: PointerEvent): void {
    const hovered = hoveredAt(event);
    if (hovered === null) return;
    if (hovered.kind === 'waiting') {
      model.selected.set({ taskId: hovered.task.taskId, attemptId: null });
      return;
    }
    const { piece, lane, row } = hovered;
    const { attemptId, taskId } = piece.bar.attempt;
    if (piece.count === 1) {
      model.current.set(attemptId);
      model.selected.set({ taskId, attemptId });
      return;
    }
    const bars = lane.rows[row]?.bars.slice(piece.index, piece.index + piece.count) ?? [];
    const nowMs = Date.now();
    const toMs = Math.max(...bars.map((bar) => drawnEndMs(bar, nowMs)));
    model.viewport.set(fitted({ fromMs: piece.bar.fromMs, toMs }, nowMs));
  }

  const listeners = {
    pointerdown(event: PointerEvent) {
      // A button over the plot is its own.
      if (event.button !== 0 || (event.target as Element).closest('button') !== null) return;
      drag = { ...placeOf(event), view: model.viewport.get(), scrolled: scroller.scrollTop };
      isDragging = false;
      plot.setPointerCapture(event.pointerId);
    },
    pointermove(event: PointerEvent) {
      if (drag !== null) {
        dragTo(event);
        return;
      }
      const next = hoveredAt(event);
      plot.dataset.over = next === null ? 'nothing' : 'bar';
      model.hovered.set(next);
    },
    pointerup(event: PointerEvent) {
      if (drag !== null && !isDragging) choose(event);
      endDrag();
    },
    pointercancel: endDrag,
    pointerleave() {
      if (drag === null) model.hovered.set(null);
    },
    wheel(event: WheelEvent) {
      // Alt leaves the wheel to the lanes, which it scrolls.
      if (event.altKey) return;
      event.preventDefault();
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : LINE_PIXELS;
      const view = model.viewport.get();
      const nowMs = Date.now();
      const sideways = (event.shiftKey ? event.deltaX || event.deltaY : event.deltaX) * unit;
      if (sideways !== 0 && (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY))) {
        const pixelMs = (view.toMs - view.fromMs) / Math.max(1, model.plot.get().width);
        model.viewport.set(panned(view, sideways * pixelMs, nowMs));
        return;
      }
      const factor = Math.exp(event.deltaY * unit * ZOOM_A_PIXEL);
      const bounded = Math.min(MOST_ZOOM, Math.max(1 / MOST_ZOOM, factor));
      model.viewport.set(zoomed(view, anchorAt(placeOf(event).x, view), bounded, nowMs));
      model.hovered.set(null);
    },
  };

  /** Near to now, a view that follows it is zoomed at now itself: so it goes on following. */
  function anchorAt(x: number, view: Viewport): number {
    const nowMs = Date.now();
    const isNearNow = view.nowShare !== null && Math.abs(pixelAt(view, model.plot.get(), nowMs) - x) < 12;
    return isNearNow ? nowMs : timeAt(view, model.plot.get(), x);
  }

  function endDrag(): void {
    drag = null;
    isDragging = false;
    delete plot.dataset.dragging;
  }

  const entries = Object.entries(listeners) as [string, (event: Event) => void][];
  for (const [name, listener] of entries) plot.addEventListener(name, listener, { passive: name !== 'wheel' });
  return () => {
    for (const [name, listener] of entries) plot.removeEventListener(name, listener);
  };
}
