/** The ranges the charts offer, live and ending now. */
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../core/time.ts';

export interface TimeRange {
  readonly id: string;
  /** On the picker; read as "last …". */
  readonly title: string;
  readonly durationMs: number;
}

export const TIME_RANGES = [
  { id: '5m', title: '5 min', durationMs: 5 * MINUTE_MS },
  { id: '15m', title: '15 min', durationMs: 15 * MINUTE_MS },
  { id: '1h', title: '1 h', durationMs: HOUR_MS },
  { id: '6h', title: '6 h', durationMs: 6 * HOUR_MS },
  { id: '24h', title: '24 h', durationMs: DAY_MS },
  { id: '7d', title: '7 d', durationMs: 7 * DAY_MS },
  { id: '30d', title: '30 d', durationMs: 30 * DAY_MS },
] as const satisfies readonly TimeRange[];

export type RangeId = (typeof TIME_RANGES)[number]['id'];

export function rangeOf(id: RangeId): TimeRange {
  return TIME_RANGES.find((range) => range.id === id) ?? TIME_RANGES[1];
}
