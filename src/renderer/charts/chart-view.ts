/**
 * One chart on the screen, painted past React: drawn only while it can be seen, and only when a new pixel column is due,
 * new columns were loaded, or the window, the theme or the hidden series changed.
 */
import { formatBytesOf, formatValue } from '../../core/metrics/format.ts';
import type { SeriesKey } from '../../core/metrics/series.ts';
import type { Disposable } from '../../core/time.ts';
import { onBeat, onBeatDraw } from '../state/beat.ts';
import { themeName } from '../state/settings.ts';
import { observeInView } from '../ui/in-view.ts';
import { momentWords } from '../ui/time-words.ts';
import { chartColours } from './chart-colours.ts';
import type { ChartData } from './chart-data.ts';
import type { ChartDefinition } from './chart-groups.ts';
import { AXIS_WIDTH, type ChartInstance, createChartInstance } from './chart-instance.ts';
import { attachChartPointer } from './chart-pointer.ts';
import { chartSummary } from './chart-summary.ts';
import { firstIndexFrom } from './series-columns.ts';
import type { TaskBands } from './task-bands.ts';
import type { Timeline, TimeWindow } from './timeline.ts';
import { type ValueSpan, valueSpan } from './value-axis.ts';

const SUMMARY_EVERY_MS = 15_000;
/** Short ranges have a new column twice a second; the eye follows a chart that moves every other second as well. */
const LEAST_REDRAW_MS = 1_900;
const WHOLE_EXCEPT = 'labwatch.pressure';

export interface ChartViewParts {
  readonly root: HTMLElement;
  readonly definition: ChartDefinition;
  readonly data: ChartData;
  readonly timeline: Timeline;
  readonly bands: TaskBands;
  readonly isHidden: (key: SeriesKey) => boolean;
  /** A second figure beside a single series: used bytes for a share of memory, cores for a share of CPUs. */
  readonly alsoWords: (value: number) => string;
}

export interface ChartView extends Disposable {
  /** Draws at the next frame, if it can be seen. */
  invalidate(): void;
}

export function createChartView(parts: ChartViewParts): ChartView {
  const { root, definition, data, timeline, bands, isHidden, alsoWords } = parts;
  const { unit, series, metric } = definition;
  const part = (name: string) => root.querySelector<HTMLElement>(`[data-part="${name}"]`) as HTMLElement;
  const plot = part('plot');
  const valueElements = new Map(
    series.map(({ key }, index) => [key, root.querySelector<HTMLElement>(`[data-value="${index}"]`)]),
  );
  let instance: ChartInstance | undefined;
  let isInView = false;
  let frame = 0;
  let drawnToMs = Number.NaN;
  let drawnAtMs = 0;
  let span: ValueSpan | null = null;
  let summarisedAtMs = 0;
  let isOddBeat = false;

  const drawCanvas = (nowMs: number) => {
    const window = timeline.window(nowMs);
    // The history comes first: a start waits for no question about tasks.
    if (data.loads.get() > 0) bands.look(window);
    instance ??= createChartInstance(root.querySelector('canvas') as HTMLCanvasElement, unit, lines(), bands.draw);
    const { least, most } = extremes(window);
    span = valueSpan(unit, metric !== WHOLE_EXCEPT, least, most, span);
    instance.draw(window, span);
    drawnToMs = window.toMs;
    drawnAtMs = nowMs;
  };

  const lines = () =>
    series.map(({ key, label, colour }) => ({
      label,
      columns: () => data.columns(key),
      colour: () => chartColours().series[colour] ?? '',
      isHidden: () => isHidden(key),
    }));

  const extremes = ({ fromMs, toMs }: TimeWindow) => {
    let least = Number.POSITIVE_INFINITY;
    let most = Number.NEGATIVE_INFINITY;
    for (const { key } of series) {
      const columns = isHidden(key) ? undefined : data.columns(key);
      if (columns === undefined) continue;
      const end = firstIndexFrom(columns.atMs, columns.length, toMs);
      for (let index = firstIndexFrom(columns.atMs, columns.length, fromMs); index < end; index += 1) {
        least = Math.min(least, columns.min[index] ?? least);
        most = Math.max(most, columns.max[index] ?? most);
      }
    }
    return least <= most ? { least, most } : { least: 0, most: 0 };
  };

  const invalidate = () => {
    if (frame !== 0 || !isInView) return;
    frame = requestAnimationFrame(() => {
      frame = 0;
      const nowMs = Date.now();
      drawCanvas(nowMs);
      paintLines();
      paintValues();
      summarise(timeline.window(nowMs), nowMs);
    });
  };

  const summarise = (window: TimeWindow, nowMs: number) => {
    summarisedAtMs = nowMs;
    const summarised = series.map(({ key, label }) => ({ label, columns: data.columns(key) }));
    setText(part('summary'), chartSummary(unit, summarised, window, nowMs));
  };

  /** Crosshair and pinned moment: two elements moved by transform, so that the canvas is not drawn again. */
  const paintLines = () => {
    const { fromMs, toMs } = timeline.window(Date.now());
    const width = timeline.plotWidth.get();
    const place = (element: HTMLElement, atMs: number | null) => {
      const share = atMs === null ? -1 : (atMs - fromMs) / (toMs - fromMs);
      element.hidden = share < 0 || share > 1;
      if (!element.hidden) element.style.transform = `translateX(${Math.round(AXIS_WIDTH + share * width)}px)`;
      return share;
    };
    const hoveredAtMs = timeline.hoveredAtMs.get();
    const crosshair = part('crosshair');
    const share = place(crosshair, hoveredAtMs);
    place(part('pinned'), timeline.pinnedAtMs.get());
    if (hoveredAtMs === null) return;
    const flag = part('flag');
    const names = bands.namesAt(hoveredAtMs, (toMs - fromMs) / width);
    setText(flag, `${momentWords(hoveredAtMs, Date.now())}${names === '' ? '' : ` · ${names}`}`);
    flag.dataset.side = share > 0.5 ? 'left' : 'right';
  };

  const paintValues = () => {
    const atMs = timeline.hoveredAtMs.get() ?? (timeline.zoom.get() === null ? null : timeline.window(Date.now()).toMs);
    for (const { key } of series) {
      const element = valueElements.get(key);
      if (element === null || element === undefined) continue;
      const value = valueAt(key, atMs);
      setText(element, formatValue(unit, value));
      const also = series.length === 1 && value !== null ? alsoWords(value) : '';
      if (series.length === 1) setText(part('also'), also === '' ? '' : ` · ${also}`);
    }
  };

  const valueAt = (key: SeriesKey, atMs: number | null): number | null => {
    if (atMs === null) return data.current(key);
    const columns = data.columns(key);
    const index = columns?.indexAt(atMs) ?? -1;
    return index < 0 ? null : (columns?.mean[index] ?? null);
  };

  const onMoment = () => {
    if (!isInView) return;
    paintLines();
    paintValues();
  };

  const stops = [
    onBeatDraw((nowMs) => {
      const isDue = timeline.zoom.get() === null && timeline.window(nowMs).toMs !== drawnToMs;
      if (isInView && isDue && nowMs - drawnAtMs >= LEAST_REDRAW_MS) drawCanvas(nowMs);
    }),
    onBeat((nowMs) => {
      // The tile has the figure of each second; here every other one is enough, and costs half.
      isOddBeat = !isOddBeat;
      if (!isInView || !isOddBeat) return;
      if (timeline.hoveredAtMs.get() === null) paintValues();
      if (timeline.hoveredAtMs.get() !== null || timeline.pinnedAtMs.get() !== null) paintLines();
      if (nowMs - summarisedAtMs >= SUMMARY_EVERY_MS) summarise(timeline.window(nowMs), nowMs);
    }),
    observeInView(root, (next) => {
      isInView = next;
      invalidate();
    }),
    attachChartPointer(plot, part('selection'), timeline),
    data.loads.subscribe(invalidate),
    bands.changes.subscribe(invalidate),
    timeline.zoom.subscribe(invalidate),
    timeline.plotWidth.subscribe(invalidate),
    timeline.hoveredAtMs.subscribe(onMoment),
    timeline.pinnedAtMs.subscribe(onMoment),
    themeName.subscribe(invalidate),
  ];

  return {
    invalidate,
    dispose() {
      cancelAnimationFrame(frame);
      for (const stop of stops) stop();
      instance?.dispose();
    },
  };
}

/** Used bytes beside a share of memory, cores beside a share of CPUs, where the size is known. */
export function alsoWordsFor(
  metric: ChartDefinition['metric'],
  sizes: { readonly memoryBytes: number | null; readonly logicalCores: number | null },
): (value: number) => string {
  const { memoryBytes, logicalCores } = sizes;
  if (metric === 'system.memory.utilization' && memoryBytes !== null) {
    return (ratio) => formatBytesOf(ratio * memoryBytes, memoryBytes);
  }
  if (metric === 'system.cpu.utilization' && logicalCores !== null) {
    return (ratio) => `${(ratio * logicalCores).toFixed(1)} of ${logicalCores} threads`;
  }
  return () => '';
}

function setText(element: HTMLElement | null, text: string): void {
  if (element === null) return;
  const node = element.firstChild;
  if (node === null) element.textContent = text;
  else if (node.nodeValue !== text) node.nodeValue = text;
}
