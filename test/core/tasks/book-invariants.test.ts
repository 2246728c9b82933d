import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Run, TaskSpec } from '../../../src/core/tasks/task.ts';
import { GIB, someNeeds } from '../../support/tasks.ts';
import { createWorld, type Deed } from './world.ts';

const DEEDS: readonly { readonly weight: number; readonly deeds: readonly Deed[] }[] = [
  { weight: 4, deeds: ['submit', 'schedule', 'begin', 'end-well'] },
  { weight: 2, deeds: ['end-badly', 'collect', 'return', 'cancel', 'retry'] },
  { weight: 1, deeds: ['vanish', 'cut', 'lose', 'cancel-run', 'unpark', 'refuse', 'give-back', 'restart', 'evict'] },
];

const spec = fc
  .record({
    cores: fc.constantFrom(0.1, 1, 2),
    gpus: fc.constantFrom(0, 0, 0.3, 0.5, 1, 2),
    gpuMemoryBytes: fc.constantFrom(null, 8 * GIB),
    priority: fc.constantFrom(10, 50, 90),
    retries: fc.integer({ min: 0, max: 2 }),
    isRerunIfLost: fc.boolean(),
    group: fc.constantFrom(null, null, 'db'),
    groupLimit: fc.constantFrom(null, 1, 2),
    after: fc.array(fc.nat({ max: 4 }), { maxLength: 2 }),
  })
  .map(({ cores, gpus, gpuMemoryBytes, ...rest }) => ({ needs: someNeeds({ cores, gpus, gpuMemoryBytes }), ...rest }));

/** Tasks come after earlier ones of the same plan. */
const plan = fc.array(spec, { minLength: 1, maxLength: 5 }).map((specs) =>
  specs.map((one, index): Partial<TaskSpec> => {
    const after = [...new Set(one.after)].filter((earlier) => earlier < index).map((earlier) => `task-${earlier}`);
    return { ...one, after };
  }),
);

const run: fc.Arbitrary<Partial<Run>> = fc.record({
  maxParallel: fc.constantFrom(null, null, 1, 2),
  onFailure: fc.constantFrom('continue', 'stop'),
});

const step = fc.record({
  deed: fc.oneof(...DEEDS.map(({ weight, deeds }) => ({ weight, arbitrary: fc.constantFrom(...deeds) }))),
  pick: fc.nat({ max: 1_000 }),
  specs: plan,
  run,
});

describe('whatever happens', () => {
  test('no task is lost or run twice at once, promises hold, ends stay, and everything is collected once', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 60, size: 'max' }), (steps) => {
        const world = createWorld();
        world.do('submit', 0, steps[0]?.specs ?? [], {});
        for (const { deed, pick, specs, run: changes } of steps) world.do(deed, pick, specs, changes);
        const { taskCount, openCount } = world.finish();
        expect(taskCount).toBeGreaterThan(0);
        expect(openCount).toBeLessThanOrEqual(taskCount);
      }),
      { numRuns: 150 },
    );
  });
});
