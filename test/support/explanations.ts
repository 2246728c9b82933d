/** Explanations of placements for tests: complete ones, of which a test changes what it is about. */
import { workerId } from '../../src/core/fleet/worker.ts';
import type { PlacementExplanation } from '../../src/core/scheduling/explanation.ts';
import { weightsOf } from '../../src/core/scheduling/profiles.ts';

/** `w-1` chosen, as the only one that could take the task, for its headroom. */
export function anExplanation(changes: Partial<PlacementExplanation> = {}): PlacementExplanation {
  const unknown = { speed: null, reliability: null, affinity: null, cost: null, power: null };
  return {
    atMs: 1_000_000,
    profile: 'balanced',
    weights: weightsOf('balanced'),
    counted: ['headroom', 'fit'],
    assumed: {},
    chosen: {
      workerId: workerId('w-1'),
      name: 'rig-1',
      total: 0.65,
      scores: { headroom: 0.75, fit: 0.5, ...unknown },
    },
    others: [],
    fittingCount: 1,
    rejected: [],
    isLastResort: false,
    expectedDurationMs: null,
    ...changes,
  };
}
