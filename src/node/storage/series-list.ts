/** The series of a worker, each with the span of time it has data for. */
import type { WorkerId } from '../../core/fleet/worker.ts';
import type { SeriesInfo } from '../../core/metrics/history.ts';
import { ROLLUP_RESOLUTIONS, ROLLUP_WIDTH_MS } from '../../core/metrics/rollup.ts';
import type { SeriesKey } from '../../core/metrics/series.ts';
import type { MetricsDatabase } from './metrics-database.ts';

interface Span {
  firstAtMs: number;
  lastAtMs: number;
}

export function listSeries(databases: readonly MetricsDatabase[], workerId: WorkerId): readonly SeriesInfo[] {
  const spans = new Map<SeriesKey, Span>();
  for (const database of databases) {
    const worker = database.catalogue.findWorker(workerId);
    if (worker === null) continue;
    addFresh(database, worker, spans);
    addRollups(database, worker, spans);
  }
  return [...spans].map(([seriesKey, span]) => ({ seriesKey, ...span }));
}

function addFresh({ connection, catalogue }: MetricsDatabase, worker: number, spans: Map<SeriesKey, Span>): void {
  const rows = connection
    .prepare<[number], { layout: number; first: number; last: number }>(
      'SELECT layout, min(at_ms) AS first, max(at_ms) AS last FROM ticks WHERE worker = ? GROUP BY layout',
    )
    .all(worker);
  for (const row of rows) {
    for (const series of catalogue.layout(row.layout)?.series ?? []) extend(spans, series.key, row.first, row.last);
  }
}

/** Rollups know a span to their own width: the finest that reaches an end tells it best. */
function addRollups({ connection, catalogue }: MetricsDatabase, worker: number, spans: Map<SeriesKey, Span>): void {
  for (const resolution of ROLLUP_RESOLUTIONS) {
    const width = ROLLUP_WIDTH_MS[resolution];
    const table = `rollups_${resolution}`;
    const first = connection
      .prepare<[number], number | null>(`SELECT min(bucket) FROM ${table} WHERE series = ?`)
      .pluck();
    const last = connection
      .prepare<[number], number | null>(`SELECT max(bucket) FROM ${table} WHERE series = ?`)
      .pluck();
    for (const series of catalogue.seriesOf(worker)) {
      const begin = first.get(series.id) ?? null;
      const end = last.get(series.id) ?? null;
      if (begin === null || end === null) continue;
      const known = spans.get(series.key);
      const beginMs = begin * width;
      const endMs = (end + 1) * width;
      // A coarse bucket that touches the known span says nothing new about its ends.
      const firstMs = known !== undefined && beginMs + width > known.firstAtMs ? known.firstAtMs : beginMs;
      const lastMs = known !== undefined && endMs - width <= known.lastAtMs ? known.lastAtMs : endMs - 1;
      extend(spans, series.key, firstMs, lastMs);
    }
  }
}

function extend(spans: Map<SeriesKey, Span>, key: SeriesKey, firstAtMs: number, lastAtMs: number): void {
  const span = spans.get(key);
  if (span === undefined) spans.set(key, { firstAtMs, lastAtMs });
  else {
    span.firstAtMs = Math.min(span.firstAtMs, firstAtMs);
    span.lastAtMs = Math.max(span.lastAtMs, lastAtMs);
  }
}
