/** A worker's figures in one line of plain text, for terminals and logs: no no-break spaces, nothing that is unknown. */
import { formatBytesOf, formatCelsius, formatPercent, formatWatts } from '../metrics/format.ts';
import type { WorkerView } from './worker.ts';

export function figuresLine(worker: WorkerView): string {
  const { figures, link } = worker;
  const memory =
    figures.memoryUsedBytes === null ? null : formatBytesOf(figures.memoryUsedBytes, figures.memoryLimitBytes);
  const parts = [
    link === 'online' ? null : link,
    known('cpu', figures.cpuUtilization, formatPercent),
    memory === null ? null : `memory ${memory}`,
    known('gpu', figures.gpuUtilization, formatPercent),
    known('disk', figures.diskUtilization, formatPercent),
    known('load', figures.load1, (load) => load?.toFixed(2) ?? ''),
    known('', figures.temperatureCelsius, formatCelsius),
    known('', figures.powerWatts, formatWatts),
  ].filter((part) => part !== null);
  return parts.length === 0 ? 'no reading yet' : parts.join('  ').replaceAll('\u00a0', ' ');
}

function known(name: string, value: number | null, format: (value: number | null) => string): string | null {
  return value === null ? null : `${name} ${format(value)}`.trim();
}
