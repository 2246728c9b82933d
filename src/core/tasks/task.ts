/** Tasks, their attempts and their runs as records: what is asked, where it stands, what came of it. */
import type { Labels } from '../fleet/labels.ts';
import type { WorkerId } from '../fleet/worker.ts';
import type { PlacementExplanation } from '../scheduling/explanation.ts';
import type { AttemptEnd, AttemptUsage, OrderedFile } from './attempt.ts';

/** Ten random characters of base 32, small: short enough to be typed, unique within a data folder. */
export type RunId = string & { readonly brand: 'RunId' };
export type TaskId = string & { readonly brand: 'TaskId' };
/** `TASK.NUMBER`, numbers from 1: an attempt says by its name whose it is. */
export type AttemptId = string & { readonly brand: 'AttemptId' };

export function attemptIdOf(taskId: TaskId, number: number): AttemptId {
  return `${taskId}.${number}` as AttemptId;
}

/** What a task needs of a worker; what is null was not asked for. */
export interface TaskNeeds {
  /** At least 0.1. */
  readonly cores: number;
  readonly memoryBytes: number | null;
  /** A whole number, or a fraction of one GPU in (0, 1); 0: none. */
  readonly gpus: number;
  /** Of each of them. */
  readonly gpuMemoryBytes: number | null;
  /** A part of the model's name, letters of either case. */
  readonly gpuModel: string | null;
  /** `name` or `name OP version` (`core/fleet/requirement`). */
  readonly capabilities: readonly string[];
  readonly labels: Labels;
}

/** A file from beside the plan, as the plan names it. */
export interface BroughtFile {
  readonly from: string;
  /** Relative to the scratch folder. */
  readonly to: string;
}

/** A task as a plan asks for it, every default filled in. */
export interface TaskSpec {
  readonly name: string;
  /** argv; with `isShell` exactly one text, for `/bin/sh -c`. */
  readonly command: readonly string[];
  readonly isShell: boolean;
  /** Absolute on the worker; null: a fresh scratch folder for each attempt. */
  readonly cwd: string | null;
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string | null;
  readonly bring: readonly BroughtFile[];
  /** Globs in the scratch folder; what fits is kept with the result. */
  readonly fetch: readonly string[];
  /** Of each file brought or fetched. */
  readonly fileLimitBytes: number;
  readonly needs: TaskNeeds;
  /** What kind of work it is, for people and for predictions (`pytest`). */
  readonly type: string | null;
  /** 0..100, higher first. */
  readonly priority: number;
  readonly timeoutMs: number | null;
  /** Further attempts after one that failed or timed out. */
  readonly retries: number;
  /** Names of tasks of the same plan that must have succeeded before. */
  readonly after: readonly string[];
  readonly affinityKey: string | null;
  /** At most `groupLimit` of a group run at once, anywhere. */
  readonly group: string | null;
  readonly groupLimit: number | null;
  readonly isPreemptible: boolean;
  /** False: an attempt that was lost fails the task instead of being repeated. */
  readonly isRerunIfLost: boolean;
}

/** A plan, checked and complete: tasks in the order of the file. */
export interface RunSpec {
  readonly name: string;
  readonly maxParallel: number | null;
  /** `stop`: the first task that fails cancels what has not begun. */
  readonly onFailure: 'continue' | 'stop';
  readonly tasks: readonly TaskSpec[];
}

export type TaskState =
  /** Waits for the tasks it comes after. */
  | 'blocked'
  | 'queued'
  /** Given to a worker, which has not begun yet. */
  | 'placed'
  | 'running'
  | 'succeeded'
  | 'failed'
  | 'cancelled'
  /** Waits for a person. */
  | 'parked';

export const TASK_STATES: readonly TaskState[] = [
  'blocked',
  'queued',
  'placed',
  'running',
  'succeeded',
  'failed',
  'cancelled',
  'parked',
];

/** `not-started`: the worker could not begin it (a file or folder is missing, a program is not allowed). */
export type FailureReason = 'exit' | 'timeout' | 'dependency' | 'lost' | 'not-started';

export interface Task {
  readonly taskId: TaskId;
  readonly runId: RunId;
  /** Rises over all tasks ever submitted here: the order of submission. */
  readonly sequence: number;
  readonly spec: TaskSpec;
  /** What it brings, as it was taken when it was submitted. */
  readonly files: readonly OrderedFile[];
  readonly state: TaskState;
  /** Why it failed; null in every other state. */
  readonly reason: FailureReason | null;
  /** One sentence for a person, where there is something to say (why it failed, or is parked). */
  readonly message: string | null;
  readonly retriesLeft: number;
  readonly submittedAtMs: number;
  /** When its first attempt began. */
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
}

export type AttemptState =
  /** Decided and kept; the worker may not know of it yet. */
  | 'placed'
  /** The worker has it. */
  | 'starting'
  | 'running'
  | 'succeeded'
  | 'failed'
  | 'timed-out'
  | 'cancelled'
  | 'preempted'
  | 'lost';

/** A share of one GPU of the worker. */
export interface GpuShare {
  /** As CUDA and ROCm count them on that worker. */
  readonly index: number;
  /** (0, 1]. */
  readonly share: number;
}

/** What a worker keeps free for an attempt while it runs. */
export interface Promised {
  readonly cores: number;
  readonly memoryBytes: number;
  readonly gpus: readonly GpuShare[];
  readonly gpuMemoryBytes: number;
}

export interface Attempt {
  readonly attemptId: AttemptId;
  readonly taskId: TaskId;
  readonly number: number;
  readonly workerId: WorkerId;
  readonly state: AttemptState;
  readonly promised: Promised;
  /** One sentence: why it was placed there. */
  readonly placement: string;
  /** The same at length; null: placed by a Labwatch that kept none. */
  readonly explanation: PlacementExplanation | null;
  readonly placedAtMs: number;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  /** Somebody asked for its end; what the worker says next decides. */
  readonly isCancelRequested: boolean;
  /** What the worker told of its end, also when that came too late to count; null before. */
  readonly end: AttemptEnd | null;
  readonly usage: AttemptUsage | null;
}

export interface Run {
  readonly runId: RunId;
  readonly name: string;
  readonly maxParallel: number | null;
  readonly onFailure: 'continue' | 'stop';
  readonly submittedAtMs: number;
}

/** Records that belong together: of some runs, every task and attempt. */
export interface TaskRecords {
  readonly runs: readonly Run[];
  readonly tasks: readonly Task[];
  readonly attempts: readonly Attempt[];
}

export function isTaskOver(state: TaskState): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled';
}

export function isAttemptOver(state: AttemptState): boolean {
  return state !== 'placed' && state !== 'starting' && state !== 'running';
}
