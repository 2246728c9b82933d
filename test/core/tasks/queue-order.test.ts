import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runVirtualLab, type VirtualJob } from './virtual-lab.ts';

const HOUR_S = 3_600;
const DAY_S = 24 * HOUR_S;

const job: fc.Arbitrary<VirtualJob> = fc.record({
  arrivesAtS: fc.integer({ min: 0, max: 400 }),
  runS: fc.constantFrom(1, 5, 20, 60, 300, 2_000),
  cores: fc.integer({ min: 1, max: 8 }),
  priority: fc.constantFrom(50, 50, 50, 60),
});
const jobs = fc.array(job, { minLength: 2, maxLength: 40 });
const fleet = fc.array(fc.constantFrom(2, 4, 8), { minLength: 0, maxLength: 3 }).map((cores) => [8, ...cores]);

function isWithinCapacity(cores: readonly number[], all: readonly VirtualJob[], starts: Starts): boolean {
  return starts.every(({ startS, workerId }) => {
    const there = starts.filter((one) => {
      const runS = all[one.number - 1]?.runS ?? 0;
      return one.workerId === workerId && one.startS <= startS && startS < one.startS + runS;
    });
    const used = there.reduce((sum, { number }) => sum + (all[number - 1]?.cores ?? 0), 0);
    return used <= (cores[Number(workerId.slice(2)) - 1] ?? 0);
  });
}

type Starts = ReturnType<typeof runVirtualLab>['starts'];

describe('whatever is submitted', () => {
  test.each([
    ['nothing is known of it', false],
    ['all is known of it', true],
  ])('each task begins in the end, once, and no worker holds more than it has, where %s', (_, isForeknown) => {
    fc.assert(
      fc.property(fleet, jobs, (cores, all) => {
        const { starts } = runVirtualLab(cores, all, isForeknown);
        expect(starts.map(({ number }) => number).sort((one, other) => one - other)).toEqual(
          all.map((_one, i) => i + 1),
        );
        expect(isWithinCapacity(cores, all, starts)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  test('tasks that pass never delay the one that room is kept for, where predictions come true', () => {
    fc.assert(
      fc.property(fleet, jobs, (cores, all) => {
        // All at once: nobody comes later and stands before it.
        const together = all.map((one) => ({ ...one, arrivesAtS: 0 }));
        const { starts, promises } = runVirtualLab(cores, together, true);
        const [first] = promises;
        if (first === undefined) return;
        const begun = starts.find(({ number }) => number === first.number)?.startS ?? Number.POSITIVE_INFINITY;
        expect(begun).toBeLessThanOrEqual(first.startS);
      }),
      { numRuns: 80 },
    );
  });

  test('the same workload is scheduled in the same way again', () => {
    fc.assert(
      fc.property(fleet, jobs, (cores, all) => {
        expect(runVirtualLab(cores, all, false)).toMatchObject({ starts: runVirtualLab(cores, all, false).starts });
      }),
      { numRuns: 20 },
    );
  });
});

describe('the order of the queue', () => {
  const startOf = (starts: Starts, number: number) => starts.find((one) => one.number === number)?.startS;

  test('puts the one that is expected to be short first among those of one priority', () => {
    const { starts } = runVirtualLab(
      [1],
      [
        { arrivesAtS: 0, runS: 100, cores: 1 },
        { arrivesAtS: 1, runS: HOUR_S, cores: 1 },
        { arrivesAtS: 2, runS: 60, cores: 1 },
      ],
      true,
    );
    expect(starts.map(({ number }) => number)).toEqual([1, 3, 2]);
  });

  test('puts a higher priority first, however long it takes', () => {
    const { starts } = runVirtualLab(
      [1],
      [
        { arrivesAtS: 0, runS: 100, cores: 1 },
        { arrivesAtS: 1, runS: 1, cores: 1, priority: 50 },
        { arrivesAtS: 2, runS: DAY_S, cores: 1, priority: 65 },
      ],
      true,
    );
    expect(starts.map(({ number }) => number)).toEqual([1, 3, 2]);
  });

  test('lets no stream of short tasks, nor one of higher priority, starve a long one of low priority', () => {
    // Another one whenever the one before it ends: without age the long one would never begin.
    for (const { runS, priority, count, mostWaitS } of [
      { runS: HOUR_S, priority: 50, count: 24 * 22, mostWaitS: 21 * DAY_S },
      { runS: 8 * HOUR_S, priority: 53, count: 3 * 26, mostWaitS: 25 * DAY_S },
    ]) {
      const stream = Array.from({ length: count }, (_, place) => ({
        arrivesAtS: place * runS,
        runS,
        cores: 1,
        priority,
      }));
      const long = { arrivesAtS: 10, runS: 7 * DAY_S, cores: 1, priority: 50 };
      const { starts } = runVirtualLab([1], [...stream, long], true);
      const startS = startOf(starts, count + 1) ?? Number.POSITIVE_INFINITY;
      expect(startS).toBeGreaterThan(10 * DAY_S);
      expect(startS).toBeLessThanOrEqual(mostWaitS);
    }
  });

  test('lets a small task pass a large one that waits, and none that would hold it up', () => {
    const all = [
      { arrivesAtS: 0, runS: 1_000, cores: 6 },
      { arrivesAtS: 1, runS: 500, cores: 8, priority: 60 },
      { arrivesAtS: 2, runS: 5_000, cores: 2 },
      { arrivesAtS: 3, runS: 900, cores: 2 },
    ];
    const { starts, promises } = runVirtualLab([8], all, true);
    expect(startOf(starts, 4)).toBe(3);
    expect(startOf(starts, 2)).toBe(1_000);
    expect(startOf(starts, 3)).toBe(1_500);
    expect(promises[0]).toEqual({ number: 2, atS: 1, startS: 1_000 });
  });
});
