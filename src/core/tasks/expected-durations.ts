/**
 * What placement expects of tasks: the middle of how long they take on workers of each class. What was learned since is
 * heeded once a second at most, for it is asked for every worker and sort of task.
 */
import type { Expectations as PlaceExpectations } from '../scheduling/place.ts';
import { shapeOf, workerClassOf } from '../scheduling/predict-keys.ts';
import { SECOND_MS } from '../time.ts';
import type { Expectations } from './expectations.ts';

export interface ExpectedDurations extends PlaceExpectations {
  /** Before a round: from now on with what was learned until now. */
  freshen(nowMs: number): void;
}

export function createExpectedDurations(expectations: Pick<Expectations, 'durationOf' | 'learned'>): ExpectedDurations {
  const known = new Map<string, number | null>();
  let [version, learned, freshAtMs] = [0, 0, Number.NEGATIVE_INFINITY];

  return {
    get version() {
      return version;
    },
    of(spec, candidate) {
      const workerClass = workerClassOf(candidate);
      const key = JSON.stringify([shapeOf(spec), spec.type, spec.timeoutMs, workerClass]);
      const before = known.get(key);
      if (before !== undefined) return { durationMs: before };
      const durationMs = expectations.durationOf(spec, candidate.workerId)?.p50 ?? null;
      known.set(key, durationMs);
      return { durationMs };
    },
    freshen(nowMs) {
      if (expectations.learned() === learned || Math.abs(nowMs - freshAtMs) < SECOND_MS) return;
      [learned, freshAtMs] = [expectations.learned(), nowMs];
      version += 1;
      known.clear();
    },
  };
}
