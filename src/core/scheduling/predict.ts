/**
 * What to expect of a task from finished attempts alone: how long it takes, how much memory, how many cores, how much GPU memory.
 * `docs/prediction.md` has the formulas and where they come from.
 */
import { type Coverage, createCoverageKeeper } from './predict-coverage.ts';
import { createHistories, type Outcome, type Quantity } from './predict-history.ts';
import type { PredictionBasis, PredictionKey } from './predict-keys.ts';
import { harmonicMeanOf, type Mixture, mixtureOf, quantileAbove, quantileOf } from './quantile-mixture.ts';

export interface Prediction {
  /** The most specific key that knows anything. */
  readonly basis: PredictionBasis;
  /** Runs that it rests on. */
  readonly samples: number;
  /** In the unit of the quantity; from `p5` to `p95` is where nine of ten outcomes lie. */
  readonly p5: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
}

export interface Predictor {
  /** One that succeeded: what was ended early tells too little. `told`: its duration as it was predicted at its start. */
  learn(keys: readonly PredictionKey[], outcome: Outcome, told?: Prediction | null): void;
  /** Keys from specific to general. Null while nothing at all is known. */
  predict(keys: readonly PredictionKey[], quantity: Quantity): Prediction | null;
  /** Ms that a task which has run for `elapsedMs` is not expected to exceed, with probability `level`. Null: nothing known. */
  durationAfter(keys: readonly PredictionKey[], elapsedMs: number, level: number): number | null;
  /** What a millisecond of waiting costs its slowdown, as the duration that costs as much; null: nothing known. */
  orderingMs(keys: readonly PredictionKey[]): number | null;
  /** Of durations and of peak memory. */
  coverage(quantity: 'durationMs' | 'memoryBytes'): Coverage;
  /** Rises with each outcome. */
  revision(): number;
}

/** Slowdown is counted over ten seconds at least (Feitelson et al., JSSPP 1997), so shorter ones are all as short. */
export const SHORTEST_ORDERED_MS = 10_000;

/** What a run counts beside the next one: how long a task takes changes with code and data; what it needs of a machine, less. */
const DECAY: Readonly<Record<Quantity, number>> = {
  durationMs: 0.6,
  memoryBytes: 0.9,
  cores: 0.9,
  gpuMemoryBytes: 0.9,
};
/** Half a run, as Jeffreys' prior counts for what was never seen. */
const PRIOR_RUNS = 0.5;

interface Known {
  /** Outcomes of each of the keys when it was computed. */
  readonly state: string;
  readonly mixture: Mixture;
  readonly prediction: Prediction;
  readonly orderingMs: number;
}

/** Computed predictions kept; more are computed again when they are asked for. */
const MOST_KNOWN = 4_096;

export function createPredictor(): Predictor {
  const histories = createHistories();
  const keepers = { durationMs: createCoverageKeeper(), memoryBytes: createCoverageKeeper() };
  const known = new Map<string, Known>();
  let revision = 0;

  function knownOf(keys: readonly PredictionKey[], quantity: Quantity): Known | null {
    const specific = keys[0];
    if (specific === undefined) return null;
    const counts = keys.map((key) => histories.of(key)?.counts[quantity] ?? 0);
    // What everything else does moves little here: it is looked at anew now and then.
    const state = counts.map((count, place) => (keys[place]?.basis === 'everything' ? count >> 5 : count)).join(' ');
    const name = `${quantity} ${specific.text}`;
    const before = known.get(name);
    if (before?.state === state) return before;
    const computed = compute(keys, quantity, counts, state);
    if (computed === null) return null;
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(name, computed);
    return computed;
  }

  function compute(
    keys: readonly PredictionKey[],
    quantity: Quantity,
    counts: readonly number[],
    state: string,
  ): Known | null {
    // A key that has heard of no more than the one before it would only say the same once more.
    const telling = keys.filter((_, place) => place === 0 || counts[place] !== counts[place - 1]);
    const mixture = mixtureOf(
      telling.map((key) => histories.of(key)?.values[quantity] ?? []),
      { decay: DECAY[quantity], priorRuns: PRIOR_RUNS },
    );
    const place = counts.findIndex((count) => count > 0);
    const key = keys[place];
    if (mixture === null || key === undefined) return null;
    const samples = counts[place] as number;
    const levels = (quantity === 'memoryBytes' ? keepers.memoryBytes : keepers.durationMs).levels(key.basis, samples);
    const p50 = quantileOf(mixture, 0.5);
    const p95 = Math.max(p50, quantileOf(mixture, levels.high));
    const prediction: Prediction = {
      basis: key.basis,
      samples,
      p5: Math.min(p50, quantileOf(mixture, levels.low)),
      p50,
      p90: Math.min(p95, quantileOf(mixture, 0.9)),
      p95,
    };
    return { state, mixture, prediction, orderingMs: harmonicMeanOf(mixture, SHORTEST_ORDERED_MS) };
  }

  const predict: Predictor['predict'] = (keys, quantity) => knownOf(keys, quantity)?.prediction ?? null;

  function check(quantity: 'durationMs' | 'memoryBytes', told: Prediction | null, value: number | null): void {
    if (told === null || value === null) return;
    const { basis, samples, p5, p95 } = told;
    keepers[quantity].heard({ basis, samples, low: p5, high: p95 }, value);
  }

  return {
    learn(keys, outcome, told) {
      check('durationMs', told ?? predict(keys, 'durationMs'), outcome.durationMs);
      check('memoryBytes', predict(keys, 'memoryBytes'), outcome.memoryBytes);
      histories.add(keys, outcome);
      revision += 1;
    },
    predict,
    durationAfter(keys, elapsedMs, level) {
      const found = knownOf(keys, 'durationMs');
      return found === null ? null : quantileAbove(found.mixture, elapsedMs, level);
    },
    orderingMs: (keys) => knownOf(keys, 'durationMs')?.orderingMs ?? null,
    coverage: (quantity) => keepers[quantity].coverage(),
    revision: () => revision,
  };
}
