import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createUsageFold, type UsageReading, type UsageSource } from '../../../src/core/tasks/attempt-usage.ts';
import { GIB } from '../../support/tasks.ts';

function aReading(atMs: number, changes: Partial<UsageReading> = {}): UsageReading {
  return {
    atMs,
    sources: [],
    memoryBytes: null,
    memoryPeakBytes: null,
    gpuUtilization: null,
    gpuMemoryBytes: null,
    processCount: null,
    ...changes,
  };
}

function aProcess(name: string, cpuSeconds: number, from: UsageSource['from'] = 'zero'): UsageSource {
  return { name, from, counts: { cpuSeconds } };
}

function usageOf(wallMs: number, ...readings: readonly UsageReading[]) {
  const fold = createUsageFold('process-tree');
  for (const reading of readings) fold.add(reading);
  return fold.usage(wallMs);
}

describe('what an attempt used', () => {
  test('is no data, not 0, for what no reading told', () => {
    const { basis, wallMs, ...figures } = usageOf(1_000, aReading(0), aReading(1_000));
    expect([basis, wallMs]).toEqual(['process-tree', 1_000]);
    expect(Object.values(figures).every((figure) => figure === null)).toBe(true);
  });

  test('is the sum over its processes, also of those that have ended', () => {
    const usage = usageOf(
      4_000,
      aReading(1_000, { sources: [aProcess('7/100', 0.5), aProcess('8/100', 1)], processCount: 2 }),
      aReading(2_000, { sources: [aProcess('7/100', 1.5)], processCount: 1 }),
      aReading(4_000, { sources: [aProcess('7/100', 2), aProcess('8/350', 0.5)], processCount: 2 }),
    );
    expect(usage).toMatchObject({ cpuSeconds: 3.5, coresPeak: 1.5, coresMean: 0.875, processesPeak: 2 });
  });

  test('counts what a counter shared with others grew by, and one that began anew from there', () => {
    const energy = (joules: number): UsageSource => ({
      name: 'gpu-0',
      from: 'first',
      counts: { energyJoules: joules },
    });
    const usage = usageOf(
      3_000,
      ...[5_000, 5_100, 30, 80].map((joules, index) => aReading(index * 1_000, { sources: [energy(joules)] })),
    );
    expect(usage.energyJoules).toBe(180);
    expect(usage.cpuSeconds).toBeNull();
  });

  test('has means weighted by time, over the time that was read only', () => {
    const usage = usageOf(
      100_000,
      aReading(10_000, { memoryBytes: 4 * GIB, gpuUtilization: 0.8 }),
      aReading(11_000, { memoryBytes: 4 * GIB }),
      aReading(14_000, { memoryBytes: 8 * GIB }),
      aReading(90_000, { memoryBytes: null }),
    );
    expect(usage.memoryMeanBytes).toBe((4 * GIB + 3 * 6 * GIB) / 4);
    expect(usage.memoryPeakBytes).toBe(8 * GIB);
    expect(usage).toMatchObject({ gpuUtilizationMean: 0.8, gpuUtilizationPeak: 0.8 });
  });

  test('takes the system’s own peak and total where they are greater', () => {
    const fold = createUsageFold('cgroup');
    fold.add(aReading(40, { sources: [aProcess('group', 0.05)], memoryBytes: 1_000, memoryPeakBytes: 9_000 }));
    expect(fold.cores()).toBeNull();
    expect(fold.usage(100, 0.2)).toMatchObject({
      cpuSeconds: 0.2,
      coresPeak: 2,
      coresMean: 2,
      memoryPeakBytes: 9_000,
    });
    expect(fold.usage(100, 0.01).cpuSeconds).toBe(0.05);
  });

  test('gives cores of the moment over spans that are long enough to tell', () => {
    const fold = createUsageFold('process-tree');
    fold.add(aReading(1_000, { sources: [aProcess('7/1', 0.5)] }));
    fold.add(aReading(1_050, { sources: [aProcess('7/1', 0.6)] }));
    expect(fold.cores()).toBe(0.5);
    fold.add(aReading(1_500, { sources: [aProcess('7/1', 1)] }));
    expect(fold.cores()).toBe(1);
  });

  test('stays right over more processes than are remembered', () => {
    const fold = createUsageFold('process-tree');
    for (let second = 1; second <= 100; second += 1) {
      const started = Array.from({ length: 50 }, (_, index) => aProcess(`${second * 50 + index}/1`, 0.01));
      fold.add(aReading(second * 1_000, { sources: [aProcess('1/1', second / 10), ...started] }));
    }
    expect(fold.usage(100_000).cpuSeconds).toBeCloseTo(10 + 5_000 * 0.01, 6);
  });

  test('has totals that never shrink, peaks that no mean exceeds, whatever is read', () => {
    const source = fc.record({
      name: fc.constantFrom('1/1', '2/1', '3/1'),
      from: fc.constant('zero' as const),
      counts: fc.record({ cpuSeconds: fc.double({ min: 0, max: 10, noNaN: true }) }),
    });
    const reading = fc.record({
      stepMs: fc.integer({ min: 1, max: 3_000 }),
      sources: fc.uniqueArray(source, { maxLength: 3, selector: ({ name }) => name }),
      memoryBytes: fc.option(fc.nat({ max: 1e9 })),
    });
    fc.assert(
      fc.property(fc.array(reading, { minLength: 1, maxLength: 30 }), (readings) => {
        const fold = createUsageFold('process-tree');
        let [atMs, cpuSeconds] = [0, 0];
        for (const { stepMs, sources, memoryBytes } of readings) {
          atMs += stepMs;
          fold.add(aReading(atMs, { sources, memoryBytes }));
          const usage = fold.usage(atMs);
          expect(usage.cpuSeconds ?? 0).toBeGreaterThanOrEqual(cpuSeconds);
          cpuSeconds = usage.cpuSeconds ?? 0;
          expect(usage.coresMean ?? 0).toBeLessThanOrEqual(usage.coresPeak ?? 0);
          expect(usage.memoryMeanBytes ?? 0).toBeLessThanOrEqual((usage.memoryPeakBytes ?? 0) * (1 + 1e-9));
        }
      }),
    );
  });
});
