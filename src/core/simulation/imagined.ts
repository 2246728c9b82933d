/** What a simulation imagines: workers that are there and empty, and placement by a profile on the simulation's own clock. */
import { workerId } from '../fleet/worker.ts';
import { createPlace } from '../scheduling/create-place.ts';
import { createExperience } from '../scheduling/experience.ts';
import { type Candidate, type Capacity, NO_EXPECTATIONS, type Place } from '../scheduling/place.ts';
import { type ProfileName, weightsOf } from '../scheduling/profiles.ts';
import { createMixLearner } from '../scheduling/shape.ts';

/** An empty worker that takes whatever fits. */
export function imaginedWorker(name: string, capacity: Capacity): Candidate {
  return {
    workerId: workerId(name),
    name,
    capacity,
    ...{ isReachable: true, isFresh: true, runsTasks: true, admission: 'open', trouble: null, critical: null },
    ...{ capabilities: [], labels: {}, allowedPrograms: null, maxParallel: null, pricePerHour: null },
    ...{ promised: [], measured: null },
  };
}

/** Placement that learns only the mix of what it was asked to place. */
export function imaginedPlace(profile: ProfileName, nowMs: () => number): Place {
  const place = createPlace();
  const learner = createMixLearner();
  const context = {
    ...{ profile, weights: weightsOf(profile), expectations: NO_EXPECTATIONS, experience: createExperience() },
  };
  return (task, candidates, avoid, kept = new Set()) =>
    place(task, candidates, { ...context, avoid, kept, nowMs: nowMs(), mix: learner.mix() });
}
