/**
 * What pings tell of the difference between two clocks. Pure.
 *
 * A ping that was answered says: at some moment between sending and hearing, the other clock showed this. So the
 * difference is known to half the round trip, whatever the network did. The least round trip of the last eight counts
 * (RFC 5905, clock filter).
 */

export interface ClockReading {
  /** This machine's wall clock minus the other's, ms. */
  readonly differenceMs: number;
  /** The true difference is at most this far away. */
  readonly uncertaintyMs: number;
  /** Monotonic time of the reading. */
  readonly atMs: number;
}

const READINGS_KEPT = 8;

/** Both clocks are read in whole milliseconds. */
const ROUNDING_MS = 1;

/** Two clocks drift apart by this much at most: 200 ppm, twice what a computer's quartz is allowed. */
const DRIFT = 0.0002;

export interface AnsweredPing {
  /** This machine's wall clock when the ping was sent. */
  readonly sentWallMs: number;
  readonly roundTripMs: number;
  /** The other side's wall clock when it answered. */
  readonly theirWallMs: number;
  /** Monotonic time at which the answer came. */
  readonly monotonicMs: number;
}

export function readingOf({ sentWallMs, roundTripMs, theirWallMs, monotonicMs }: AnsweredPing): ClockReading {
  return {
    differenceMs: sentWallMs + roundTripMs / 2 - theirWallMs,
    uncertaintyMs: roundTripMs / 2 + ROUNDING_MS,
    atMs: monotonicMs,
  };
}

/** The readings that still count once `newest` is there: those that contradict it tell of a clock that was set since. */
export function withReading(readings: readonly ClockReading[], newest: ClockReading): readonly ClockReading[] {
  const agreeing = readings.filter((reading) => {
    const apartMs = Math.abs(reading.differenceMs - newest.differenceMs);
    return apartMs <= reading.uncertaintyMs + newest.uncertaintyMs + DRIFT * (newest.atMs - reading.atMs);
  });
  return [...agreeing, newest].slice(-READINGS_KEPT);
}

/** The surest one, for an age makes a reading less sure, too. Throws without any. */
export function bestReading(readings: readonly ClockReading[], monotonicMs: number): ClockReading {
  const doubtMs = (reading: ClockReading) => reading.uncertaintyMs + DRIFT * (monotonicMs - reading.atMs);
  return readings.reduce((best, reading) => (doubtMs(reading) < doubtMs(best) ? reading : best));
}
