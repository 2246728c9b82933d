/** Numbers for workers, series and layouts in metrics.db, given once and remembered. */
import { isMetricName, METRICS } from '../../core/metrics/catalogue.ts';
import { ByteReader, ByteWriter } from '../../core/metrics/codec.ts';
import { parseSeriesKey, type SeriesKey } from '../../core/metrics/series.ts';
import type { ReadableDatabase } from './connection.ts';

/**
 * Series of one tick row at most. A row then stays below the quarter page up to which SQLite keeps a row of a table
 * WITHOUT ROWID in place (sqlite.org/fileformat2.html, 1.6), even at five bytes a value.
 */
const LAYOUT_MAX_SERIES = 160;

/** Precision of a metric that this version does not know: a newer agent's. */
const FOREIGN_QUANTUM = 0.001;

export interface StoredSeries {
  readonly id: number;
  readonly worker: number;
  readonly key: SeriesKey;
  readonly quantum: number;
}

/** Series whose values are kept side by side in one tick row. */
export interface Layout {
  readonly id: number;
  readonly series: readonly StoredSeries[];
}

interface SeriesRow {
  readonly id: number;
  readonly worker: number;
  readonly key: string;
  readonly quantum: number;
}

export type SeriesCatalogue = ReturnType<typeof createSeriesCatalogue>;

export function createSeriesCatalogue(database: ReadableDatabase) {
  const selectWorkers = database.prepare<[], { id: number; worker_id: string }>('SELECT id, worker_id FROM workers');
  const selectSeries = database.prepare<[], SeriesRow>('SELECT id, worker, key, quantum FROM series');
  const selectLayouts = database.prepare<[], { id: number; series: Uint8Array }>('SELECT id, series FROM layouts');
  const insertWorker = prepareWrite('INSERT INTO workers (worker_id) VALUES (?)');
  const insertSeries = prepareWrite(
    'INSERT INTO series (worker, key, metric, attributes, unit, quantum) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const insertLayout = prepareWrite('INSERT INTO layouts (worker, series) VALUES (?, ?)');

  let workers = new Map<string, number>();
  let seriesById = new Map<number, StoredSeries>();
  let seriesByWorker = new Map<number, Map<SeriesKey, StoredSeries>>();
  let layoutsById = new Map<number, Layout>();
  let layoutIds = new Map<string, number>();
  reload();

  /** Reads everything again: after a rollback, numbers given meanwhile are void. */
  function reload(): void {
    workers = new Map(selectWorkers.all().map((row) => [row.worker_id, row.id]));
    seriesById = new Map();
    seriesByWorker = new Map();
    layoutsById = new Map();
    layoutIds = new Map();
    for (const row of selectSeries.iterate()) remember({ ...row, key: row.key as SeriesKey });
    for (const row of selectLayouts.iterate()) rememberLayout(row.id, row.series);
  }

  function remember(series: StoredSeries): StoredSeries {
    seriesById.set(series.id, series);
    let ofWorker = seriesByWorker.get(series.worker);
    if (ofWorker === undefined) {
      ofWorker = new Map();
      seriesByWorker.set(series.worker, ofWorker);
    }
    ofWorker.set(series.key, series);
    return series;
  }

  function rememberLayout(id: number, bytes: Uint8Array): Layout {
    const reader = new ByteReader(bytes);
    const series: StoredSeries[] = [];
    while (!reader.isAtEnd) {
      const known = seriesById.get(reader.unsigned());
      if (known !== undefined) series.push(known);
    }
    const layout = { id, series };
    layoutsById.set(id, layout);
    layoutIds.set(Buffer.from(bytes).toString('latin1'), id);
    return layout;
  }

  function prepareWrite(sql: string) {
    return database.readonly ? null : database.prepare(sql);
  }

  function workerFor(workerId: string): number {
    const known = workers.get(workerId);
    if (known !== undefined) return known;
    const id = Number(insertWorker!.run(workerId).lastInsertRowid);
    workers.set(workerId, id);
    return id;
  }

  function seriesFor(worker: number, key: SeriesKey): StoredSeries {
    const known = seriesByWorker.get(worker)?.get(key);
    if (known !== undefined) return known;
    const { metric, attributes } = parseSeriesKey(key);
    const definition = isMetricName(metric) ? METRICS[metric] : null;
    const quantum = definition?.quantum ?? FOREIGN_QUANTUM;
    const row = [worker, key, metric, JSON.stringify(attributes), definition?.unit ?? '', quantum];
    return remember({ id: Number(insertSeries!.run(...row).lastInsertRowid), worker, key, quantum });
  }

  function layoutFor(worker: number, series: readonly StoredSeries[]): Layout {
    const writer = new ByteWriter();
    for (const one of series) writer.unsigned(one.id);
    const bytes = writer.view();
    const known = layoutIds.get(Buffer.from(bytes).toString('latin1'));
    const layout = known === undefined ? undefined : layoutsById.get(known);
    if (layout !== undefined) return layout;
    return rememberLayout(Number(insertLayout!.run(worker, bytes).lastInsertRowid), bytes);
  }

  return {
    reload,
    workerFor,
    /** The worker's number, or null when nothing of it was ever stored. */
    findWorker: (workerId: string): number | null => workers.get(workerId) ?? null,
    workerIds: (): ReadonlyMap<string, number> => workers,
    findSeries: (worker: number, key: SeriesKey): StoredSeries | null => seriesByWorker.get(worker)?.get(key) ?? null,
    seriesOf: (worker: number): Iterable<StoredSeries> => seriesByWorker.get(worker)?.values() ?? [],
    seriesCount: (): number => seriesById.size,
    layout: (id: number): Layout | null => layoutsById.get(id) ?? null,
    layouts: (): Iterable<Layout> => layoutsById.values(),
    /** The tick rows a set of keys is split into, in the order of the keys. Must run inside a transaction. */
    layoutsFor(worker: number, keys: readonly SeriesKey[]): readonly Layout[] {
      const series = keys.map((key) => seriesFor(worker, key));
      const layouts: Layout[] = [];
      for (let start = 0; start < series.length; start += LAYOUT_MAX_SERIES) {
        layouts.push(layoutFor(worker, series.slice(start, start + LAYOUT_MAX_SERIES)));
      }
      return layouts;
    },
    /** SQLite gives the numbers of deleted rows again, so a layout must be forgotten under its content too. */
    forgetLayouts(ids: ReadonlySet<number>): void {
      for (const id of ids) layoutsById.delete(id);
      for (const [content, id] of layoutIds) if (ids.has(id)) layoutIds.delete(content);
    },
  };
}
