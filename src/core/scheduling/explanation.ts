/** Why an attempt is where it is: the workers that were compared, with every sub-score, and what kept out the others. */
import type { WorkerId } from '../fleet/worker.ts';
import type { FilterName } from './filters.ts';
import type { ProfileChoice, Weights } from './profiles.ts';
import type { ScoreName } from './score-names.ts';

/** Beside the chosen worker, so that an explanation is as short in a lab of a thousand machines as in one of ten. */
export const MOST_OTHERS = 7;

/** A worker that could have taken the task. */
export interface ScoredWorker {
  readonly workerId: WorkerId;
  /** As it was called then. */
  readonly name: string;
  /** Weighted mean of the sub-scores that count, 0..1; the same formula for every worker. */
  readonly total: number;
  /** 0..1 each, more is better. Null: not known of this worker; `assumed` says what was counted instead. */
  readonly scores: Readonly<Record<ScoreName, number | null>>;
}

/** Kept with the attempt. Its workers are those that passed every filter, best first: `chosen`, then `others`. */
export interface PlacementExplanation {
  readonly atMs: number;
  readonly profile: ProfileChoice;
  /** Those of the profile; of `custom` as they were set then. */
  readonly weights: Weights;
  /** Sub-scores that counted: of weight above 0, and known of at least one worker that could take the task. */
  readonly counted: readonly ScoreName[];
  /** For a worker of which a counted sub-score is not known: the mean of those of which it is. */
  readonly assumed: Readonly<Partial<Record<ScoreName, number>>>;
  readonly chosen: ScoredWorker;
  /** The next best, at most `MOST_OTHERS`, best first. */
  readonly others: readonly ScoredWorker[];
  /** Workers that passed every filter, the chosen one among them. */
  readonly fittingCount: number;
  /** How many workers each filter kept out, by the first that did; most first. */
  readonly rejected: readonly { readonly filter: FilterName; readonly count: number }[];
  /** The task could go nowhere but to workers where an earlier attempt of it ended badly. */
  readonly isLastResort: boolean;
  /** What the task was expected to take on the chosen worker; null: nothing like it has ended yet. */
  readonly expectedDurationMs: number | null;
}
