/**
 * Writes a worker's figures into its tile without React: only texts that differ, and bars by transform, so that a
 * reading costs a repaint of a few pixels and no layout of the grid.
 */
import type { WorkerView } from '../../core/fleet/worker.ts';
import { formatCelsius, formatPercent, formatWatts, NO_VALUE } from '../../core/metrics/format.ts';
import { sparklinePath } from './sparkline-path.ts';
import { hasCurrentFigures, meterLevel, stateWords } from './worker-state.ts';

export type MeterFigure = 'cpuUtilization' | 'memoryUtilization' | 'gpuUtilization' | 'diskUtilization';

export interface TilePainter {
  paint(worker: WorkerView, nowMs: number): void;
}

const NO_SPARKLINE: readonly (number | null)[] = [];

/** Binds to the elements marked `data-figure`, `data-meter` and `data-part` below `root`. */
export function createTilePainter(root: HTMLElement): TilePainter {
  const meters = [...root.querySelectorAll<HTMLElement>('[data-meter]')].map((element) => ({
    figure: element.dataset.meter as MeterFigure,
    element,
    fill: element.querySelector<HTMLElement>('.meter-fill'),
    value: element.querySelector<HTMLElement>('.meter-value'),
  }));
  const word = root.querySelector<HTMLElement>('[data-part="word"]');
  const heat = root.querySelector<HTMLElement>('[data-part="heat"]');
  const line = root.querySelector('[data-part="line"]');
  const area = root.querySelector('[data-part="area"]');
  let drawnSparkline: readonly (number | null)[] | null = null;
  let isOddReading = false;

  return {
    paint(worker, nowMs) {
      const isCurrent = hasCurrentFigures(worker);
      setText(word, stateWords(worker, nowMs));
      for (const { figure, element, fill, value } of meters) {
        const ratio = isCurrent ? worker.figures[figure] : null;
        setText(value, formatPercent(ratio));
        setLevel(element, ratio === null ? 'none' : meterLevel(ratio));
        setFill(fill, ratio ?? 0);
      }
      setText(heat, isCurrent ? heatWords(worker) : '');
      // Every second reading is enough for a line of one pixel a second, and halves what the tile costs.
      isOddReading = !isOddReading;
      const sparkline = isCurrent ? worker.cpuSparkline : NO_SPARKLINE;
      if (line === null || sparkline === drawnSparkline) return;
      if (drawnSparkline !== null && isCurrent && !isOddReading) return;
      drawnSparkline = sparkline;
      const path = sparklinePath(sparkline);
      line.setAttribute('d', path.line);
      area?.setAttribute('d', path.area);
    },
  };
}

/** `51 °C · 64 W`, or what of it is known. */
function heatWords(worker: WorkerView): string {
  const parts = [formatCelsius(worker.figures.temperatureCelsius), formatWatts(worker.figures.powerWatts)];
  return parts.filter((part) => part !== NO_VALUE).join(' · ');
}

function setText(element: HTMLElement | null, text: string): void {
  if (element === null) return;
  const node = element.firstChild;
  if (node === null) element.textContent = text;
  else if (node.nodeValue !== text) node.nodeValue = text;
}

function setLevel(element: HTMLElement, level: string): void {
  if (element.dataset.level !== level) element.dataset.level = level;
}

/** In steps of half a percent: smaller ones cannot be seen. */
function setFill(element: HTMLElement | null, ratio: number): void {
  if (element === null) return;
  const transform = `scaleX(${Math.round(Math.min(1, ratio) * 200) / 200})`;
  if (element.style.transform !== transform) element.style.transform = transform;
}
