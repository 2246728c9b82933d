/**
 * The timeline on its canvas, painted past React: drawn when something changed and, while something runs, waits or moves with
 * now, once a beat; never while the window is hidden.
 */
import { timeMarks } from '../charts/time-axis.ts';
import { onBeatDraw } from '../state/beat.ts';
import { themeName } from '../state/settings.ts';
import { FONT } from './canvas-text.ts';
import { drawLanes } from './lane-painter.ts';
import { drawQueue } from './queue-painter.ts';
import { type TimelineColours, timelineColours } from './timeline-colours.ts';
import { AXIS_HEIGHT, headHeight, type PlotSize, pixelAt, type TimelineModel } from './timeline-model.ts';
import { followed, type Viewport } from './viewport.ts';

export interface SceneParts {
  readonly plot: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  readonly nowLine: HTMLElement;
  /** The names of lanes: moved with them. */
  readonly labels: HTMLElement;
  readonly colourOf: (type: string | null) => number;
  /** Each drawing, once it is done: what lies over the canvas is moved with it. */
  readonly onDrawn: (view: Viewport, nowMs: number) => void;
}

const PIXELS_A_MARK = 96;
const HALF_LABEL = 18;
/** Where a pixel is minutes, the durations in bars are brought up to date this often. */
const STILL_MS = 5_000;
/** On both sides of now, which has a flag of its own. */
const NOW_ROOM = 38;

/** Paints until the returned function is called. */
export function startScene(model: TimelineModel, parts: SceneParts): () => void {
  const { plot, canvas, nowLine, labels, colourOf, onDrawn } = parts;
  const context = canvas.getContext('2d');
  let frame = 0;
  let drawnAtMs = 0;
  let drawnRatio = 0;
  let drawnSize: PlotSize = { width: 0, height: 0 };

  function draw(nowMs: number): void {
    const size = model.plot.get();
    if (context === null || size.width < 1) return;
    fitCanvas(size);
    const view = followed(model.viewport.get(), nowMs, size.width);
    model.viewport.set(view);
    // Its own change asks for no second drawing.
    cancelAnimationFrame(frame);
    frame = 0;
    drawnAtMs = nowMs;
    paint(context, view, size, nowMs);
    moveOverlays(view, size, nowMs);
    onDrawn(view, nowMs);
  }

  /** As many pixels as the screen has. */
  function fitCanvas(size: PlotSize): void {
    const ratio = window.devicePixelRatio;
    if (ratio === drawnRatio && size === drawnSize) return;
    drawnRatio = ratio;
    drawnSize = size;
    canvas.width = Math.round(size.width * ratio);
    canvas.height = Math.round(size.height * ratio);
    canvas.style.width = `${size.width}px`;
    canvas.style.height = `${size.height}px`;
    context?.setTransform(ratio, 0, 0, ratio, 0, 0);
  }

  function paint(on: CanvasRenderingContext2D, view: Viewport, { width, height }: PlotSize, nowMs: number): void {
    const colours = timelineColours();
    const waiting = model.waiting.get();
    const hovered = model.hovered.get();
    const selected = model.selected.get();
    const top = headHeight(waiting);
    on.clearRect(0, 0, width, height);
    drawTimeAxis(on, view, { width, height }, nowMs, colours);
    on.fillStyle = colours.line;
    on.fillRect(0, AXIS_HEIGHT - 1, width, 1);
    on.fillRect(0, top - 1, width, 1);
    drawQueue(
      on,
      {
        ...{ waiting, view, nowMs, widthPixels: width, topPixels: AXIS_HEIGHT },
        hoveredTask: hovered?.kind === 'waiting' ? hovered.task.taskId : null,
        selectedTask: selected?.attemptId === null ? selected.taskId : null,
      },
      colours,
    );
    on.save();
    on.beginPath();
    on.rect(0, top, width, height - top);
    on.clip();
    drawLanes(
      on,
      {
        ...{
          lanes: model.lanes.get(),
          view,
          nowMs,
          colourOf,
          widthPixels: width,
          topPixels: top,
          bottomPixels: height,
        },
        scrolledPixels: model.scrolledPixels.get(),
        hovered: hovered?.kind === 'piece' ? hovered.piece.bar.attempt.attemptId : null,
        selected: selected?.attemptId ?? null,
      },
      colours,
    );
    on.restore();
  }

  function moveOverlays(view: Viewport, size: PlotSize, nowMs: number): void {
    const x = Math.round(pixelAt(view, size, nowMs));
    nowLine.hidden = x < 0 || x > size.width;
    nowLine.style.transform = `translateX(${x}px)`;
    labels.style.transform = `translateY(${-model.scrolledPixels.get()}px)`;
  }

  const invalidate = () => {
    if (frame !== 0) return;
    frame = requestAnimationFrame(() => {
      frame = 0;
      draw(Date.now());
    });
  };
  const pixelMs = () => (model.viewport.get().toMs - model.viewport.get().fromMs) / model.plot.get().width;
  const isMoving = () => model.viewport.get().nowShare !== null || model.waiting.get().length > 0 || hasOpenBars(model);
  const ratioQuery = window.matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`);
  ratioQuery.addEventListener('change', invalidate);
  const sizes = new ResizeObserver(([entry]) => {
    const { width = 0, height = 0 } = entry?.contentRect ?? {};
    model.plot.set({ width: Math.floor(width), height: Math.floor(height) });
  });
  sizes.observe(plot);
  const stores = [
    model.viewport,
    model.lanes,
    model.waiting,
    model.hovered,
    model.selected,
    model.plot,
    model.scrolledPixels,
  ];
  const stops = [
    onBeatDraw((nowMs) => {
      if (isMoving() && nowMs - drawnAtMs >= Math.min(pixelMs(), STILL_MS)) draw(nowMs);
    }),
    ...stores.map((store) => store.subscribe(invalidate)),
    model.current.subscribe(invalidate),
    themeName.subscribe(invalidate),
  ];
  // Names are measured and drawn in the window's own font once it is there.
  void document.fonts.ready.then(invalidate);

  return () => {
    cancelAnimationFrame(frame);
    sizes.disconnect();
    ratioQuery.removeEventListener('change', invalidate);
    for (const stop of stops) stop();
  };
}

function drawTimeAxis(
  context: CanvasRenderingContext2D,
  { fromMs, toMs }: Viewport,
  size: PlotSize,
  nowMs: number,
  { grid, axis }: TimelineColours,
): void {
  const nowX = pixelAt({ fromMs, toMs }, size, nowMs);
  context.font = FONT;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  for (const { atMs, label } of timeMarks(fromMs, toMs, size.width / PIXELS_A_MARK)) {
    const x = Math.round(pixelAt({ fromMs, toMs }, size, atMs));
    context.fillStyle = grid;
    context.fillRect(x, AXIS_HEIGHT, 1, size.height - AXIS_HEIGHT);
    context.fillStyle = axis;
    const isFree = Math.abs(x - nowX) > NOW_ROOM && x >= HALF_LABEL && x <= size.width - HALF_LABEL;
    if (isFree) context.fillText(label, x, AXIS_HEIGHT / 2);
  }
}

function hasOpenBars({ lanes }: TimelineModel): boolean {
  return lanes.get().some(({ rows }) => rows.some(({ latestToMs }) => latestToMs.at(-1) === Number.POSITIVE_INFINITY));
}
