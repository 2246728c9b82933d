/** What moves tasks, and what follows from it. `book.ts` holds the rules. */
import type { WorkerId } from '../fleet/worker.ts';
import type { AttemptReport } from './attempt.ts';
import type { AttemptId, Run, RunId, Task, TaskId, TaskRecords } from './task.ts';
import type { LeftFile } from './wanted-files.ts';

export type TaskStimulus =
  /** Tasks are `blocked` or `queued`. */
  | { readonly kind: 'submitted'; readonly run: Run; readonly tasks: readonly Task[] }
  | { readonly kind: 'reported'; readonly workerId: WorkerId; readonly report: AttemptReport }
  /** A new link of this worker: these are all the attempts that it holds. */
  | { readonly kind: 'held'; readonly workerId: WorkerId; readonly attemptIds: ReadonlySet<AttemptId> }
  /** The worker would not take the order, and asking again would not help. */
  | { readonly kind: 'refused'; readonly attemptId: AttemptId; readonly message: string }
  /** The worker cannot take the order now, for a reason that is its own: another may. */
  | { readonly kind: 'returned'; readonly attemptId: AttemptId; readonly message: string }
  /** These files of an attempt that is over are not fetched. */
  | { readonly kind: 'files-left'; readonly attemptId: AttemptId; readonly left: readonly LeftFile[] }
  | { readonly kind: 'worker-lost'; readonly workerId: WorkerId }
  | { readonly kind: 'worker-removed'; readonly workerId: WorkerId }
  | { readonly kind: 'cancel'; readonly taskId: TaskId }
  | { readonly kind: 'cancel-run'; readonly runId: RunId }
  | { readonly kind: 'retry'; readonly taskId: TaskId }
  | { readonly kind: 'unpark'; readonly taskId: TaskId };

export type TaskEffect =
  /** Tell the worker of the attempt; again where it may not have heard. */
  | { readonly kind: 'start'; readonly workerId: WorkerId; readonly attemptId: AttemptId }
  | { readonly kind: 'cancel'; readonly workerId: WorkerId; readonly attemptId: AttemptId }
  /** Nothing more will happen on the worker: fetch what it keeps, then let it forget. */
  | { readonly kind: 'collect'; readonly workerId: WorkerId; readonly attemptId: AttemptId };

/** `changed` must be on disk before any of the effects is performed or anybody is told. */
export interface TaskChange {
  readonly changed: TaskRecords;
  readonly effects: readonly TaskEffect[];
}
