/** Tasks and runs as the window and the command line show them. Plain data: it crosses IPC as it is. */
import type { WorkerId } from '../fleet/worker.ts';
import type { Prediction } from '../scheduling/predict.ts';
import type { AttemptUsage } from './attempt.ts';
import type { Attempt, AttemptId, AttemptState, FailureReason, Run, RunId, Task, TaskId, TaskState } from './task.ts';

/** What is expected of a task that waits or runs. */
export interface TaskOutlook {
  /** Of how long it takes; null: nothing is known. */
  readonly duration: Prediction | null;
  /** 1: the next; null: it runs. */
  readonly place: number | null;
  /** Null: not known, or it runs. */
  readonly startsAtMs: number | null;
  /** The middle of when it may end; null: not known. */
  readonly endsAtMs: number | null;
  /** Name of the worker where room is kept for it until then; null: nowhere. */
  readonly keptOn: string | null;
}

export interface TaskView {
  readonly taskId: TaskId;
  readonly runId: RunId;
  readonly runName: string;
  readonly sequence: number;
  readonly name: string;
  readonly type: string | null;
  readonly priority: number;
  readonly state: TaskState;
  readonly reason: FailureReason | null;
  readonly message: string | null;
  /** What a blocked or queued task waits for, one sentence; null in other states. */
  readonly waitsFor: string | null;
  /** Null in a state in which nothing is to come, and in what is read from disk. */
  readonly outlook: TaskOutlook | null;
  /** Of the newest attempt. */
  readonly workerId: WorkerId | null;
  readonly attemptCount: number;
  readonly submittedAtMs: number;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  /** Of the newest attempt; live while it runs. */
  readonly usage: AttemptUsage | null;
  /** Of the newest attempt, written so far; null: not known. */
  readonly outputBytes: number | null;
}

export type TaskCounts = Readonly<Record<TaskState, number>>;

export interface RunView {
  readonly runId: RunId;
  readonly name: string;
  readonly submittedAtMs: number;
  /** Null while something of it may still run. */
  readonly endedAtMs: number | null;
  /** `waiting`: nothing can go on before a person decides about parked tasks. */
  readonly state: 'running' | 'waiting' | 'succeeded' | 'failed' | 'cancelled';
  readonly counts: TaskCounts;
}

/** One task with all there is to know. */
export interface TaskDetail {
  readonly view: TaskView;
  readonly task: Task;
  readonly run: Run;
  /** Oldest first. */
  readonly attempts: readonly Attempt[];
}

/** Newest first. */
export interface TaskQuery {
  readonly runId?: RunId | undefined;
  readonly workerId?: WorkerId | undefined;
  readonly states?: readonly TaskState[] | undefined;
  /** In the name of task or run, its type or command; letters of either case. */
  readonly search?: string | undefined;
  /** Only tasks submitted before this one: the next page. */
  readonly beforeSequence?: number | undefined;
  readonly limit: number;
}

export interface TaskPage {
  readonly tasks: readonly TaskView[];
  /** Give it as `beforeSequence` for the next page; null: that was all. */
  readonly nextBefore: number | null;
}

/** An attempt as a bar in time: short, for ten thousand of them are looked at together. */
export interface AttemptView {
  readonly attemptId: AttemptId;
  readonly taskId: TaskId;
  readonly runName: string;
  /** Of the task. */
  readonly name: string;
  readonly type: string | null;
  readonly number: number;
  readonly workerId: WorkerId;
  readonly state: AttemptState;
  readonly placedAtMs: number;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
}

/** Attempts of which some part lies within the range: placed before `toMs`, not ended before `fromMs`. */
export interface AttemptQuery {
  readonly fromMs: number;
  readonly toMs: number;
  readonly workerId?: WorkerId | undefined;
  /** 1 to `MOST_ATTEMPTS`. */
  readonly limit: number;
}

/** Attempts that one question may ask for. */
export const MOST_ATTEMPTS = 10_000;

export interface AttemptsBetween {
  /** Newest first: those that are not over, then by their end. */
  readonly attempts: readonly AttemptView[];
  /** There are older ones in the range than `limit` let through. */
  readonly isCut: boolean;
  /** As workers were called that ran some of these and were removed since. */
  readonly removedWorkers: readonly { readonly workerId: WorkerId; readonly name: string }[];
}

/** Tasks and runs that changed since `revision - 1`; a receiver that missed one asks anew. */
export interface TaskPatch {
  readonly revision: number;
  readonly tasks: readonly TaskView[];
  readonly runs: readonly RunView[];
  /** Of these tasks, those attempts that changed. */
  readonly attempts: readonly AttemptView[];
  /** Over everything that is not over, and what ended since Labwatch started. */
  readonly counts: TaskCounts;
}

/** A piece of an attempt's output, bytes as they are. */
export interface OutputPiece {
  /** Where the piece begins: later than asked for where the oldest bytes were dropped. */
  readonly fromOffset: number;
  /** Base64. */
  readonly data: string;
  /** Bytes written so far, as far as the coordinator knows. */
  readonly totalBytes: number;
  /** Nothing will follow after `totalBytes`. */
  readonly isComplete: boolean;
}
