/** Lengths of time as people type them: `500ms`, `30s`, `5m`, `2h`, `1d`, and together `1h30m`. */
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../core/time.ts';

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: SECOND_MS, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };
/** The longest a Node timer can wait. */
const LONGEST_MS = 2 ** 31 - 1;

/** Milliseconds, or null for text that is no length of time between 1 ms and 24 days. */
export function parseDuration(text: string): number | null {
  const isWhole = /^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text);
  if (!isWhole) return null;
  let totalMs = 0;
  for (const [, number, , unit] of text.matchAll(/(\d+(\.\d+)?)(ms|s|m|h|d)/g)) {
    totalMs += Number(number) * (UNIT_MS[unit ?? ''] ?? Number.NaN);
  }
  return totalMs >= 1 && totalMs <= LONGEST_MS ? Math.round(totalMs) : null;
}
