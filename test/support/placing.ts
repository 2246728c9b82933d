/** Placement as a test asks for it: in a context of which it changes what it is about. */
import type { WorkerId } from '../../src/core/fleet/worker.ts';
import { createPlace, type PlaceContext } from '../../src/core/scheduling/create-place.ts';
import { createExperience } from '../../src/core/scheduling/experience.ts';
import type { PlacementExplanation, ScoredWorker } from '../../src/core/scheduling/explanation.ts';
import { type Candidate, type Decision, type Expectations, NO_EXPECTATIONS } from '../../src/core/scheduling/place.ts';
import { weightsOf } from '../../src/core/scheduling/profiles.ts';
import type { ScoreName } from '../../src/core/scheduling/score-names.ts';
import { createMixLearner } from '../../src/core/scheduling/shape.ts';
import type { TaskSpec } from '../../src/core/tasks/task.ts';
import { aSpec, taskIdOf } from './tasks.ts';

export const NOW_MS = 1_000_000_000;

/** Nothing was asked for before, nothing has ended, the profile is balanced. */
export function aContext(changes: Partial<PlaceContext> = {}): PlaceContext {
  return {
    avoid: new Set<WorkerId>(),
    kept: new Set<WorkerId>(),
    nowMs: NOW_MS,
    profile: 'balanced',
    weights: weightsOf('balanced'),
    mix: createMixLearner().mix(),
    expectations: NO_EXPECTATIONS,
    experience: createExperience(),
    ...changes,
  };
}

/** Task 1 of the spec, with nothing kept from before. */
export function placeOnce(
  spec: Partial<TaskSpec>,
  candidates: readonly Candidate[],
  context: Partial<PlaceContext> = {},
): Decision {
  return createPlace()({ taskId: taskIdOf(1), spec: aSpec(spec) }, candidates, aContext(context));
}

/** The explanation of a task that is placed. Throws for one that is not. */
export function explained(...asked: Parameters<typeof placeOnce>): PlacementExplanation {
  const decision = placeOnce(...asked);
  if (decision.kind !== 'placed') throw new Error(decision.reason);
  return decision.explanation;
}

/** A sub-score of each worker that could take the task, by its name. */
export function scoresOf(explanation: PlacementExplanation, name: ScoreName): Readonly<Record<string, number | null>> {
  const all: readonly ScoredWorker[] = [explanation.chosen, ...explanation.others];
  return Object.fromEntries(all.map((worker) => [worker.name, worker.scores[name]]));
}

/** Durations by the name of the worker; others are not known. */
export function durations(byName: Readonly<Record<string, number>>): Expectations {
  return { version: 1, of: (_, { name }) => ({ durationMs: byName[name] ?? null }) };
}
