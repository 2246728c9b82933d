/**
 * Whether a worker is at its limit. It is from 95 % on, and again open once it has been below 85 % for 10 s: without the gap
 * a worker at the line would come and go with each reading.
 */
import { SECOND_MS } from '../time.ts';

const CRITICAL_FROM = 0.95;
const OPEN_BELOW = 0.85;
const OPEN_AFTER_MS = 10 * SECOND_MS;

export type Pressure =
  | { readonly kind: 'open' }
  /** `belowSinceMs`: since when it has been below the lower line without a break; null: it is above. */
  | { readonly kind: 'critical'; readonly belowSinceMs: number | null };

export const NO_PRESSURE: Pressure = { kind: 'open' };

/** `ratio`: 0..1 of what there is; null, not read, changes nothing. `monotonicMs` rises from call to call. */
export function pressed(pressure: Pressure, ratio: number | null, monotonicMs: number): Pressure {
  if (ratio === null) return pressure;
  if (pressure.kind === 'open') return ratio >= CRITICAL_FROM ? { kind: 'critical', belowSinceMs: null } : pressure;
  if (ratio >= OPEN_BELOW) return { kind: 'critical', belowSinceMs: null };
  const belowSinceMs = pressure.belowSinceMs ?? monotonicMs;
  return monotonicMs - belowSinceMs >= OPEN_AFTER_MS ? NO_PRESSURE : { kind: 'critical', belowSinceMs };
}
