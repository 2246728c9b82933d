/** Gives up what is older than a person wants it kept, or more than the disk was meant to hold; gives pages back. */
import { ROLLUP_RESOLUTIONS, ROLLUP_WIDTH_MS, type RollupResolution } from '../../core/metrics/rollup.ts';
import { type RetentionSettings, retentionMs } from '../../core/storage-projection.ts';
import { DAY_MS, HOUR_MS, SECOND_MS } from '../../core/time.ts';
import type { MetricsDatabase, WritableMetrics } from './metrics-database.ts';
import { placeOf, WINDOW_MS, windowAt, windowOf } from './packed-window.ts';
import type { SlicedWork } from './rollup-writer.ts';

const BYTES_PER_GIGABYTE = 1e9;

/** Rows, or series, dealt with in one transaction. */
const ROWS_AT_ONCE = 100;
const SERIES_AT_ONCE = 16;

/** Pages moved and given back in one step; and how many free ones are worth the work. */
const PAGES_AT_ONCE = 100;
const FREE_PAGES_KEPT = 512;

/** The newest that even a size limit leaves: whole hours, since rollups must be complete before raw samples go. */
const LEAST_KEPT_MS: Readonly<Record<'raw' | RollupResolution, number>> = {
  raw: 2 * HOUR_MS,
  '1m': DAY_MS,
  '10m': 2 * DAY_MS,
  '1h': 4 * DAY_MS,
};

/** One pass over everything. */
export function* applyRetention(database: WritableMetrics, settings: RetentionSettings, nowMs: number): SlicedWork {
  const keptMs = retentionMs(settings);
  yield* forgetRaw(database, wholeHour(nowMs - keptMs.raw));
  for (const resolution of ROLLUP_RESOLUTIONS) {
    yield* forgetRollups(database, resolution, wholeHour(nowMs - keptMs[resolution]));
  }
  yield* keepWithin(database, settings['retention.maxGigabytes'] * BYTES_PER_GIGABYTE, nowMs);
  yield* giveBackPages(database);
}

function wholeHour(atMs: number): number {
  return Math.floor(atMs / HOUR_MS) * HOUR_MS;
}

/** Raw samples go only when nothing before the cut is waiting to be rolled up or packed; else it is left to the next pass. */
function* forgetRaw(database: WritableMetrics, cutMs: number): SlicedWork {
  const { connection, facts, pending, catalogue } = database;
  if (cutMs <= facts.get('kept-from-raw')) return;
  const dueMs = pending.earliestDueMs();
  if (dueMs !== null && dueMs < cutMs) return;
  if (oldestTickMs(database) < cutMs) return;
  database.transact(() => facts.set('kept-from-raw', cutMs));
  const end = placeOf(windowOf(cutMs));
  const select = connection.prepare<[number, number], { place: number; samples: number }>(
    'SELECT place, samples FROM packed WHERE place < ? ORDER BY place LIMIT ?',
  );
  const remove = connection.prepare('DELETE FROM packed WHERE place <= ?');
  for (;;) {
    const rows = select.all(end, ROWS_AT_ONCE);
    const last = rows.at(-1);
    if (last === undefined) break;
    database.transact(() => {
      remove.run(last.place);
      facts.add('samples', -rows.reduce((sum, row) => sum + row.samples, 0));
    });
    yield;
  }
  for (const worker of catalogue.workerIds().values()) {
    yield;
    database.transact(() => {
      connection
        .prepare('DELETE FROM process_snapshots WHERE worker = ? AND slot < ?')
        .run(worker, Math.floor(cutMs / (10 * SECOND_MS)));
      connection.prepare('DELETE FROM processes WHERE worker = ? AND seen_at_ms < ?').run(worker, cutMs - 2 * HOUR_MS);
    });
  }
}

function* forgetRollups(database: WritableMetrics, resolution: RollupResolution, cutMs: number): SlicedWork {
  const { connection, facts, catalogue } = database;
  const name = `kept-from-${resolution}` as const;
  if (cutMs <= facts.get(name)) return;
  database.transact(() => facts.set(name, cutMs));
  const remove = connection.prepare(`DELETE FROM rollups_${resolution} WHERE series = ? AND bucket < ?`);
  const bucket = Math.floor(cutMs / ROLLUP_WIDTH_MS[resolution]);
  const series = [...catalogue.workerIds().values()].flatMap((worker) => [...catalogue.seriesOf(worker)]);
  for (let start = 0; start < series.length; start += SERIES_AT_ONCE) {
    const some = series.slice(start, start + SERIES_AT_ONCE);
    database.transact(() => {
      for (const one of some) remove.run(one.id, bucket);
    });
    yield;
  }
}

/** Over the limit, the oldest raw goes first, hour by hour; then the rollups, finest first, day by day. */
function* keepWithin(database: WritableMetrics, limitBytes: number, nowMs: number): SlicedWork {
  for (const resolution of ['raw', ...ROLLUP_RESOLUTIONS] as const) {
    const step = resolution === 'raw' ? HOUR_MS : DAY_MS;
    const latestCut = wholeHour(nowMs - LEAST_KEPT_MS[resolution]);
    while (liveBytes(database) > limitBytes) {
      const oldestMs = oldestOf(database, resolution);
      const cutMs = Math.min(latestCut, wholeHour(oldestMs) + step);
      if (cutMs <= database.facts.get(`kept-from-${resolution}`) || oldestMs >= latestCut) break;
      if (resolution === 'raw') yield* forgetRaw(database, cutMs);
      else yield* forgetRollups(database, resolution, cutMs);
      if (database.facts.get(`kept-from-${resolution}`) < cutMs) break;
    }
  }
}

function oldestOf(database: MetricsDatabase, resolution: 'raw' | RollupResolution): number {
  const { connection } = database;
  if (resolution === 'raw') {
    const place = connection.prepare<[], number | null>('SELECT min(place) FROM packed').pluck().get();
    return place === null || place === undefined ? Number.POSITIVE_INFINITY : windowAt(place) * WINDOW_MS;
  }
  const bucket = connection
    .prepare<[], number | null>(
      `SELECT min((SELECT min(bucket) FROM rollups_${resolution} r WHERE r.series = s.id)) FROM series s`,
    )
    .pluck()
    .get();
  return bucket === null || bucket === undefined ? Number.POSITIVE_INFINITY : bucket * ROLLUP_WIDTH_MS[resolution];
}

function oldestTickMs({ connection, catalogue }: MetricsDatabase): number {
  const oldest = connection.prepare<[number], number | null>('SELECT min(at_ms) FROM ticks WHERE worker = ?').pluck();
  return Math.min(
    Number.POSITIVE_INFINITY,
    ...[...catalogue.workerIds().values()].map((worker) => oldest.get(worker) ?? Number.POSITIVE_INFINITY),
  );
}

/** Pages in use, bytes. */
export function liveBytes({ connection }: MetricsDatabase): number {
  const pages = connection.pragma('page_count', { simple: true }) as number;
  const free = connection.pragma('freelist_count', { simple: true }) as number;
  return (pages - free) * (connection.pragma('page_size', { simple: true }) as number);
}

/** Shrinks the file. A few free pages stay: packing frees and takes some every ten minutes. */
function* giveBackPages({ connection }: WritableMetrics): SlicedWork {
  const free = (): number => connection.pragma('freelist_count', { simple: true }) as number;
  if (free() <= FREE_PAGES_KEPT) return;
  while (free() > FREE_PAGES_KEPT / 2) {
    connection.pragma(`incremental_vacuum(${PAGES_AT_ONCE})`);
    yield;
  }
}
