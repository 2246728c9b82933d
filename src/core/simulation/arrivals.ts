/**
 * Places a sequence of arrivals on imagined workers that nothing ever leaves, one after another, by the product's own
 * placement. It knows of an arrival only when it comes: the mix that placement heeds is learned from those before.
 */
import type { WorkerId } from '../fleet/worker.ts';
import { createPlace } from '../scheduling/create-place.ts';
import { createExperience } from '../scheduling/experience.ts';
import { type Candidate, type Capacity, NO_EXPECTATIONS } from '../scheduling/place.ts';
import { type ProfileName, weightsOf } from '../scheduling/profiles.ts';
import { createMixLearner } from '../scheduling/shape.ts';
import type { GpuShare, TaskId, TaskNeeds, TaskSpec } from '../tasks/task.ts';
import { imaginedSpec, imaginedWorker } from './imagined.ts';

export interface ImaginedWorker {
  readonly name: string;
  readonly capacity: Capacity;
}

export interface Arrival {
  readonly name: string;
  readonly needs: TaskNeeds;
}

/** Null: no worker had room. */
export type Placing = { readonly worker: string; readonly gpus: readonly GpuShare[] } | null;

/** `onPlaced` is told after each arrival how many have come. */
export function placeArrivals(
  workers: readonly ImaginedWorker[],
  arrivals: readonly Arrival[],
  profile: ProfileName,
  onPlaced: (count: number) => void = () => undefined,
): readonly Placing[] {
  const place = createPlace();
  const experience = createExperience();
  const learner = createMixLearner();
  const context = {
    ...{ profile, weights: weightsOf(profile), expectations: NO_EXPECTATIONS, experience },
    avoid: new Set<WorkerId>(),
    kept: new Set<WorkerId>(),
    nowMs: 0,
  };
  const candidates = workers.map(({ name, capacity }) => imaginedWorker(name, capacity));
  const indexes = new Map(candidates.map((candidate, index) => [candidate.workerId, index]));
  const specs = new Map<string, TaskSpec>();

  return arrivals.map(({ name, needs }, index) => {
    learner.add(needs);
    const key = JSON.stringify(needs);
    const spec = specs.get(key) ?? imaginedSpec({ name: 'arrival', command: ['true'], needs });
    specs.set(key, spec);
    const decision = place({ taskId: name as TaskId, spec }, candidates, { ...context, mix: learner.mix() });
    onPlaced(index + 1);
    if (decision.kind !== 'placed') return null;
    const at = indexes.get(decision.workerId) as number;
    const candidate = candidates[at] as Candidate;
    candidates[at] = { ...candidate, promised: [...candidate.promised, decision.promised] };
    return { worker: candidate.name, gpus: decision.promised.gpus };
  });
}
