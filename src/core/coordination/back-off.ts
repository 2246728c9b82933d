/** How long to wait before the next try: longer each time, and never for all workers of a lab at the same moment. */
export interface BackOff {
  nextMs(): number;
  reset(): void;
}

export interface BackOffOptions {
  readonly firstMs: number;
  readonly mostMs: number;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/** Doubles from `firstMs` to `mostMs`; of that, between a half and all. */
export function createBackOff({ firstMs, mostMs, random }: BackOffOptions): BackOff {
  let nextMs = firstMs;
  return {
    nextMs() {
      const waitMs = nextMs * (0.5 + random() / 2);
      nextMs = Math.min(nextMs * 2, mostMs);
      return Math.round(waitMs);
    },
    reset() {
      nextMs = firstMs;
    },
  };
}
