/** Turns the tick rows of a worker's closed ten minutes into a few packed rows. */
import type { WritableMetrics } from './metrics-database.ts';
import {
  type PackedRow,
  packWindowRows,
  placeOf,
  placesAfterWorker,
  type SeriesToPack,
  WINDOW_MS,
  windowOf,
} from './packed-window.ts';
import type { SlicedWork } from './rollup-writer.ts';
import type { StoredSeries } from './series-catalogue.ts';

/** Series packed in one step: a few milliseconds. */
const SERIES_AT_ONCE = 16;

/** The oldest window with fresh ticks that ended before `closedMs`, as work; null when there is none. */
export function nextPacking(database: WritableMetrics, closedMs: number): SlicedWork | null {
  const { connection, facts, catalogue } = database;
  const oldest = connection
    .prepare<[number, number], number>('SELECT min(at_ms) FROM ticks WHERE worker = ? AND at_ms >= ?')
    .pluck();
  for (const worker of catalogue.workerIds().values()) {
    // What is older than the raw samples kept is merged into rollups instead.
    const atMs = oldest.get(worker, facts.get('kept-from-raw')) ?? null;
    if (atMs !== null && windowOf(atMs) < windowOf(closedMs)) return packWindow(database, worker, windowOf(atMs));
  }
  return null;
}

/** Packs what is fresh together with what was packed before: late ticks have the whole window packed again. */
function* packWindow(database: WritableMetrics, worker: number, window: number): SlicedWork {
  const { raw, catalogue } = database;
  const before = countTicks(database, worker, window);
  const series = [...catalogue.seriesOf(worker)];
  const ids = series.map((one) => one.id);
  const samples = raw.read(worker, ids, window * WINDOW_MS, (window + 1) * WINDOW_MS);
  const toPack = series.flatMap((one): SeriesToPack[] => {
    const found = samples.get(one.id);
    return found === undefined ? [] : [{ id: one.id, group: groupOf(one), samples: found }];
  });
  yield;
  const rows = yield* packWindowRows(window, toPack, SERIES_AT_ONCE);
  database.transact(() => {
    // Late ticks came between the steps: leave the window for the next time, with them.
    if (sumOf(countTicks(database, worker, window)) !== sumOf(before)) return;
    replaceWindow(database, worker, window, rows, before);
  });
}

/** The first two parts of the metric's name: what is measured of one thing moves together. */
function groupOf({ key }: StoredSeries): string {
  return key.split('{', 1)[0]?.split('.').slice(0, 2).join('.') ?? '';
}

function replaceWindow(
  database: WritableMetrics,
  worker: number,
  window: number,
  rows: readonly PackedRow[],
  ticks: ReadonlyMap<number, number>,
): void {
  const { connection, catalogue, facts } = database;
  const from = placeOf(window, worker);
  const end = placesAfterWorker(window, worker);
  let before = connection
    .prepare<[number, number], number | null>('SELECT sum(samples) FROM packed WHERE place >= ? AND place < ?')
    .pluck()
    .get(from, end) as number;
  for (const [layout, count] of ticks) before += count * (catalogue.layout(layout)?.series.length ?? 0);
  connection.prepare('DELETE FROM packed WHERE place >= ? AND place < ?').run(from, end);
  const insert = connection.prepare('INSERT INTO packed (place, samples, columns) VALUES (?, ?, ?)');
  for (const { number, samples, columns } of rows) insert.run(placeOf(window, worker, number), samples, columns);
  connection
    .prepare('DELETE FROM ticks WHERE worker = ? AND at_ms >= ? AND at_ms < ?')
    .run(worker, window * WINDOW_MS, (window + 1) * WINDOW_MS);
  facts.add('samples', rows.reduce((sum, row) => sum + row.samples, 0) - before);
}

/** Tick rows of the window by layout. */
function countTicks({ connection }: WritableMetrics, worker: number, window: number): ReadonlyMap<number, number> {
  const rows = connection
    .prepare<[number, number, number], { layout: number; rows: number }>(
      'SELECT layout, count(*) AS rows FROM ticks WHERE worker = ? AND at_ms >= ? AND at_ms < ? GROUP BY layout',
    )
    .all(worker, window * WINDOW_MS, (window + 1) * WINDOW_MS);
  return new Map(rows.map((row) => [row.layout, row.rows]));
}

function sumOf(counts: ReadonlyMap<number, number>): number {
  let sum = 0;
  for (const count of counts.values()) sum += count;
  return sum;
}

/** Layouts that no fresh tick refers to: series that come and go would leave ever more of them. */
export function forgetUnusedLayouts(database: WritableMetrics): void {
  const { connection, catalogue } = database;
  const used = new Set(connection.prepare<[], number>('SELECT DISTINCT layout FROM ticks').pluck().all());
  const unused = [...catalogue.layouts()].filter((layout) => !used.has(layout.id)).map((layout) => layout.id);
  if (unused.length === 0) return;
  const remove = connection.prepare('DELETE FROM layouts WHERE id = ?');
  database.transact(() => {
    for (const id of unused) remove.run(id);
  });
  catalogue.forgetLayouts(new Set(unused));
}
