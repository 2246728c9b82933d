/** An attempt that is over, as far as it teaches something about workers and kinds of tasks. */
import type { Attempt, TaskSpec } from './task.ts';

export interface EndedAttempt
  extends Pick<Attempt, 'workerId' | 'state' | 'startedAtMs' | 'endedAtMs' | 'end' | 'usage'> {
  readonly spec: TaskSpec;
}
