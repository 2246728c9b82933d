/** Rollup rows in and out. */
import { ROLLUP_RESOLUTIONS, type RollupResolution, type Summary } from '../../core/metrics/rollup.ts';
import type { ReadableDatabase } from './connection.ts';

interface RollupRow {
  readonly bucket: number;
  readonly least: number;
  readonly p95_above: number | null;
  readonly max_above: number;
  readonly sum_above: number;
  readonly count: number;
}

export type RollupStore = ReturnType<typeof createRollupStore>;

export function createRollupStore(database: ReadableDatabase) {
  const tables = Object.fromEntries(
    ROLLUP_RESOLUTIONS.map((resolution) => [resolution, prepareTable(database, resolution)]),
  ) as Record<RollupResolution, ReturnType<typeof prepareTable>>;

  return {
    /** Visits the buckets from `first` to before `end` that hold samples, in order. */
    read(
      resolution: RollupResolution,
      series: number,
      first: number,
      end: number,
      visit: (bucket: number, summary: Summary) => void,
    ): void {
      for (const row of tables[resolution].select.iterate(series, first, end)) visit(row.bucket, summaryOf(row));
    },
    find(resolution: RollupResolution, series: number, bucket: number): Summary | null {
      const row = tables[resolution].select.get(series, bucket, bucket + 1);
      return row === undefined ? null : summaryOf(row);
    },
    write(resolution: RollupResolution, series: number, bucket: number, summary: Summary): void {
      const { min, max, sum, count, p95 } = summary;
      tables[resolution].upsert!.run(
        series,
        bucket,
        min,
        p95 === null ? null : p95 - min,
        max - min,
        sum - min * count,
        count,
      );
    },
  };
}

function prepareTable(database: ReadableDatabase, resolution: RollupResolution) {
  const table = `rollups_${resolution}`;
  return {
    select: database.prepare<[number, number, number], RollupRow>(
      `SELECT bucket, least, p95_above, max_above, sum_above, count FROM ${table}
       WHERE series = ? AND bucket >= ? AND bucket < ? ORDER BY bucket`,
    ),
    upsert: database.readonly
      ? null
      : database.prepare(
          `INSERT OR REPLACE INTO ${table} (series, bucket, least, p95_above, max_above, sum_above, count)
           VALUES (?, ?, ?, ?, ?, ?, ?)`,
        ),
  };
}

function summaryOf({ least, p95_above, max_above, sum_above, count }: RollupRow): Summary {
  return {
    count,
    min: least,
    max: least + max_above,
    sum: least * count + sum_above,
    p95: p95_above === null ? null : least + p95_above,
  };
}
