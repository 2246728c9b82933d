/** Why a task of the fake lab went where it went, with figures that differ from task to task. */
import { type WorkerId, workerId } from '../../../src/core/fleet/worker.ts';
import type { PlacementExplanation, ScoredWorker } from '../../../src/core/scheduling/explanation.ts';
import { SCORE_NAMES, type ScoreName } from '../../../src/core/scheduling/score-names.ts';
import { MINUTE_MS } from '../../../src/core/time.ts';
import { machineAt } from './machines.ts';
import { chance } from './signals.ts';

const WEIGHTS = { headroom: 3, fit: 2, speed: 3, reliability: 2, affinity: 1, cost: 1, power: 0 };

/** `chosen` as the fleet knows it; the others are of a lab that has changed since. */
export function explanationOf(seed: number, chosen: WorkerId, atMs: number): PlacementExplanation {
  const scored = (id: WorkerId, name: string, place: number): ScoredWorker => {
    const scores = Object.fromEntries(
      SCORE_NAMES.map((score, index) => [
        score,
        score === 'affinity' && place === 1 ? null : Math.max(0, 1 - place * 0.13 - chance(seed + index, place) * 0.4),
      ]),
    ) as Record<ScoreName, number | null>;
    return { workerId: id, name, total: 0.86 - place * 0.09, scores };
  };
  return {
    atMs,
    profile: 'balanced',
    weights: WEIGHTS,
    counted: SCORE_NAMES.filter((name) => name !== 'power'),
    assumed: { affinity: 0.4 },
    // Ids of the fake lab end with the worker's number.
    chosen: scored(chosen, machineAt(Number(chosen.slice(-12))).name, 0),
    others: ['rig-04', 'epyc-a', '<b>rig-01</b>'].map((name, index) =>
      scored(workerId(`other-${index}`), name, index + 1),
    ),
    fittingCount: 6,
    rejected: [
      { filter: 'gpus', count: 3 },
      { filter: 'fresh', count: 1 },
      { filter: 'free-memory', count: 1 },
    ],
    isLastResort: false,
    expectedDurationMs: seed % 2 === 0 ? 18 * MINUTE_MS : null,
  };
}
