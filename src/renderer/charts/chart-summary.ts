/** What a chart shows, in words, for those who cannot see it. Pure. */
import type { Unit } from '../../core/metrics/catalogue.ts';
import { formatDuration, formatValue } from '../../core/metrics/format.ts';
import { momentWords } from '../ui/time-words.ts';
import { firstIndexFrom, type SeriesColumns } from './series-columns.ts';
import type { TimeSpan } from './timeline.ts';

interface Summarised {
  readonly label: string;
  readonly columns: SeriesColumns | undefined;
}

/** `Last 15 min. CPU: now 18 %, mean 20 %, from 3 % to 71 % (at 14:20:31), 1 gap.` */
export function chartSummary(unit: Unit, series: readonly Summarised[], span: TimeSpan, nowMs: number): string {
  const time = `${momentWords(span.fromMs, nowMs)} to ${momentWords(span.toMs, nowMs)}, ${formatDuration(span.toMs - span.fromMs)}.`;
  return [time, ...series.map(({ label, columns }) => `${label}: ${seriesWords(unit, columns, span, nowMs)}.`)].join(
    ' ',
  );
}

function seriesWords(unit: Unit, columns: SeriesColumns | undefined, span: TimeSpan, nowMs: number): string {
  if (columns === undefined) return 'no data';
  const start = firstIndexFrom(columns.atMs, columns.length, span.fromMs);
  const end = firstIndexFrom(columns.atMs, columns.length, span.toMs);
  if (start >= end) return 'no data';
  let sum = 0;
  let samples = 0;
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  let mostAtMs = 0;
  let gaps = 0;
  for (let index = start; index < end; index += 1) {
    const count = columns.count[index] ?? 1;
    sum += (columns.mean[index] ?? 0) * count;
    samples += count;
    least = Math.min(least, columns.min[index] ?? 0);
    const max = columns.max[index] ?? 0;
    const atMs = columns.atMs[index] ?? 0;
    if (max > most) {
      most = max;
      mostAtMs = atMs;
    }
    if (index > start && atMs - (columns.atMs[index - 1] ?? 0) > columns.gapMs) gaps += 1;
  }
  const newest = formatValue(unit, columns.mean[end - 1] ?? null);
  const highest = `${formatValue(unit, most)} (at ${momentWords(mostAtMs, nowMs)})`;
  const gapWords = gaps === 0 ? '' : `, ${gaps} ${gaps === 1 ? 'gap' : 'gaps'} without data`;
  return `newest ${newest}, mean ${formatValue(unit, sum / samples)}, from ${formatValue(unit, least)} to ${highest}${gapWords}`;
}
