/** What placement rests on beside task and workers: the settings, what is usually asked for, what ended attempts taught. */
import type { WorkerId } from '../../core/fleet/worker.ts';
import { createPlace } from '../../core/scheduling/create-place.ts';
import { createExperience } from '../../core/scheduling/experience.ts';
import { type Expectations, NO_EXPECTATIONS, type Place } from '../../core/scheduling/place.ts';
import type { Weighing } from '../../core/scheduling/profiles.ts';
import { createMixLearner, type Shape } from '../../core/scheduling/shape.ts';
import type { EndedAttempt } from '../../core/tasks/ended-attempt.ts';
import type { Clock } from '../../core/time.ts';

/** Ended attempts that are read at the start: the experience of some days of a busy lab. */
export const REMEMBERED_ATTEMPTS = 2_000;

const NOBODY: ReadonlySet<WorkerId> = new Set();

export interface PolicyOptions {
  readonly weighing: () => Weighing;
  readonly clock: Clock;
  readonly expectations?: Expectations;
}

export interface Policy {
  readonly place: Place;
  /** A task that asks for this was submitted. */
  arrived(needs: Shape): void;
  /** One after another, as they ended. */
  learn(ended: EndedAttempt): void;
  forget(workerId: WorkerId): void;
}

export function createPolicy({ weighing, clock, expectations = NO_EXPECTATIONS }: PolicyOptions): Policy {
  const place = createPlace();
  const experience = createExperience();
  const learner = createMixLearner();

  return {
    place: (task, candidates, avoid, kept = NOBODY) =>
      place(task, candidates, {
        ...weighing(),
        avoid,
        kept,
        nowMs: Math.round(clock.nowMs()),
        mix: learner.mix(),
        expectations,
        experience,
      }),
    arrived: learner.add,
    learn: experience.learn,
    forget: experience.forget,
  };
}
