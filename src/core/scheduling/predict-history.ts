/** The newest outcomes of each key, in bounded memory: what was not heard of for longest goes first. */
import type { PredictionKey } from './predict-keys.ts';

/** What a finished attempt teaches. */
export type Quantity = 'durationMs' | 'memoryBytes' | 'cores' | 'gpuMemoryBytes';

/** Null: not measured. */
export type Outcome = Readonly<Record<Quantity, number | null>>;

export interface KeyHistory {
  /** Oldest first, at most as many as are kept. */
  readonly values: Readonly<Record<Quantity, number[]>>;
  /** All that were ever heard of while the key was remembered. */
  readonly counts: Record<Quantity, number>;
}

export interface Histories {
  of(key: PredictionKey): KeyHistory | undefined;
  add(keys: readonly PredictionKey[], outcome: Outcome): void;
}

/** A run weighs 0.6 of the next: past two dozen nothing is left of it. */
const MOST_OF_A_KEY = 24;
/** What is expected of a command never seen: a broader view. */
const MOST_OF_EVERYTHING = 64;
/** About 0.4 kB each. */
const MOST_KEYS = 4_096;

const QUANTITIES: readonly Quantity[] = ['durationMs', 'memoryBytes', 'cores', 'gpuMemoryBytes'];

export function createHistories(mostKeys = MOST_KEYS): Histories {
  /** In the order in which they were last heard of. */
  const known = new Map<string, KeyHistory>();

  return {
    of: ({ text }) => known.get(text),
    add(keys, outcome) {
      for (const { basis, text } of keys) {
        const history = known.get(text) ?? emptyHistory();
        known.delete(text);
        known.set(text, history);
        const most = basis === 'everything' ? MOST_OF_EVERYTHING : MOST_OF_A_KEY;
        for (const quantity of QUANTITIES) {
          const value = outcome[quantity];
          if (value === null || !Number.isFinite(value) || value < 0) continue;
          history.counts[quantity] += 1;
          history.values[quantity].push(value);
          if (history.values[quantity].length > most) history.values[quantity].shift();
        }
      }
      for (const text of known.keys()) {
        if (known.size <= mostKeys) return;
        known.delete(text);
      }
    },
  };
}

function emptyHistory(): KeyHistory {
  return {
    values: { durationMs: [], memoryBytes: [], cores: [], gpuMemoryBytes: [] },
    counts: { durationMs: 0, memoryBytes: 0, cores: 0, gpuMemoryBytes: 0 },
  };
}
