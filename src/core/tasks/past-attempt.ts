/** What is kept of attempts that succeeded, as far as it teaches what to expect of the next. */
import type { WorkerId } from '../fleet/worker.ts';
import type { Predictor } from '../scheduling/predict.ts';
import { predictionKeysOf, type WorkerClass } from '../scheduling/predict-keys.ts';
import { outcomeOf } from './expectations.ts';
import type { Attempt, TaskSpec } from './task.ts';

export interface PastAttempt extends Pick<Attempt, 'workerId' | 'startedAtMs' | 'endedAtMs' | 'usage'> {
  readonly spec: Pick<TaskSpec, 'command' | 'isShell' | 'type' | 'needs'>;
}

/** In the order of submission. */
export interface PastPage {
  readonly attempts: readonly PastAttempt[];
  /** Of the last one; null: there are no more. */
  readonly nextAfter: number | null;
}

/** `classOf`: of a worker that is not known any more, null. */
export function learnAgain(
  predictor: Predictor,
  attempts: readonly PastAttempt[],
  classOf: (workerId: WorkerId) => WorkerClass | null,
): void {
  for (const attempt of attempts) {
    predictor.learn(predictionKeysOf(attempt.spec, classOf(attempt.workerId)), outcomeOf(attempt));
  }
}
