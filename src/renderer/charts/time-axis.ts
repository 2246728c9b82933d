/** Where the time axis has its marks, and what they say: round moments of the local clock. */
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../core/time.ts';

const STEPS_MS: readonly number[] = [
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND_MS),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE_MS),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR_MS),
];
const DAY_STEPS: readonly number[] = [1, 2, 5, 7, 14];

export interface TimeMark {
  readonly atMs: number;
  readonly label: string;
}

const SECONDS = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const MINUTES = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const DAYS = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

/** At most about `most` marks within the span; a mark at midnight is written as the date. */
export function timeMarks(fromMs: number, toMs: number, most: number): readonly TimeMark[] {
  const leastMs = (toMs - fromMs) / Math.max(1, most);
  const stepMs = STEPS_MS.find((step) => step >= leastMs);
  if (stepMs === undefined) return dayMarks(fromMs, toMs, leastMs);
  const offsetMs = -new Date(toMs).getTimezoneOffset() * MINUTE_MS;
  const marks: TimeMark[] = [];
  for (let atMs = Math.ceil((fromMs + offsetMs) / stepMs) * stepMs - offsetMs; atMs <= toMs; atMs += stepMs) {
    const isMidnight = (atMs + offsetMs) % DAY_MS === 0;
    marks.push({ atMs, label: (isMidnight ? DAYS : stepMs < MINUTE_MS ? SECONDS : MINUTES).format(atMs) });
  }
  return marks;
}

/** Local midnights, which are not always 24 h apart. */
function dayMarks(fromMs: number, toMs: number, leastMs: number): readonly TimeMark[] {
  const stepDays = DAY_STEPS.find((days) => days * DAY_MS >= leastMs) ?? 30;
  const day = new Date(fromMs);
  day.setHours(24, 0, 0, 0);
  const marks: TimeMark[] = [];
  while (day.getTime() <= toMs) {
    marks.push({ atMs: day.getTime(), label: DAYS.format(day) });
    day.setDate(day.getDate() + stepDays);
  }
  return marks;
}
