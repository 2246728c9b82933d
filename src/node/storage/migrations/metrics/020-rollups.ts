import type { Migration } from '../migration.ts';

/**
 * Rollups and what of them is due.
 *
 * All but `least` is kept as its distance from `least`, so that a steady series costs almost nothing: SQLite keeps a zero
 * in no bytes and a small number in one. `p95_above` is NULL where the percentile is unknown. `bucket` counts the
 * table's own width from the epoch.
 */
export const rollups: Migration = {
  version: 20,
  sql: `
    ${['1m', '10m', '1h'].map(rollupTable).join('\n')}
    CREATE TABLE pending (
      width_ms INTEGER NOT NULL,
      worker INTEGER NOT NULL,
      bucket INTEGER NOT NULL,
      PRIMARY KEY (width_ms, worker, bucket)
    ) STRICT, WITHOUT ROWID;
    ${view('1m', 60)}
    ${view('10m', 600)}
    ${view('1h', 3_600)}
  `,
};

function rollupTable(resolution: string): string {
  return `CREATE TABLE rollups_${resolution} (
    series INTEGER NOT NULL,
    bucket INTEGER NOT NULL,
    least INTEGER NOT NULL,
    p95_above INTEGER,
    max_above INTEGER NOT NULL,
    sum_above INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (series, bucket)
  ) STRICT, WITHOUT ROWID;`;
}

/** Quanta below one are divided by their whole inverse, as the app does: 3 × 0.0001 must read 0.0003. */
function view(resolution: string, widthSeconds: number): string {
  const real = (quanta: string): string =>
    `iif(s.quantum < 1, (${quanta}) / round(1 / s.quantum), (${quanta}) * s.quantum)`;
  return `CREATE VIEW samples_${resolution} AS
    SELECT
      w.worker_id AS worker,
      s.metric AS metric,
      s.key AS series,
      s.attributes AS attributes,
      s.unit AS unit,
      strftime('%Y-%m-%dT%H:%M:%SZ', r.bucket * ${widthSeconds}, 'unixepoch') AS at,
      r.bucket * ${widthSeconds * 1000} AS at_ms,
      ${real('r.least')} AS min,
      ${real('r.least + r.sum_above * 1.0 / r.count')} AS mean,
      ${real('r.least + r.max_above')} AS max,
      ${real('r.least + r.p95_above')} AS p95,
      r.count AS count
    FROM series s
    JOIN workers w ON w.id = s.worker
    JOIN rollups_${resolution} r ON r.series = s.id;`;
}
