/**
 * A chart.js dataset drawn straight from columns.
 *
 * The line controller of chart.js makes an element a point and walks them several times at each update: most of what a
 * live chart costs. This one has no elements: one pass over typed arrays a series, a band where buckets hold more than
 * one sample, a break where a step is a gap.
 */
import { type ChartArea, type ChartDataset, type ChartType, DatasetController, Element, type Scale } from 'chart.js';
import { firstIndexFrom, type SeriesColumns } from './series-columns.ts';
import type { TimeSpan } from './timeline.ts';

export interface ColumnsDataset {
  /** chart.js wants the field; the samples are in `columns`. */
  readonly data: number[];
  readonly label: string;
  readonly columns: () => SeriesColumns | undefined;
  /** The window to draw: moves without an update of the chart. */
  readonly time: () => TimeSpan;
  /** Read when drawing, so that a theme change needs no new dataset. */
  readonly colour: () => string;
  readonly isHidden: () => boolean;
}

declare module 'chart.js' {
  interface ChartTypeRegistry {
    columns: {
      chartOptions: Record<never, never>;
      datasetOptions: ColumnsDataset;
      defaultDataPoint: number;
      metaExtensions: Record<never, never>;
      parsedDataType: Record<never, never>;
      scales: 'linear';
    };
  }
}

const BAND_OPACITY = 0.2;
const LINE_WIDTH = 1.5;
const DOT_RADIUS = 1.5;

/** chart.js looks the element type up although no data point ever makes one. */
export class BucketElement extends Element {
  static id = 'bucket';
}

export class ColumnsController extends DatasetController<ChartType> {
  static id = 'columns';
  static defaults = { datasetElementType: false, dataElementType: 'bucket' };

  override parse(): void {}

  override update(): void {}

  override draw(): void {
    const dataset = this.getDataset() as ChartDataset<ChartType> & ColumnsDataset;
    const columns = dataset.columns();
    const { yScale } = this.getMeta();
    if (columns === undefined || columns.length === 0 || dataset.isHidden() || !yScale) return;
    const { ctx, chartArea } = this.chart;
    const time = dataset.time();
    const x = timeMapping(chartArea, time);
    const y = valueMapping(yScale);
    ctx.save();
    ctx.beginPath();
    ctx.rect(chartArea.left, chartArea.top - 1, chartArea.right - chartArea.left, chartArea.bottom - chartArea.top + 2);
    ctx.clip();
    ctx.strokeStyle = dataset.colour();
    ctx.fillStyle = dataset.colour();
    ctx.lineWidth = LINE_WIDTH;
    ctx.lineJoin = 'bevel';
    for (const [start, end] of segments(columns, time.fromMs, time.toMs)) {
      drawBand(ctx, columns, start, end, x, y);
      drawLine(ctx, columns, start, end, x, y);
    }
    ctx.restore();
  }
}

/** Runs of buckets without a gap, as half-open index ranges: those in sight and one beyond each edge. */
export function segments(columns: SeriesColumns, fromMs: number, toMs: number): readonly (readonly [number, number])[] {
  const { atMs, length, gapMs } = columns;
  const first = Math.max(0, firstIndexFrom(atMs, length, fromMs) - 1);
  const last = Math.min(length, firstIndexFrom(atMs, length, toMs) + 1);
  const runs: [number, number][] = [];
  let start = first;
  for (let index = first + 1; index <= last; index += 1) {
    if (index < last && (atMs[index] ?? 0) - (atMs[index - 1] ?? 0) <= gapMs) continue;
    runs.push([start, index]);
    start = index;
  }
  return runs;
}

function drawLine(
  ctx: CanvasRenderingContext2D,
  { atMs, mean }: SeriesColumns,
  start: number,
  end: number,
  x: Mapping,
  y: Mapping,
): void {
  ctx.beginPath();
  if (end - start === 1) {
    ctx.arc(x(atMs[start] ?? 0), y(mean[start] ?? 0), DOT_RADIUS, 0, 2 * Math.PI);
    ctx.fill();
    return;
  }
  ctx.moveTo(x(atMs[start] ?? 0), y(mean[start] ?? 0));
  for (let index = start + 1; index < end; index += 1) ctx.lineTo(x(atMs[index] ?? 0), y(mean[index] ?? 0));
  ctx.stroke();
}

/** From minimum to maximum of each bucket, behind the mean; nothing where buckets are single samples. */
function drawBand(
  ctx: CanvasRenderingContext2D,
  { atMs, min, max, count }: SeriesColumns,
  start: number,
  end: number,
  x: Mapping,
  y: Mapping,
): void {
  if (end - start < 2 || (count[start + ((end - start) >> 1)] ?? 1) <= 1) return;
  ctx.globalAlpha = BAND_OPACITY;
  ctx.beginPath();
  ctx.moveTo(x(atMs[start] ?? 0), y(max[start] ?? 0));
  for (let index = start + 1; index < end; index += 1) ctx.lineTo(x(atMs[index] ?? 0), y(max[index] ?? 0));
  for (let index = end - 1; index >= start; index -= 1) ctx.lineTo(x(atMs[index] ?? 0), y(min[index] ?? 0));
  ctx.closePath();
  ctx.fill();
  ctx.globalAlpha = 1;
}

type Mapping = (value: number) => number;

/** From moments to pixels of the plot. */
export function timeMapping({ left, right }: ChartArea, { fromMs, toMs }: TimeSpan): Mapping {
  const perMs = (right - left) / (toMs - fromMs);
  return (atMs) => left + (atMs - fromMs) * perMs;
}

/** From values to pixels, without the scale's own bookkeeping for each point. */
function valueMapping(scale: Scale): Mapping {
  const start = scale.getPixelForValue(scale.min);
  const perUnit = (scale.getPixelForValue(scale.max) - start) / (scale.max - scale.min);
  return (value) => start + (value - scale.min) * perUnit;
}
