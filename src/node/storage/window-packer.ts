/** Turns the tick rows of a closed ten minutes into one packed row a series. */
import type { RawSamples } from '../../core/metrics/downsample.ts';
import type { WritableMetrics } from './metrics-database.ts';
import { PLACES_PER_WINDOW, packColumn, packTimes, placeOf, WINDOW_MS, windowOf } from './packing.ts';
import type { SlicedWork } from './rollup-writer.ts';

/** Series packed in one step: a few milliseconds. */
const SERIES_AT_ONCE = 32;

interface PackedSeries {
  readonly series: number;
  /** Index into the time columns of the same packing. */
  readonly timeColumn: number;
  readonly samples: number;
  readonly quanta: Uint8Array;
}

interface Packing {
  readonly timeColumns: Uint8Array[];
  readonly packed: PackedSeries[];
}

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

function* packWindow(database: WritableMetrics, worker: number, window: number): SlicedWork {
  const { raw } = database;
  const fromMs = window * WINDOW_MS;
  const before = countTicks(database, worker, fromMs);
  const ids = [...before.keys()]
    .flatMap((layout) => database.catalogue.layout(layout)?.series ?? [])
    .map((one) => one.id);
  const samples = raw.read(worker, new Set(ids), fromMs, fromMs + WINDOW_MS);
  const packing: Packing = { timeColumns: [], packed: [] };
  const known = new Map<string, number>();
  let steps = 0;
  for (const [series, one] of samples) {
    if (one.atMs.length > 0) packing.packed.push(packSeries(series, one, window, packing.timeColumns, known));
    steps += 1;
    if (steps % SERIES_AT_ONCE === 0) yield;
  }
  database.transact(() => {
    const now = countTicks(database, worker, fromMs);
    // Late ticks came between the steps: leave the window for the next time, with them.
    if (sumOf(now) !== sumOf(before)) return;
    replaceWindow(database, worker, window, packing, before);
  });
  raw.forget();
}

function packSeries(
  series: number,
  { atMs, quanta }: RawSamples,
  window: number,
  timeColumns: Uint8Array[],
  known: Map<string, number>,
): PackedSeries {
  const times = packTimes(atMs, window);
  const name = Buffer.from(times).toString('latin1');
  const timeColumn = known.get(name) ?? timeColumns.push(times) - 1;
  known.set(name, timeColumn);
  return { series, timeColumn, samples: atMs.length, quanta: packColumn(quanta) };
}

function replaceWindow(
  database: WritableMetrics,
  worker: number,
  window: number,
  packing: Packing,
  ticks: ReadonlyMap<number, number>,
): void {
  const { connection, catalogue, facts } = database;
  const find = connection.prepare<[number], { times: number; samples: number }>(
    'SELECT times, samples FROM packed WHERE place = ?',
  );
  const replaced = packing.packed.flatMap(({ series }) => find.get(placeOf(window, series)) ?? []);
  const firstTimes = nextTimesMember(database, window);
  const insertTimes = connection.prepare('INSERT INTO packed_times (place, times) VALUES (?, ?)');
  for (const [index, times] of packing.timeColumns.entries())
    insertTimes.run(placeOf(window, firstTimes + index), times);
  const insert = connection.prepare(
    'INSERT OR REPLACE INTO packed (place, times, samples, quanta) VALUES (?, ?, ?, ?)',
  );
  let after = 0;
  for (const { series, timeColumn, samples, quanta } of packing.packed) {
    insert.run(placeOf(window, series), firstTimes + timeColumn, samples, quanta);
    after += samples;
  }
  removeUnusedTimes(database, window, new Set(replaced.map((row) => row.times)));
  const fromMs = window * WINDOW_MS;
  connection
    .prepare('DELETE FROM ticks WHERE worker = ? AND at_ms >= ? AND at_ms < ?')
    .run(worker, fromMs, fromMs + WINDOW_MS);
  let before = replaced.reduce((sum, row) => sum + row.samples, 0);
  for (const [layout, rows] of ticks) before += rows * (catalogue.layout(layout)?.series.length ?? 0);
  facts.add('samples', after - before);
}

function removeUnusedTimes({ connection }: WritableMetrics, window: number, candidates: ReadonlySet<number>): void {
  if (candidates.size === 0) return;
  const used = new Set(
    connection
      .prepare<[number, number], number>('SELECT DISTINCT times FROM packed WHERE place >= ? AND place < ?')
      .pluck()
      .all(placeOf(window, 0), placeOf(window + 1, 0)),
  );
  const remove = connection.prepare('DELETE FROM packed_times WHERE place = ?');
  for (const member of candidates) if (!used.has(member)) remove.run(placeOf(window, member));
}

function nextTimesMember({ connection }: WritableMetrics, window: number): number {
  const last = connection
    .prepare<[number, number], number | null>('SELECT max(place) FROM packed_times WHERE place >= ? AND place < ?')
    .pluck()
    .get(placeOf(window, 0), placeOf(window + 1, 0));
  return last === null || last === undefined ? 0 : (last % PLACES_PER_WINDOW) + 1;
}

/** Tick rows of the window by layout. */
function countTicks({ connection }: WritableMetrics, worker: number, fromMs: number): ReadonlyMap<number, number> {
  const rows = connection
    .prepare<[number, number, number], { layout: number; rows: number }>(
      'SELECT layout, count(*) AS rows FROM ticks WHERE worker = ? AND at_ms >= ? AND at_ms < ? GROUP BY layout',
    )
    .all(worker, fromMs, fromMs + WINDOW_MS);
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
  catalogue.forgetLayouts(unused);
}
