/** What running attempts use at this moment, and the output that they have written since it was last fetched. */
import type { WorkerId } from '../../core/fleet/worker.ts';
import type { AttemptPulse } from '../../core/tasks/attempt.ts';
import type { TaskBook } from '../../core/tasks/book.ts';
import { type AttemptId, isAttemptOver } from '../../core/tasks/task.ts';
import { type Clock, SECOND_MS } from '../../core/time.ts';
import type { Collecting } from './collecting.ts';

/** So much of what it wrote is lost with a worker. A little less than two of its pulses are apart. */
const FOLLOW_EVERY_MS = 1.8 * SECOND_MS;

export interface PulsesOptions {
  readonly book: Pick<TaskBook, 'attempt'>;
  readonly collecting: Pick<Collecting, 'follow'>;
  readonly clock: Clock;
}

export interface Pulses {
  /** Answers those that are of attempts which this worker runs. */
  take(workerId: WorkerId, pulses: readonly AttemptPulse[]): readonly AttemptPulse[];
  /** The newest; undefined before the first and once it is over. */
  of(attemptId: AttemptId): AttemptPulse | undefined;
  /** What is over is let go. */
  moved(attemptId: AttemptId): void;
}

interface Followed {
  readonly pulse: AttemptPulse;
  readonly fetchedBytes: number;
  readonly fetchedAtMs: number;
}

export function createPulses({ book, collecting, clock }: PulsesOptions): Pulses {
  const newest = new Map<AttemptId, Followed>();

  function take(workerId: WorkerId, pulse: AttemptPulse): void {
    const { attemptId, outputBytes } = pulse;
    const nowMs = clock.monotonicMs();
    const before = newest.get(attemptId) ?? { pulse, fetchedBytes: 0, fetchedAtMs: Number.NEGATIVE_INFINITY };
    const isDue = outputBytes > before.fetchedBytes && nowMs - before.fetchedAtMs >= FOLLOW_EVERY_MS;
    newest.set(attemptId, isDue ? { pulse, fetchedBytes: outputBytes, fetchedAtMs: nowMs } : { ...before, pulse });
    if (isDue) collecting.follow(workerId, attemptId, outputBytes);
  }

  return {
    take(workerId, pulses) {
      const own = pulses.filter(({ attemptId }) => {
        const attempt = book.attempt(attemptId);
        return attempt?.workerId === workerId && !isAttemptOver(attempt.state);
      });
      for (const pulse of own) take(workerId, pulse);
      return own;
    },
    of: (attemptId) => newest.get(attemptId)?.pulse,
    moved(attemptId) {
      const attempt = book.attempt(attemptId);
      if (attempt === undefined || isAttemptOver(attempt.state)) newest.delete(attemptId);
    },
  };
}
