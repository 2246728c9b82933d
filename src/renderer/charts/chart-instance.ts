/**
 * Owns one chart.js instance: layout and value axis are chart.js's, the lines come from the columns controller.
 *
 * The time axis is drawn here. Through chart.js each step of the live edge would be an update, which resolves options
 * and lays the chart out anew; so a step is only a draw, and an update comes when the values, the theme or the size do.
 */
import { Chart, type ChartArea, type ChartConfiguration, type ChartType, LinearScale } from 'chart.js';
import type { Unit } from '../../core/metrics/catalogue.ts';
import { formatIn, type Scale, scaleFor } from '../../core/metrics/format.ts';
import { themeName } from '../state/settings.ts';
import { chartColours } from './chart-colours.ts';
import { BucketElement, ColumnsController, type ColumnsDataset, timeMapping } from './columns-controller.ts';
import { timeMarks } from './time-axis.ts';
import type { TimeSpan } from './timeline.ts';
import type { ValueSpan } from './value-axis.ts';

Chart.register(ColumnsController, BucketElement, LinearScale);

/** All plots start and end at the same pixels, so that one crosshair crosses them all at the same moment. */
export const AXIS_WIDTH = 60;
export const RIGHT_ROOM = 8;
const AXIS_HEIGHT = 20;
const TOP_ROOM = 8;
const PIXELS_A_MARK = 92;
/** A mark nearer to the right edge than half its label has none. */
const HALF_LABEL = 18;
const FONT = { family: 'Inter Variable, sans-serif', size: 11 };
const NO_BREAK_SPACE = '\u00a0';

export interface ChartInstance {
  draw(time: TimeSpan, values: ValueSpan): void;
  dispose(): void;
}

export type Lines = readonly Omit<ColumnsDataset, 'data' | 'time'>[];

/** `drawBehind`: under the lines, over the grid. */
export function createChartInstance(
  canvas: HTMLCanvasElement,
  unit: Unit,
  lines: Lines,
  drawBehind: (context: CanvasRenderingContext2D, area: ChartArea, time: TimeSpan) => void,
): ChartInstance {
  let time: TimeSpan = { fromMs: 0, toMs: 1 };
  let values: ValueSpan = { least: 0, most: 1 };
  let scale: Scale = scaleFor(unit, 1);
  let drawnTheme = '';
  const configuration = {
    type: 'columns',
    data: { datasets: lines.map((line) => ({ ...line, data: [], time: () => time })) },
    plugins: [
      { id: 'time-axis', afterDraw: (chart: Chart) => drawTimeAxis(chart, time) },
      { id: 'behind', beforeDatasetsDraw: ({ ctx, chartArea }: Chart) => drawBehind(ctx, chartArea, time) },
    ],
    options: {
      animation: false,
      parsing: false,
      normalized: true,
      responsive: true,
      maintainAspectRatio: false,
      events: [],
      layout: { padding: { top: TOP_ROOM, right: RIGHT_ROOM, bottom: AXIS_HEIGHT } },
      scales: {
        x: { type: 'linear', display: false, min: 0, max: 1 },
        y: {
          type: 'linear',
          border: { display: false },
          grid: { color: () => chartColours().grid, drawTicks: false, tickLength: 0 },
          afterBuildTicks: (axis: { ticks: unknown[] }) => {
            axis.ticks = [0, 0.5, 1].map((share) => ({ value: values.least + share * (values.most - values.least) }));
          },
          ticks: {
            callback: (value: number) => axisLabel(scale, value),
            color: () => chartColours().axis,
            font: FONT,
            padding: 7,
            maxRotation: 0,
            autoSkip: false,
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
    draw(nextTime, nextValues) {
      time = nextTime;
      const isSame = values.least === nextValues.least && values.most === nextValues.most;
      if (isSame && drawnTheme === themeName.get()) {
        chart.draw();
        return;
      }
      values = nextValues;
      drawnTheme = themeName.get();
      scale = scaleFor(unit, Math.max(Math.abs(values.most), Math.abs(values.least)));
      const { y } = chart.options.scales ?? {};
      if (y !== undefined) Object.assign(y, { min: values.least, max: values.most });
      chart.update('none');
    },
    dispose: () => chart.destroy(),
  };
}

function axisLabel(scale: Scale, value: number): string {
  if (value === 0) return '0';
  return `${formatIn(scale, value)}${scale.suffix === '' ? '' : NO_BREAK_SPACE}${scale.suffix}`;
}

function drawTimeAxis({ ctx, chartArea }: Chart, time: TimeSpan): void {
  const x = timeMapping(chartArea, time);
  ctx.font = `${FONT.size}px ${FONT.family}`;
  ctx.fillStyle = chartColours().axis;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'top';
  const most = (chartArea.right - chartArea.left) / PIXELS_A_MARK;
  for (const { atMs, label } of timeMarks(time.fromMs, time.toMs, most)) {
    if (x(atMs) <= chartArea.right - HALF_LABEL) ctx.fillText(label, x(atMs), chartArea.bottom + 6);
  }
}
