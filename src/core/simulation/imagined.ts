/** What a simulation imagines: workers that are there and empty, tasks that ask for little, and placement by a profile on the simulation's own clock. */
import { workerId } from '../fleet/worker.ts';
import { createPlace } from '../scheduling/create-place.ts';
import { createExperience } from '../scheduling/experience.ts';
import { type Candidate, type Capacity, NO_EXPECTATIONS, type Place } from '../scheduling/place.ts';
import { type ProfileName, weightsOf } from '../scheduling/profiles.ts';
import { createMixLearner } from '../scheduling/shape.ts';
import type { TaskNeeds, TaskSpec } from '../tasks/task.ts';

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

/** Asks for a core and nothing else. */
export const NO_NEEDS: TaskNeeds = {
  cores: 1,
  ...{ memoryBytes: null, gpus: 0, gpuMemoryBytes: null, gpuModel: null, capabilities: [], labels: {} },
};

/** A task of which a plan says no more than this. */
export function imaginedSpec(known: Pick<TaskSpec, 'name' | 'command' | 'needs'> & Partial<TaskSpec>): TaskSpec {
  return {
    ...{ isShell: false, cwd: null, env: {}, stdin: null, bring: [], fetch: [], fileLimitBytes: 0, type: null },
    ...{ priority: 50, timeoutMs: null, retries: 0, after: [], affinityKey: null, group: null, groupLimit: null },
    ...{ isPreemptible: false, isRerunIfLost: true },
    ...known,
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
