/** Pointer and keys on a plot: crosshair, drag or wheel to zoom, a click or Enter pins the moment. */
import { AXIS_WIDTH, RIGHT_ROOM } from './chart-instance.ts';
import type { Timeline } from './timeline.ts';

const WHEEL_STEP = 1.25;
const KEY_STEP = 1.6;
const DRAG_LEAST_PIXELS = 5;
const KEY_PIXELS = 8;

/** Listens on `plot` until the returned function is called; `selection` shows the span being dragged. */
export function attachChartPointer(plot: HTMLElement, selection: HTMLElement, timeline: Timeline): () => void {
  let dragFromX: number | null = null;

  const widthOf = () => Math.max(1, plot.clientWidth - AXIS_WIDTH - RIGHT_ROOM);
  const xOf = (event: MouseEvent) =>
    Math.min(widthOf(), Math.max(0, event.clientX - plot.getBoundingClientRect().left - AXIS_WIDTH));
  const atMsOf = (x: number) => {
    const { fromMs, toMs } = timeline.window(Date.now());
    return fromMs + (x / widthOf()) * (toMs - fromMs);
  };
  const showSelection = (x: number | null) => {
    const isDragged = x !== null && dragFromX !== null && Math.abs(x - dragFromX) >= DRAG_LEAST_PIXELS;
    selection.hidden = !isDragged;
    if (!isDragged) return;
    selection.style.left = `${AXIS_WIDTH + Math.min(x, dragFromX ?? x)}px`;
    selection.style.width = `${Math.abs(x - (dragFromX ?? x))}px`;
  };

  const listeners = {
    pointermove(event: PointerEvent) {
      timeline.hoveredAtMs.set(atMsOf(xOf(event)));
      showSelection(xOf(event));
    },
    pointerleave() {
      if (dragFromX === null) timeline.hoveredAtMs.set(null);
    },
    pointerdown(event: PointerEvent) {
      if (event.button !== 0) return;
      dragFromX = xOf(event);
      plot.setPointerCapture(event.pointerId);
    },
    pointerup(event: PointerEvent) {
      if (dragFromX === null) return;
      const [from, to] = [Math.min(dragFromX, xOf(event)), Math.max(dragFromX, xOf(event))];
      dragFromX = null;
      selection.hidden = true;
      if (to - from >= DRAG_LEAST_PIXELS) timeline.zoomTo({ fromMs: atMsOf(from), toMs: atMsOf(to) });
      else timeline.pinnedAtMs.set(atMsOf(to));
    },
    pointercancel() {
      dragFromX = null;
      selection.hidden = true;
    },
    dblclick() {
      timeline.resetZoom();
      timeline.pinnedAtMs.set(null);
    },
    wheel(event: WheelEvent) {
      // With a modifier it zooms; a plain wheel scrolls the page of charts unless the charts are already zoomed.
      if (!event.ctrlKey && !event.shiftKey && timeline.zoom.get() === null && !isFocused(plot)) return;
      event.preventDefault();
      const factor = (event.deltaY || event.deltaX) > 0 ? WHEEL_STEP : 1 / WHEEL_STEP;
      timeline.zoomAt(atMsOf(xOf(event)), factor, Date.now());
    },
    keydown(event: KeyboardEvent) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const { fromMs, toMs, bucketMs } = timeline.window(Date.now());
      const atMs = timeline.hoveredAtMs.get() ?? toMs;
      const stepMs = bucketMs * (event.shiftKey ? KEY_PIXELS * 8 : KEY_PIXELS);
      const move = (to: number) => timeline.hoveredAtMs.set(Math.min(toMs, Math.max(fromMs, to)));
      if (event.key === 'ArrowLeft') move(atMs - stepMs);
      else if (event.key === 'ArrowRight') move(atMs + stepMs);
      else if (event.key === '+' || event.key === '=') timeline.zoomAt(atMs, 1 / KEY_STEP, Date.now());
      else if (event.key === '-') timeline.zoomAt(atMs, KEY_STEP, Date.now());
      else if (event.key === 'Enter') timeline.pinnedAtMs.set(timeline.hoveredAtMs.get());
      else return;
      event.preventDefault();
    },
    blur() {
      timeline.hoveredAtMs.set(null);
    },
  };

  const entries = Object.entries(listeners) as [string, (event: Event) => void][];
  for (const [name, listener] of entries)
    plot.addEventListener(name, listener, { passive: name !== 'wheel' && name !== 'keydown' });
  return () => {
    for (const [name, listener] of entries) plot.removeEventListener(name, listener);
  };
}

function isFocused(plot: HTMLElement): boolean {
  return document.activeElement === plot;
}
