/**
 * The seam of placement: which worker gets a task now, or what it waits for. First fit in a stable order for the time
 * being; scores come to stand behind the same function.
 */
import type { Capability } from '../fleet/capabilities.ts';
import type { Labels } from '../fleet/labels.ts';
import type { WorkerId } from '../fleet/worker.ts';
import type { Promised, TaskSpec } from '../tasks/task.ts';

/** A worker as placement sees it. */
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
  readonly capabilities: readonly Capability[];
  readonly labels: Labels;
  /** Programs that its owner allows by name or path; null: any. */
  readonly allowedPrograms: readonly string[] | null;
  /** Attempts at once; null: as many as fit. */
  readonly maxParallel: number | null;
  readonly capacity: Capacity;
  /** Of every attempt there that is not over. */
  readonly promised: readonly Promised[];
}

/** A worker as the fleet knows it, without what only its tasks tell. */
export type FleetCandidate = Omit<Candidate, 'promised' | 'trouble'>;

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

export type Decision =
  | { readonly kind: 'placed'; readonly workerId: WorkerId; readonly promised: Promised; readonly reason: string }
  /** Some worker could take it, not now. */
  | { readonly kind: 'waits'; readonly reason: string }
  /** No worker there is could take it, even an empty one. */
  | { readonly kind: 'unplaceable'; readonly reason: string };

export type Place = (spec: TaskSpec, candidates: readonly Candidate[], avoid: ReadonlySet<WorkerId>) => Decision;
