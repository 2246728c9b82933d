/**
 * The window's pulse: everything that changes by itself is drawn together, at most once a second.
 *
 * Several pushes a second would each cost a style, paint and raster pass in every process; gathered into one they cost
 * one. A beat follows the data (30 ms later, so that patches and ticks of one reading share it) and comes by itself when
 * none arrives, so that ages go on counting. Nothing beats while the window is hidden.
 */
import type { Disposable } from '../../core/time.ts';

const LEAST_INTERVAL_MS = 1_000;
const GATHER_MS = 30;
const IDLE_MS = 1_500;

type BeatListener = (nowMs: number) => void;

const drawListeners = new Set<BeatListener>();
const beatListeners = new Set<BeatListener>();
const visibilityListeners = new Set<(isVisible: boolean) => void>();
let lastBeatAtMs = Number.NEGATIVE_INFINITY;
let timer: ReturnType<typeof setTimeout> | undefined;
let isRequested = false;

export function onBeat(listener: BeatListener): () => void {
  beatListeners.add(listener);
  return () => beatListeners.delete(listener);
}

/**
 * For canvases, which draw before anything writes to the page: setting a font on a canvas brings style and layout up to
 * date, once for each chart if texts changed in between.
 */
export function onBeatDraw(listener: BeatListener): () => void {
  drawListeners.add(listener);
  return () => drawListeners.delete(listener);
}

/** Tells whether the window can be seen, whenever that changes. */
export function onVisibility(listener: (isVisible: boolean) => void): () => void {
  visibilityListeners.add(listener);
  return () => visibilityListeners.delete(listener);
}

export function isWindowVisible(): boolean {
  return document.visibilityState === 'visible';
}

/** Says that there is something new to draw. */
export function requestBeat(): void {
  if (isRequested || !isWindowVisible()) return;
  isRequested = true;
  schedule(Math.max(GATHER_MS, lastBeatAtMs + LEAST_INTERVAL_MS - performance.now()));
}

/** Draws at once, for what a person did and waits for. */
export function beatNow(): void {
  isRequested = false;
  lastBeatAtMs = performance.now();
  const nowMs = Date.now();
  for (const listener of [...drawListeners, ...beatListeners]) listener(nowMs);
  schedule(IDLE_MS);
}

export function startBeat(): Disposable {
  const onChange = () => {
    const isVisible = isWindowVisible();
    if (isVisible) schedule(GATHER_MS);
    else clearTimeout(timer);
    isRequested = false;
    for (const listener of [...visibilityListeners]) listener(isVisible);
  };
  document.addEventListener('visibilitychange', onChange);
  if (isWindowVisible()) schedule(IDLE_MS);
  return {
    dispose() {
      document.removeEventListener('visibilitychange', onChange);
      clearTimeout(timer);
    },
  };
}

function schedule(delayMs: number): void {
  clearTimeout(timer);
  timer = setTimeout(beatNow, delayMs);
}
