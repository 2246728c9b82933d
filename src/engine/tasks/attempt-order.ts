/** What a worker is told of an attempt. */
import type { AttemptOrder } from '../../core/tasks/attempt.ts';
import type { Attempt, AttemptId, Task, TaskId } from '../../core/tasks/task.ts';
import { SECOND_MS } from '../../core/time.ts';

/** From SIGTERM to SIGKILL. */
const GRACE_MS = 10 * SECOND_MS;
/** The newest of what an attempt writes; older output is dropped and counted. */
export const OUTPUT_LIMIT_BYTES = 64 * 2 ** 20;

export function orderFor({ taskId, spec, files }: Task, { attemptId, promised }: Attempt): AttemptOrder {
  return {
    attemptId,
    taskId,
    name: spec.name,
    command: spec.isShell ? ['/bin/sh', '-c', ...spec.command] : spec.command,
    cwd: spec.cwd,
    env: spec.env,
    stdin: spec.stdin,
    files,
    fetch: spec.fetch,
    fileLimitBytes: spec.fileLimitBytes,
    gpuIndexes: promised.gpus.map(({ index }) => index),
    timeoutMs: spec.timeoutMs,
    graceMs: GRACE_MS,
    outputLimitBytes: OUTPUT_LIMIT_BYTES,
  };
}

/** An attempt says by its name whose it is (`attemptIdOf`). */
export function taskOf(attemptId: AttemptId): TaskId {
  return attemptId.slice(0, attemptId.lastIndexOf('.')) as TaskId;
}
