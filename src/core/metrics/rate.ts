/**
 * Counters become rates, by the time that really passed between two readings.
 *
 * The first reading gives no rate. A counter that went down was reset or wrapped: it gives none either, because what
 * happened in between is unknown. Two readings more than a minute apart give none, so that a pause is a gap in the
 * chart and not one flattened point.
 */
const MAX_GAP_MS = 60_000;

export interface CounterReading {
  readonly value: number;
  /** Monotonic time of the reading, ms. */
  readonly monotonicMs: number;
}

/** Increase per second from `before` to `after`, or null where the two do not make a rate. */
export function ratePerSecond(before: CounterReading | null, after: CounterReading): number | null {
  if (before === null) return null;
  const increase = increaseOf(before.value, after.value);
  const elapsedMs = after.monotonicMs - before.monotonicMs;
  if (increase === null || !(elapsedMs > 0) || elapsedMs > MAX_GAP_MS) return null;
  return (increase * 1_000) / elapsedMs;
}

/** How much a counter grew, or null after a reset, a wrap, or where a reading is missing (NaN). */
export function increaseOf(before: number, after: number): number | null {
  const increase = after - before;
  return increase >= 0 && increase < Number.POSITIVE_INFINITY ? increase : null;
}

/**
 * How much a counter grew that starts again at 0 after `range`, with at most one wrap in between; null where even that
 * would need more than `mostIncrease`, which tells a wrap from a reset.
 */
export function wrappedIncreaseOf(before: number, after: number, range: number, mostIncrease: number): number | null {
  const increase = after >= before ? after - before : after - before + range;
  return increase >= 0 && increase <= mostIncrease ? increase : null;
}

/** One counter and its reading before: two numbers and no garbage, for the hot path. */
export class Counter {
  #value = Number.NaN;
  #monotonicMs = Number.NaN;

  /** Takes a reading and answers the rate per second since the one before, or null as `ratePerSecond` does. */
  next(value: number, monotonicMs: number): number | null {
    const increase = value - this.#value;
    const elapsedMs = monotonicMs - this.#monotonicMs;
    this.#value = value;
    this.#monotonicMs = monotonicMs;
    if (!(increase >= 0 && increase < Number.POSITIVE_INFINITY) || !(elapsedMs > 0) || elapsedMs > MAX_GAP_MS) {
      return null;
    }
    return (increase * 1_000) / elapsedMs;
  }

  /** The next reading counts as the first. */
  reset(): void {
    this.#value = Number.NaN;
  }
}
