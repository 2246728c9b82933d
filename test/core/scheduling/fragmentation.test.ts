import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { strandedGpus } from '../../../src/core/scheduling/fragmentation.ts';
import type { FreeRoom } from '../../../src/core/scheduling/free-room.ts';
import { createMixLearner, type Shape } from '../../../src/core/scheduling/shape.ts';
import { GIB, someNeeds } from '../../support/tasks.ts';

function room(cores: number, ...shares: readonly number[]): FreeRoom {
  const gpus = shares.map((freeShare, index) => ({
    index,
    model: 'T4',
    memoryBytes: null,
    freeShare,
    freeMemoryBytes: null,
  }));
  return { cores, memoryBytes: 64 * GIB, gpus };
}

function mixOf(...shapes: readonly Partial<Shape>[]) {
  const learner = createMixLearner();
  for (const shape of shapes) learner.add(someNeeds(shape));
  return learner.mix();
}

describe('stranded GPUs', () => {
  test('are those that no task of the mix can fill, as many of them as fit', () => {
    expect(strandedGpus(room(8, 1, 1), mixOf({ gpus: 1 }))).toBe(0);
    expect(strandedGpus(room(8, 1, 0.5), mixOf({ gpus: 1 }))).toBe(0.5);
    expect(strandedGpus(room(8, 0.9), mixOf({ gpus: 0.4 }))).toBeCloseTo(0.1);
  });

  test('are also those for which cores run out first', () => {
    expect(strandedGpus(room(8, 1, 1), mixOf({ gpus: 1, cores: 8 }))).toBe(1);
    expect(strandedGpus(room(4, 1, 1), mixOf({ gpus: 1, cores: 8 }))).toBe(2);
  });

  test('are weighed by how often each shape comes', () => {
    const mix = (() => {
      const learner = createMixLearner();
      for (const gpus of [1, 1, 1, 2]) learner.add(someNeeds({ gpus }));
      for (let more = 0; more < 25; more += 1) learner.add(someNeeds({ gpus: 0 }));
      return learner.mix();
    })();
    expect(strandedGpus(room(64, 1), mix)).toBeCloseTo(0.25);
  });

  test('are kept whole before anything was asked for', () => {
    const nothing = createMixLearner().mix();
    expect(strandedGpus(room(8, 1, 1), nothing)).toBe(0);
    expect(strandedGpus(room(8, 0.5, 0.5), nothing)).toBe(1);
  });

  test('are never more than are free, nor less than none', () => {
    const share = fc.constantFrom<number>(0, 0.1, 0.5, 0.9, 1);
    const shape = fc.record({ cores: fc.constantFrom(0.5, 4, 30), gpus: fc.constantFrom(0.1, 0.3, 1, 2, 4) });
    fc.assert(
      fc.property(
        fc.array(share, { maxLength: 8 }),
        fc.nat(32),
        fc.array(shape, { minLength: 1 }),
        (shares, cores, shapes) => {
          const free = shares.reduce((sum, one) => sum + one, 0);
          const stranded = strandedGpus(room(cores, ...shares), mixOf(...shapes));
          expect(stranded).toBeGreaterThanOrEqual(0);
          expect(stranded).toBeLessThanOrEqual(free + 1e-9);
        },
      ),
    );
  });
});

describe('the mix', () => {
  test('knows nothing of what comes later, and is the same until enough has come', () => {
    const learner = createMixLearner();
    learner.add(someNeeds({ gpus: 1 }));
    const first = learner.mix();
    expect(first.shapes.map(({ shape }) => shape.gpus)).toEqual([1]);
    learner.add(someNeeds({ gpus: 2 }));
    expect(learner.mix()).toBe(first);
    for (let more = 0; more < 20; more += 1) learner.add(someNeeds({ gpus: 2 }));
    expect(learner.mix().shapes[0]?.shape.gpus).toBe(2);
  });

  test('forgets what is asked for no more', () => {
    const learner = createMixLearner();
    for (let count = 0; count < 1_000; count += 1) learner.add(someNeeds({ gpus: 4 }));
    for (let count = 0; count < 300_000; count += 1) learner.add(someNeeds({ gpus: 1 }));
    expect(learner.mix().shapes.map(({ shape }) => shape.gpus)).toEqual([1]);
  });
});
