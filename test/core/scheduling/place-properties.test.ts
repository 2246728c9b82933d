/** What holds of every placement, whatever is asked for and whatever the workers are like. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { WorkerId } from '../../../src/core/fleet/worker.ts';
import { createPlace } from '../../../src/core/scheduling/create-place.ts';
import { MOST_OTHERS, type ScoredWorker } from '../../../src/core/scheduling/explanation.ts';
import { askedBy, fits } from '../../../src/core/scheduling/filters.ts';
import { freeRoomOf } from '../../../src/core/scheduling/free-room.ts';
import type { Candidate, Measured, Use } from '../../../src/core/scheduling/place.ts';
import { PROFILE_NAMES, weightsOf } from '../../../src/core/scheduling/profiles.ts';
import { createMixLearner } from '../../../src/core/scheduling/shape.ts';
import type { Promised, TaskNeeds } from '../../../src/core/tasks/task.ts';
import { aContext, NOW_MS, placeOnce } from '../../support/placing.ts';
import { aCandidate, aPromise, aSpec, GIB, someNeeds, taskIdOf } from '../../support/tasks.ts';

const needs = fc.record({
  cores: fc.constantFrom(0.1, 0.5, 1, 2.5, 8),
  memoryBytes: fc.constantFrom(null, GIB, 5 * GIB),
  gpus: fc.constantFrom(0, 0, 0.1, 0.3, 0.5, 1, 2),
  gpuMemoryBytes: fc.constantFrom(null, 5 * GIB, 20 * GIB),
  gpuModel: fc.constantFrom(null, null, '4090', 'H100|4090'),
  labels: fc.constantFrom({}, {}, { rack: 'a' }),
});

const use: fc.Arbitrary<Use> = fc.record({
  cores: fc.constantFrom(null, 0, 0.75, 3),
  memoryBytes: fc.constantFrom(null, 0, 2 * GIB, 6 * GIB),
});

const measured: fc.Arbitrary<Measured | null> = fc.option(
  fc.record({
    attempts: fc.array(fc.option(use), { maxLength: 3 }),
    others: use,
    powerWatts: fc.constantFrom(null, 80, 300),
  }),
);

const worker = fc.record({
  cores: fc.constantFrom(null, 2, 8, 64),
  gigabytes: fc.constantFrom(4, 16, 256),
  gpus: fc.constantFrom(0, 1, 4),
  model: fc.constantFrom('NVIDIA GeForce RTX 4090', 'NVIDIA H100 PCIe'),
  rack: fc.constantFrom('a', 'b'),
  isReachable: fc.constantFrom(true, true, true, false),
  critical: fc.constantFrom(null, null, null, 'at its limit'),
  promisedCores: fc.array(fc.constantFrom(0.5, 1, 2), { maxLength: 3 }),
  pricePerHour: fc.constantFrom(null, 0, 1, 3),
  measured,
});

const lab = fc.array(worker, { minLength: 1, maxLength: 14 }).map((all) =>
  all.map(({ cores, gigabytes, gpus, model, rack, promisedCores, ...rest }, index): Candidate => {
    const list = Array.from({ length: gpus }, (_, at) => ({ index: at, model, memoryBytes: 24 * GIB }));
    const capacity = { cores, memoryBytes: gigabytes * GIB, gpus: list };
    const promised = promisedCores.map((each) => aPromise({ cores: each, memoryBytes: GIB / 2 }));
    return aCandidate(index + 1, { capacity, labels: { rack }, promised, ...rest });
  }),
);

const profile = fc.constantFrom(...PROFILE_NAMES);

function contextFor(name: (typeof PROFILE_NAMES)[number], asked: readonly Partial<TaskNeeds>[] = []) {
  const learner = createMixLearner();
  for (const one of asked) learner.add(someNeeds(one));
  return { profile: name, weights: weightsOf(name), mix: learner.mix() };
}

describe('whatever is asked for', () => {
  test('nothing is promised beyond capacity, what is measured, and what others use', () => {
    fc.assert(
      fc.property(lab, fc.array(needs, { maxLength: 40 }), profile, (workers, all, name) => {
        const place = createPlace();
        const candidates = [...workers];
        all.forEach((one, index) => {
          const task = { taskId: taskIdOf(index + 1), spec: aSpec({ needs: someNeeds(one) }) };
          const decision = place(task, candidates, aContext(contextFor(name, all)));
          if (decision.kind !== 'placed') return;
          const at = candidates.findIndex(({ workerId }) => workerId === decision.workerId);
          const before = candidates[at]!;
          expectWithin(before, decision.promised);
          candidates[at] = { ...before, promised: [...before.promised, decision.promised] };
        });
      }),
    );
  });

  test('the same tasks on the same workers go to the same places, whatever was placed before', () => {
    fc.assert(
      fc.property(lab, fc.array(needs, { minLength: 1, maxLength: 12 }), profile, (workers, all, name) => {
        const place = createPlace();
        const context = aContext(contextFor(name, all));
        const tasks = all.map((one, index) => ({
          taskId: taskIdOf(index + 1),
          spec: aSpec({ needs: someNeeds(one) }),
        }));
        for (const task of [...tasks, ...tasks.toReversed()]) {
          expect(place(task, workers, context)).toEqual(createPlace()(task, workers, context));
        }
      }),
    );
  });

  test('the order in which workers come changes nothing', () => {
    fc.assert(
      fc.property(lab, needs, profile, (workers, one, name) => {
        const chosen = (candidates: readonly Candidate[]) => {
          const decision = placeOnce({ needs: someNeeds(one) }, candidates, contextFor(name));
          return decision.kind === 'placed' ? decision.workerId : decision.kind;
        };
        expect(chosen(workers.toReversed())).toBe(chosen(workers));
      }),
    );
  });

  test('a harder need never widens the choice', () => {
    const harder: fc.Arbitrary<Partial<TaskNeeds>> = fc.constantFrom<Partial<TaskNeeds>>(
      { labels: { rack: 'b' } },
      { capabilities: ['avx512'] },
      { cores: 16 },
      { memoryBytes: 100 * GIB },
      { gpus: 3 },
      { gpus: 1, gpuModel: 'H100' },
    );
    fc.assert(
      fc.property(lab, needs, harder, (workers, one, more) => {
        const base = { ...one, labels: {}, gpuModel: null, cores: 0.1, memoryBytes: null, gpus: Math.min(one.gpus, 1) };
        const [easy, hard] = [base, { ...base, ...more }].map((wanted) =>
          fittingIn(workers, someNeeds({ ...wanted, gpuMemoryBytes: null })),
        );
        expect([...hard!].filter((id) => !easy!.has(id))).toEqual([]);
      }),
    );
  });

  test('more capacity never makes a task unplaceable, nor keeps it waiting', () => {
    fc.assert(
      fc.property(lab, needs, fc.nat(13), (workers, one, at) => {
        const grown = workers.map((candidate, index) => {
          if (index !== at % workers.length) return candidate;
          const { cores, memoryBytes, gpus } = candidate.capacity;
          const more = { index: gpus.length, model: 'NVIDIA H100 PCIe', memoryBytes: 80 * GIB };
          const capacity = {
            cores: (cores ?? 0) + 8,
            memoryBytes: (memoryBytes ?? 0) + 8 * GIB,
            gpus: [...gpus, more],
          };
          return { ...candidate, capacity };
        });
        const before = placeOnce({ needs: someNeeds(one) }, workers);
        const after = placeOnce({ needs: someNeeds(one) }, [...grown, aCandidate(99)]);
        if (before.kind === 'placed') expect(after.kind).toBe('placed');
        if (before.kind === 'waits') expect(after.kind).not.toBe('unplaceable');
      }),
    );
  });

  test('the explanation agrees with the decision, and every total follows from what it says', () => {
    fc.assert(
      fc.property(lab, needs, profile, (workers, one, name) => {
        const decision = placeOnce({ needs: someNeeds(one) }, workers, contextFor(name, [one]));
        if (decision.kind !== 'placed') return;
        const { explanation } = decision;
        const shown = [explanation.chosen, ...explanation.others];
        expect(explanation.chosen.workerId).toBe(decision.workerId);
        expect(shown.length).toBe(Math.min(explanation.fittingCount, 1 + MOST_OTHERS));
        expect(new Set(shown.map(({ workerId }) => workerId))).toEqual(
          new Set(
            [...fittingIn(workers, someNeeds(one))].filter((id) => shown.some(({ workerId }) => workerId === id)),
          ),
        );
        const kept = explanation.rejected.reduce((sum, { count }) => sum + count, 0);
        expect(explanation.fittingCount + kept).toBe(workers.length);
        const weightSum = explanation.counted.reduce((sum, score) => sum + explanation.weights[score], 0);
        const totalOf = ({ scores }: ScoredWorker) =>
          explanation.counted.reduce((sum, score) => {
            const figure = scores[score] ?? explanation.assumed[score];
            expect(figure).toBeGreaterThanOrEqual(0);
            expect(figure).toBeLessThanOrEqual(1);
            return sum + explanation.weights[score] * figure!;
          }, 0) / weightSum;
        shown.forEach((candidate, place) => {
          expect(candidate.total).toBeCloseTo(totalOf(candidate), 3);
          expect(candidate.total).toBeLessThanOrEqual((shown[place - 1] ?? candidate).total);
        });
        expect(explanation).toMatchObject({ atMs: NOW_MS, profile: name, weights: weightsOf(name) });
      }),
    );
  });
});

function expectWithin(before: Candidate, promised: Promised): void {
  const free = freeRoomOf(before);
  expect(promised.cores).toBeLessThanOrEqual((free.cores ?? 0) + 1e-6);
  expect(promised.memoryBytes).toBeLessThanOrEqual((free.memoryBytes ?? 0) + 1e-6);
  for (const { index, share } of promised.gpus) {
    const gpu = free.gpus.find((one) => one.index === index)!;
    expect(share).toBeLessThanOrEqual(gpu.freeShare + 1e-6);
    expect(promised.gpuMemoryBytes).toBeLessThanOrEqual(gpu.freeMemoryBytes ?? 0);
  }
  const { memoryBytes } = before.capacity;
  const taken = before.promised.reduce(
    (sum, one, place) => sum + Math.max(one.memoryBytes, before.measured?.attempts[place]?.memoryBytes ?? 0),
    (before.measured?.others.memoryBytes ?? 0) + promised.memoryBytes,
  );
  // What asks for no memory is never kept out by it.
  if (promised.memoryBytes > 0) expect(taken).toBeLessThanOrEqual(memoryBytes ?? 0);
}

/** Each worker that nothing keeps from the task. */
function fittingIn(workers: readonly Candidate[], asked: TaskNeeds): ReadonlySet<WorkerId> {
  const task = askedBy(aSpec({ needs: asked }));
  return new Set(workers.filter((one) => fits(task, one)).map(({ workerId }) => workerId));
}
