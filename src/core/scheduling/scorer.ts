/** What a sub-score is: a figure of each worker that could take the task. `scorers.ts` lists those there are. */
import type { Promised, TaskSpec } from '../tasks/task.ts';
import type { Experience } from './experience.ts';
import type { FreeRoom } from './free-room.ts';
import type { Candidate } from './place.ts';
import type { ShapeMix } from './shape.ts';

/** A worker as it would be with the task. */
export interface Prospect {
  readonly candidate: Candidate;
  readonly promise: Promised;
  readonly before: FreeRoom;
  readonly after: FreeRoom;
  readonly mix: ShapeMix;
}

export interface AskedOnce {
  readonly spec: TaskSpec;
  readonly experience: Experience;
  readonly nowMs: number;
  /** Whether it is known of any worker how long the task takes there. */
  readonly hasDurations: boolean;
}

/**
 * `state`: the figure follows from what is asked for and how the worker stands; it is kept as long as neither changes.
 * `task`: it is asked for each task anew; null: it has nothing to say of any worker.
 *
 * What the figure means says `is`. `score`: it is the sub-score, 0..1. `least`: an amount, of which the least scores 1 and
 * another one least ÷ itself. `rate`: an amount per ms of the task, which is multiplied by how long it is expected to take
 * there. Null: not known of this worker.
 */
export type Scorer<Name extends string = string> = { readonly name: Name; readonly is: 'score' | 'least' | 'rate' } & (
  | { readonly per: 'state'; figure(prospect: Prospect): number | null }
  | {
      readonly per: 'task';
      /** `durationMs` is NaN where it is not known. */
      figures(asked: AskedOnce): ((candidate: Candidate, durationMs: number) => number | null) | null;
    }
);
