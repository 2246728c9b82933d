/** The task service as others see it: people above, workers below. */
import type { WorkerId } from '../../core/fleet/worker.ts';
import type { Result } from '../../core/result.ts';
import type { WorkerReading } from '../../core/scheduling/worker-load.ts';
import type { AttemptPulse } from '../../core/tasks/attempt.ts';
import type { AttemptId, RunId, TaskId } from '../../core/tasks/task.ts';
import type {
  AttemptQuery,
  AttemptsBetween,
  OutputPiece,
  RunView,
  TaskCounts,
  TaskDetail,
  TaskPage,
  TaskPatch,
  TaskQuery,
  TaskView,
} from '../../core/tasks/view.ts';
import type { Disposable } from '../../core/time.ts';
import type { AgentRequestName, AgentRequests, AttemptReports, AttemptsTaken } from '../../shared/protocol/contract.ts';

/** For people. Ids are complete here; `resolveTask` and `resolveRun` complete what a person typed. */
export interface TaskService extends Disposable {
  /** `invalid-argument` with path, found and expected for a wrong plan. Resolves when everything is on disk. */
  submit(planText: string, folder: string | null): Promise<Result<RunView>>;
  find(query: TaskQuery): Promise<Result<TaskPage>>;
  attemptsBetween(query: AttemptQuery): Promise<Result<AttemptsBetween>>;
  runs(limit: number): Promise<Result<readonly RunView[]>>;
  run(runId: RunId): Promise<Result<RunView>>;
  show(taskId: TaskId): Promise<Result<TaskDetail>>;
  /** At most 64 KiB from `offset`; negative counts from the end. Asks the worker for what is newer than what is kept. */
  output(attemptId: AttemptId, offset: number): Promise<Result<OutputPiece>>;
  cancel(taskId: TaskId): Promise<Result<TaskView>>;
  retry(taskId: TaskId): Promise<Result<TaskView>>;
  unpark(taskId: TaskId): Promise<Result<TaskView>>;
  cancelRun(runId: RunId): Promise<Result<RunView>>;
  /** A folder of this machine; `not-found` where nothing was fetched. */
  fetchedFolder(attemptId: AttemptId): Result<string>;
  resolveTask(text: string): Promise<Result<TaskId>>;
  resolveRun(text: string): Promise<Result<RunId>>;
  summary(): { readonly revision: number; readonly counts: TaskCounts };
  onPatch(listener: (patch: TaskPatch) => void): Disposable;
  onPulses(listener: (pulses: readonly AttemptPulse[]) => void): Disposable;
  /** Workers, their capacities or their admission changed: what waits is looked at again, soon. */
  lookAgain(): void;
  /** Whether anything on this worker is not over. */
  hasWork(workerId: WorkerId): boolean;
  readonly door: TaskDoor;
}

/** Where links tell of a worker's attempts. */
export interface TaskDoor {
  linked(workerId: WorkerId, line: WorkerLine): void;
  unlinked(workerId: WorkerId): void;
  reports(workerId: WorkerId, message: AttemptReports): void;
  /** The worker's whole machine was read, by itself. */
  read(workerId: WorkerId, reading: WorkerReading): void;
  pulses(workerId: WorkerId, pulses: readonly AttemptPulse[]): void;
  lost(workerId: WorkerId): void;
  removed(workerId: WorkerId): void;
}

/** What the service may say to a linked worker. */
export interface WorkerLine {
  ask<Name extends AgentRequestName>(
    method: Name,
    params: AgentRequests[Name]['params'],
  ): Promise<Result<AgentRequests[Name]['value']>>;
  taken(message: AttemptsTaken): void;
  /** Ends the link of a worker that breaks the rules; it is told why, and may come again. */
  object(reason: string): void;
}
