/** What the timeline says in words: of a bar, of several in one piece, of all that is in sight. Pure. */
import { formatCount, formatDuration } from '../../core/metrics/format.ts';
import type { AttemptState } from '../../core/tasks/task.ts';
import { listed } from '../../core/tasks/words.ts';
import { momentWords } from '../ui/time-words.ts';
import { unturned } from '../ui/unturned.ts';
import { type BarRow, firstReaching } from './bar-rows.ts';
import { type Bar, drawnEndMs } from './bars.ts';
import type { Lane } from './lanes.ts';
import type { Span } from './viewport.ts';

const STATE_WORDS: Readonly<Record<AttemptState, string>> = {
  placed: 'on its way',
  starting: 'starting',
  running: 'running',
  succeeded: 'succeeded',
  failed: 'failed',
  'timed-out': 'timed out',
  cancelled: 'cancelled',
  preempted: 'made room for another task',
  lost: 'lost',
};

/** `succeeded after 5 min`, `running for 41 s`. */
export function barState(bar: Bar, nowMs: number): string {
  const { state } = bar.attempt;
  const words = STATE_WORDS[state];
  if (state === 'placed' || state === 'starting') return words;
  return `${words} ${state === 'running' ? 'for' : 'after'} ${barDuration(bar, nowMs)}`;
}

export function barDuration(bar: Bar, nowMs: number): string {
  return formatDuration(drawnEndMs(bar, nowMs) - bar.fromMs);
}

/** `14:20:31 to 14:26:02`, `since 14:20:31`. */
export function barTimes({ fromMs, toMs }: Bar, nowMs: number): string {
  const from = momentWords(fromMs, nowMs);
  return toMs === Number.POSITIVE_INFINITY ? `since ${from}` : `${from} to ${momentWords(toMs, nowMs)}`;
}

/** For who cannot see the bar. */
export function barSentence(bar: Bar, workerName: string, nowMs: number): string {
  const { name, number } = bar.attempt;
  const which = number > 1 ? `, attempt ${number}` : '';
  const where = bar.attempt.state === 'placed' ? 'to' : 'on';
  return `${unturned(name)}${which}, ${barState(bar, nowMs)} ${where} ${workerName}, ${barTimes(bar, nowMs)}`;
}

export interface InSight {
  readonly count: number;
  readonly running: number;
  readonly failed: number;
  readonly stopped: number;
  readonly lost: number;
}

export function countInSight(lanes: readonly Lane[], view: Span): InSight {
  const counts = { count: 0, running: 0, failed: 0, stopped: 0, lost: 0 };
  for (const { rows } of lanes) {
    for (const row of rows) {
      for (const bar of barsInSight(row, view)) {
        counts.count += 1;
        if (bar.look === 'running' || bar.look === 'coming') counts.running += 1;
        else if (bar.look !== 'done') counts[bar.look] += 1;
      }
    }
  }
  return counts;
}

export function* barsInSight(row: BarRow, { fromMs, toMs }: Span): Iterable<Bar> {
  for (let index = firstReaching(row, fromMs); index < row.bars.length; index += 1) {
    const bar = row.bars[index] as Bar;
    if (bar.fromMs >= toMs) return;
    if (bar.toMs >= fromMs) yield bar;
  }
}

/** `41 attempts: 3 running, 2 failed, 36 succeeded` */
export function inSightWords({ count, running, failed, stopped, lost }: InSight): string {
  if (count === 0) return 'Nothing ran';
  const succeeded = count - running - failed - stopped - lost;
  const parts = [
    [running, 'running'],
    [failed, 'failed'],
    [lost, 'lost'],
    [stopped, 'stopped'],
    [succeeded, 'succeeded'],
  ] as const;
  const words = parts.filter(([number]) => number > 0).map(([number, word]) => `${formatCount(number)} ${word}`);
  return `${formatCount(count)} ${count === 1 ? 'attempt' : 'attempts'}: ${listed(words)}`;
}
