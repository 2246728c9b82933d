/** Owns one chart.js instance: scales, axes and layout are chart.js's, the lines come from the columns controller. */
import { Chart, type ChartConfiguration, type ChartType, LinearScale } from 'chart.js';
import type { Unit } from '../../core/metrics/catalogue.ts';
import { formatIn, type Scale, scaleFor } from '../../core/metrics/format.ts';
import { chartColours } from './chart-colours.ts';
import { BucketElement, ColumnsController, type ColumnsDataset } from './columns-controller.ts';
import { timeMarks } from './time-axis.ts';
import type { TimeSpan } from './timeline.ts';
import type { ValueSpan } from './value-axis.ts';

Chart.register(ColumnsController, BucketElement, LinearScale);

/** All plots start and end at the same pixels, so that one crosshair crosses them all at the same moment. */
export const AXIS_WIDTH = 60;
export const AXIS_HEIGHT = 20;
export const TOP_ROOM = 8;
export const RIGHT_ROOM = 8;
const PIXELS_A_MARK = 92;
/** A mark nearer to the right edge than half its label has none. */
const HALF_LABEL = 18;
const FONT = { family: 'Inter Variable, sans-serif', size: 11 };

export interface ChartInstance {
  /** `plotWidth` is in CSS pixels, without the axis. */
  draw(time: TimeSpan, values: ValueSpan, plotWidth: number): void;
  dispose(): void;
}

export function createChartInstance(
  canvas: HTMLCanvasElement,
  unit: Unit,
  datasets: readonly ColumnsDataset[],
): ChartInstance {
  let time: TimeSpan = { fromMs: 0, toMs: 1 };
  let values: ValueSpan = { least: 0, most: 1 };
  let scale: Scale = scaleFor(unit, 1);
  let width = 1;
  const grid = { color: () => chartColours().grid, drawTicks: false, tickLength: 0 };
  const configuration = {
    type: 'columns',
    data: { datasets: [...datasets] },
    options: {
      animation: false,
      parsing: false,
      normalized: true,
      responsive: true,
      maintainAspectRatio: false,
      events: [],
      layout: { padding: { top: TOP_ROOM, right: RIGHT_ROOM } },
      scales: {
        x: {
          type: 'linear',
          bounds: 'ticks',
          border: { display: false },
          grid: { display: false, drawTicks: false, tickLength: 0 },
          afterBuildTicks: (axis: { ticks: unknown[] }) => {
            const endMs = time.toMs - ((time.toMs - time.fromMs) * HALF_LABEL) / width;
            axis.ticks = timeMarks(time.fromMs, time.toMs, width / PIXELS_A_MARK)
              .filter(({ atMs }) => atMs <= endMs)
              .map(({ atMs, label }) => ({ value: atMs, label }));
          },
          ticks: {
            callback: (_value: number, index: number, ticks: readonly { label?: string }[]) =>
              ticks[index]?.label ?? '',
            color: () => chartColours().axis,
            font: FONT,
            padding: 6,
            maxRotation: 0,
            autoSkip: false,
            sampleSize: 1,
          },
          afterFit: (axis: { height: number; paddingLeft: number; paddingRight: number }) => {
            // No room for labels that reach over the ends: it would move the plot's edges.
            Object.assign(axis, { height: AXIS_HEIGHT, paddingLeft: 0, paddingRight: 0 });
          },
        },
        y: {
          type: 'linear',
          border: { display: false },
          grid,
          afterBuildTicks: (axis: { ticks: unknown[] }) => {
            axis.ticks = [0, 0.5, 1].map((share) => ({ value: values.least + share * (values.most - values.least) }));
          },
          ticks: {
            callback: (value: number) =>
              value === 0 ? '0' : `${formatIn(scale, value)}${scale.suffix === '' ? '' : `\u00a0${scale.suffix}`}`,
            color: () => chartColours().axis,
            font: FONT,
            padding: 7,
            maxRotation: 0,
            autoSkip: false,
            sampleSize: 1,
          },
          afterFit: (axis: { width: number }) => {
            axis.width = AXIS_WIDTH;
          },
        },
      },
    },
  };
  const chart = new Chart(canvas, configuration as unknown as ChartConfiguration<ChartType>);

  return {
    draw(nextTime, nextValues, plotWidth) {
      width = plotWidth;
      time = nextTime;
      values = nextValues;
      scale = scaleFor(unit, Math.max(Math.abs(values.most), Math.abs(values.least)));
      const { x, y } = chart.options.scales ?? {};
      if (x === undefined || y === undefined) return;
      Object.assign(x, { min: time.fromMs, max: time.toMs });
      Object.assign(y, { min: values.least, max: values.most });
      chart.update('none');
    },
    dispose: () => chart.destroy(),
  };
}
