/**
 * Whether the wall clock may be believed when it says that much is old.
 *
 * A clock set years ahead by mistake (an empty battery, a typing error) would have retention give up everything. After a
 * jump ahead that no sleep explains, age counts only once the clock has held for a day of running.
 */
import { type Clock, DAY_MS } from '../../core/time.ts';

/** Longer than a machine sleeps. */
const JUMP_MS = 30 * DAY_MS;

/** Longer than a machine is likely to be off. */
const OFF_MS = 400 * DAY_MS;

const PROBATION_MS = DAY_MS;

export interface ClockTrust {
  /** Compares both clocks; call it often. */
  look(): void;
  /** `newestStoredMs`: the newest moment that was stored, or null. */
  isTrusted(newestStoredMs: number | null): boolean;
}

export function createClockTrust(clock: Clock): ClockTrust {
  const startMs = clock.monotonicMs();
  let lastOffsetMs = clock.nowMs() - startMs;
  let heldSinceMs: number | null = null;

  const look = (): void => {
    const offsetMs = clock.nowMs() - clock.monotonicMs();
    if (offsetMs - lastOffsetMs > JUMP_MS) heldSinceMs = clock.monotonicMs();
    else if (offsetMs - lastOffsetMs < -JUMP_MS) heldSinceMs = null;
    lastOffsetMs = offsetMs;
  };

  return {
    look,
    isTrusted(newestStoredMs) {
      look();
      const wasOffTooLong = newestStoredMs !== null && clock.nowMs() - newestStoredMs > OFF_MS;
      const sinceMs = heldSinceMs ?? (wasOffTooLong ? startMs : null);
      return sinceMs === null || clock.monotonicMs() - sinceMs >= PROBATION_MS;
    },
  };
}
