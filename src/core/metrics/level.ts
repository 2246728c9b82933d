/** How much is sampled and how often. Each level adds to the one before; the plan per level lives with the collectors. */
export const LEVELS = ['basic', 'standard', 'detailed', 'intensive'] as const;
export type Level = (typeof LEVELS)[number];

/** Time between two ticks, ms. */
export const TICK_INTERVAL_MS: Readonly<Record<Level, number>> = {
  basic: 5_000,
  standard: 1_000,
  detailed: 1_000,
  intensive: 250,
};

/** True when `level` samples at least what `least` does. */
export function includesLevel(level: Level, least: Level): boolean {
  return LEVELS.indexOf(level) >= LEVELS.indexOf(least);
}
