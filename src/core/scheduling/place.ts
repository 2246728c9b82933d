/** The seam of placement: which worker gets a task now and why, or what it waits for. `create-place.ts` stands behind it. */
import type { Capability } from '../fleet/capabilities.ts';
import type { Labels } from '../fleet/labels.ts';
import type { WorkerId } from '../fleet/worker.ts';
import type { Promised, Task, TaskSpec } from '../tasks/task.ts';
import type { PlacementExplanation } from './explanation.ts';

/** A worker as placement sees it. One that has not changed is the same object: what is known of it is kept by that. */
export interface Candidate {
  readonly workerId: WorkerId;
  readonly name: string;
  /** Linked now: orders get there. */
  readonly isReachable: boolean;
  /** Newest sample within three intervals. */
  readonly isFresh: boolean;
  readonly runsTasks: boolean;
  /** `paused` and `draining` take nothing new. */
  readonly admission: Admission;
  /** Why nothing new goes there for a while: a sentence that it answered; null: nothing is wrong. */
  readonly trouble: string | null;
  /** What is at its limit there by no fault of its tasks (`at 97 % of its memory`); null: nothing (`pressure.ts`). */
  readonly critical: string | null;
  readonly capabilities: readonly Capability[];
  readonly labels: Labels;
  /** Programs that its owner allows by name or path; null: any. */
  readonly allowedPrograms: readonly string[] | null;
  /** Attempts at once; null: as many as fit. */
  readonly maxParallel: number | null;
  readonly capacity: Capacity;
  /** In the lab's own currency. */
  readonly pricePerHour: number | null;
  /** Of every attempt there that is not over. */
  readonly promised: readonly Promised[];
  /** What was read there; null: nothing yet, and then only promises count. */
  readonly measured: Measured | null;
}

/** A worker as the fleet knows it, without what only its tasks tell. */
export type FleetCandidate = Omit<Candidate, 'promised' | 'measured' | 'trouble' | 'critical'>;

export type Admission = 'open' | 'paused' | 'draining';

/** What a worker has when nothing runs. Null: not known, and then nothing is placed that asks for it. */
export interface Capacity {
  readonly cores: number | null;
  readonly memoryBytes: number | null;
  readonly gpus: readonly CapacityGpu[];
}

export interface CapacityGpu {
  readonly index: number;
  readonly model: string;
  readonly memoryBytes: number | null;
}

/** Cores and memory in use; null: not read. */
export interface Use {
  readonly cores: number | null;
  readonly memoryBytes: number | null;
}

export interface Measured {
  /** Of each of the promised attempts, in their order; null or absent: its processes have not been read. */
  readonly attempts: readonly (Use | null)[];
  /** Everything on the machine that is not an attempt's. */
  readonly others: Use;
  readonly powerWatts: number | null;
}

export type Decision =
  | {
      readonly kind: 'placed';
      readonly workerId: WorkerId;
      readonly promised: Promised;
      readonly reason: string;
      readonly explanation: PlacementExplanation;
    }
  /** Some worker could take it, not now. */
  | { readonly kind: 'waits'; readonly reason: string }
  /** No worker there is could take it, even an empty one. */
  | { readonly kind: 'unplaceable'; readonly reason: string };

/** What placement asks of a task. */
export type Placeable = Pick<Task, 'taskId' | 'spec'>;

/** `avoid`: workers where it ended badly before. `kept`: workers whose room is kept for tasks before it; none of them gets it. */
export type Place = (
  task: Placeable,
  candidates: readonly Candidate[],
  avoid: ReadonlySet<WorkerId>,
  kept?: ReadonlySet<WorkerId>,
) => Decision;

/** What a task is expected to take. */
export interface Expectation {
  /** From the start of its command to its end; null: nothing like it has ended yet. */
  readonly durationMs: number | null;
}

/** What is expected of tasks; of one task on one worker the same as long as `version` is. */
export interface Expectations {
  readonly version: number;
  of(spec: TaskSpec, candidate: Candidate): Expectation;
}

/** Before anything can be told of tasks. */
export const NO_EXPECTATIONS: Expectations = { version: 0, of: () => ({ durationMs: null }) };
