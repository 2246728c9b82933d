/**
 * Keeps intervals honest: how often outcomes lay in them, and by how much they must be wider or narrower.
 *
 * Adaptive conformal inference (Gibbs and Candès, NeurIPS 2021), a level for each end: after an outcome outside the level
 * moves away by `PACE` × 95 %, after one inside it comes nearer by `PACE` × 5 %. In the long run 5 % of outcomes lie beyond each end,
 * whatever they are distributed like and however that changes. Kept apart for few and for many outcomes, because small
 * samples are too narrow (beyond n outcomes lies the next with a probability of 2 in n + 1), and for commands never seen.
 */
import type { PredictionBasis } from './predict-keys.ts';

/** Of the ends, each. */
const MISSES = 0.05;
const PACE = 0.02;
/** Where an end stops: past all that was seen on one side, at the middle half on the other. */
const FARTHEST = 1;
const NEAREST = 0.3;

export interface IntervalLevels {
  readonly low: number;
  readonly high: number;
}

/** How often outcomes lay in the interval that was told before. */
export interface Coverage {
  readonly outcomes: number;
  readonly below: number;
  readonly above: number;
}

export interface CoverageKeeper {
  levels(basis: PredictionBasis, samples: number): IntervalLevels;
  /** `low`, `high`: as it was told before the outcome. */
  heard(
    told: { readonly basis: PredictionBasis; readonly samples: number; readonly low: number; readonly high: number },
    value: number,
  ): void;
  coverage(): Coverage;
}

export function createCoverageKeeper(): CoverageKeeper {
  const levels = new Map<string, { low: number; high: number }>();
  const counted = { outcomes: 0, below: 0, above: 0 };

  function levelsOf(basis: PredictionBasis, samples: number) {
    const isGeneral = basis === 'type' || basis === 'everything';
    const group = isGeneral ? basis : `${Math.min(4, Math.floor(Math.log2(samples)))}`;
    const known = levels.get(group) ?? { low: MISSES, high: 1 - MISSES };
    levels.set(group, known);
    return known;
  }

  return {
    levels: (basis, samples) => ({ ...levelsOf(basis, samples) }),
    heard({ basis, samples, low, high }, value) {
      const [isBelow, isAbove] = [value < low, value > high];
      const group = levelsOf(basis, samples);
      group.low = between(-FARTHEST, NEAREST, group.low + PACE * (MISSES - (isBelow ? 1 : 0)));
      group.high = between(1 - NEAREST, 1 + FARTHEST, group.high - PACE * (MISSES - (isAbove ? 1 : 0)));
      counted.outcomes += 1;
      if (isBelow) counted.below += 1;
      if (isAbove) counted.above += 1;
    },
    coverage: () => ({ ...counted }),
  };
}

/** 0..1; null before the first outcome. */
export function coveredShare({ outcomes, below, above }: Coverage): number | null {
  return outcomes === 0 ? null : 1 - (below + above) / outcomes;
}

function between(least: number, greatest: number, value: number): number {
  return Math.min(greatest, Math.max(least, value));
}
