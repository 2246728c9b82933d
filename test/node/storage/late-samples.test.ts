/** Rollups and history are a pure function of the samples stored, whatever the order, lateness and repetition of deliveries. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HistoryRequest, SeriesHistory } from '../../../src/core/metrics/history.ts';
import { ROLLUP_RESOLUTIONS, ROLLUP_WIDTH_MS, type RollupResolution } from '../../../src/core/metrics/rollup.ts';
import type { Tick } from '../../../src/core/metrics/sample.ts';
import { openReadable } from '../../../src/node/storage/connection.ts';
import { CPU, MEMORY, type OpenStorage, openStorage, START_MS, unwrap, WORKER } from './storage-fixture.ts';

const SPAN_MS = 80 * 60_000;

interface Sample {
  readonly atMs: number;
  readonly percent: number;
}

interface ViewRow {
  readonly at_ms: number;
  readonly min: number;
  readonly mean: number;
  readonly max: number;
  readonly p95: number | null;
  readonly count: number;
}

/** Samples at unlike times, cut into deliveries in any order, some delivered twice, the clock moving on in between. */
const deliveries = fc
  .uniqueArray(fc.record({ atMs: fc.nat(SPAN_MS / 250).map((step) => START_MS + step * 250), percent: fc.nat(100) }), {
    selector: (sample) => sample.atMs,
    minLength: 1,
    maxLength: 120,
  })
  .chain((samples) =>
    fc.record({
      samples: fc.constant(samples),
      order: fc.shuffledSubarray([...samples, ...samples.slice(0, 20)], { minLength: samples.length }),
      size: fc.integer({ min: 1, max: 40 }),
      pauseMs: fc.nat(20 * 60_000),
    }),
  );

function tickOf({ atMs, percent }: Sample): Tick {
  const withMemory = percent % 3 > 0;
  return {
    atMs,
    seriesKeys: withMemory ? [CPU, MEMORY] : [CPU],
    values: withMemory ? Float64Array.of(percent / 100, percent * 1_024) : Float64Array.of(percent / 100),
  };
}

function deliver(open: OpenStorage, order: readonly Sample[], size: number, pauseMs: number): readonly Sample[] {
  for (let start = 0; start < order.length; start += size) {
    open.append({ ticks: order.slice(start, start + size).map(tickOf) });
    open.clock.advance(pauseMs);
    open.settle();
  }
  return [...new Map(order.map((sample) => [sample.atMs, sample])).values()];
}

function naiveRollup(samples: readonly Sample[], widthMs: number): ViewRow[] {
  const buckets = new Map<number, number[]>();
  for (const { atMs, percent } of samples) {
    const bucket = Math.floor(atMs / widthMs) * widthMs;
    buckets.set(bucket, [...(buckets.get(bucket) ?? []), percent]);
  }
  return [...buckets]
    .sort(([one], [other]) => one - other)
    .map(([at_ms, percents]) => {
      const sorted = percents.sort((one, other) => one - other);
      const sum = sorted.reduce((total, percent) => total + percent, 0);
      return {
        at_ms,
        min: (sorted[0] ?? 0) / 100,
        mean: sum / sorted.length / 100,
        max: (sorted.at(-1) ?? 0) / 100,
        p95: (sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0) / 100,
        count: sorted.length,
      };
    });
}

function viewRows(open: OpenStorage, resolution: RollupResolution): ViewRow[] {
  const database = openReadable(`${open.dataDir}/metrics.db`);
  const rows = database
    .prepare(`SELECT at_ms, min, mean, max, p95, count FROM samples_${resolution} WHERE series = ? ORDER BY at_ms`)
    .all(CPU) as ViewRow[];
  database.close();
  return rows.map((row) => ({ ...row, mean: Number(row.mean.toFixed(10)) }));
}

/** The points hold each sample once: as many, as much, as low and as high. */
function expectEvery(samples: readonly Sample[], series: SeriesHistory | undefined): void {
  const percents = samples.map((sample) => sample.percent);
  const counts = [...(series?.count ?? [])];
  const sum = counts.reduce((total, count, index) => total + count * (series?.mean[index] ?? 0), 0);
  expect(counts.reduce((total, count) => total + count, 0)).toBe(samples.length);
  expect(sum * 100).toBeCloseTo(
    percents.reduce((total, percent) => total + percent, 0),
    6,
  );
  expect(Math.min(...(series?.min ?? [])) * 100).toBeCloseTo(Math.min(...percents), 6);
  expect(Math.max(...(series?.max ?? [])) * 100).toBeCloseTo(Math.max(...percents), 6);
}

const request: HistoryRequest = {
  workerId: WORKER,
  seriesKeys: [CPU],
  fromMs: START_MS,
  toMs: START_MS + SPAN_MS + 1,
  maxPoints: 5_000,
};

describe('deliveries in any order, late and repeated', () => {
  test('leave the rollups that all samples together have, in every width', () => {
    fc.assert(
      fc.property(deliveries, ({ order, size, pauseMs }) => {
        const open = openStorage();
        const stored = deliver(open, order, size, pauseMs);
        open.clock.advance(3 * 3_600_000);
        open.settle();
        for (const resolution of ROLLUP_RESOLUTIONS) {
          const expected = naiveRollup(stored, ROLLUP_WIDTH_MS[resolution]);
          expect(viewRows(open, resolution)).toEqual(
            expected.map((row) => ({ ...row, mean: Number(row.mean.toFixed(10)) })),
          );
        }
        open.storage.close();
      }),
      { numRuns: 25 },
    );
  });

  test('are in the history at once: packed, rolled up or neither', () => {
    fc.assert(
      fc.property(deliveries, fc.constantFrom(5_000, 300, 60, 10, 3), ({ order, size, pauseMs }, maxPoints) => {
        const open = openStorage();
        const stored = new Map<number, Sample>();
        for (let start = 0; start < order.length; start += size) {
          const batch = order.slice(start, start + size);
          open.append({ ticks: batch.map(tickOf) });
          for (const sample of batch) stored.set(sample.atMs, sample);
          const [series] = unwrap(open.storage.history({ ...request, maxPoints })).series;
          expectEvery([...stored.values()], series);
          open.clock.advance(pauseMs);
          open.storage.work();
        }
        open.storage.close();
      }),
      { numRuns: 25 },
    );
  });

  test('keep every raw sample through packing and packing again', () => {
    fc.assert(
      fc.property(deliveries, ({ order, size, pauseMs }) => {
        const open = openStorage();
        const stored = deliver(open, order, size, pauseMs);
        open.clock.advance(3 * 3_600_000);
        open.settle();
        const database = openReadable(`${open.dataDir}/metrics.db`);
        expect(database.prepare('SELECT count(*) FROM ticks').pluck().get()).toBe(0);
        const packedSamples = database.prepare('SELECT sum(samples) FROM packed').pluck().get();
        database.close();
        const [cpu] = unwrap(open.storage.history({ ...request, toMs: START_MS + 300_000, maxPoints: 5_000 })).series;
        const expected = stored
          .filter((sample) => sample.atMs < START_MS + 300_000)
          .toSorted((one, other) => one.atMs - other.atMs);
        expect([...(cpu?.atMs ?? [])]).toEqual(expected.map((sample) => sample.atMs));
        expect([...(cpu?.mean ?? [])]).toEqual(expected.map((sample) => sample.percent / 100));
        const withMemory = stored.filter((sample) => sample.percent % 3 > 0).length;
        expect(packedSamples).toBe(stored.length + withMemory);
        expect(unwrap(open.storage.usage()).sampleCount).toBe(stored.length + withMemory);
        open.storage.close();
      }),
      { numRuns: 25 },
    );
  });
});
