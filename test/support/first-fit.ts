/**
 * Placement on the first worker that has room, workers in their order, for tests that are about what follows. What keeps a
 * task from a worker, what is promised and what is said are the product's own.
 */
import { createPlace } from '../../src/core/scheduling/create-place.ts';
import { createExperience } from '../../src/core/scheduling/experience.ts';
import { type Candidate, NO_EXPECTATIONS, type Place } from '../../src/core/scheduling/place.ts';
import { weightsOf } from '../../src/core/scheduling/profiles.ts';
import { createMixLearner } from '../../src/core/scheduling/shape.ts';

const place = createPlace();
const context = {
  nowMs: 1_000_000,
  profile: 'balanced',
  weights: weightsOf('balanced'),
  mix: createMixLearner().mix(),
  expectations: NO_EXPECTATIONS,
  experience: createExperience(),
} as const;

export const firstFit: Place = (task, candidates, avoid, kept = new Set()) => {
  const decision = place(task, candidates, { ...context, avoid, kept });
  if (decision.kind !== 'placed') return decision;
  const alone = (candidate: Candidate) => place(task, [candidate], { ...context, avoid: new Set(), kept });
  const preferred = candidates.filter(({ workerId }) => !avoid.has(workerId));
  const first = [...preferred, ...candidates].map(alone).find(({ kind }) => kind === 'placed');
  return first ?? decision;
};
