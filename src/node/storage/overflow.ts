/** The memory that stands in for metrics.db while the disk refuses it: measured, trimmed, moved over. */
import { ByteReader, fromQuanta } from '../../core/metrics/codec.ts';
import type { SeriesKey } from '../../core/metrics/series.ts';
import type { TickColumns } from './messages.ts';
import type { WritableMetrics } from './metrics-database.ts';

/** Tick rows moved to disk in one transaction: some milliseconds. */
const MOVED_AT_ONCE = 500;

/** Share of the time span given up when the memory is full: often enough a large bite, so that it is rare. */
const DROPPED_SHARE = 0.1;

interface TickRow {
  readonly worker: number;
  readonly at_ms: number;
  readonly layout: number;
  readonly quanta: Uint8Array;
}

export function overflowBytes({ connection }: WritableMetrics): number {
  const pages = connection.pragma('page_count', { simple: true }) as number;
  const free = connection.pragma('freelist_count', { simple: true }) as number;
  return (pages - free) * (connection.pragma('page_size', { simple: true }) as number);
}

/** Gives up the oldest tenth of the time span. Returns how many samples that were; 0 when nothing is left. */
export function dropOldestTicks(memory: WritableMetrics): number {
  const { connection, catalogue } = memory;
  const span = connection.prepare('SELECT min(at_ms) AS least, max(at_ms) AS most FROM ticks').get() as {
    least: number | null;
    most: number;
  };
  if (span.least === null) return 0;
  const cut = span.least + Math.max(1, Math.ceil((span.most - span.least) * DROPPED_SHARE));
  return memory.transact(() => {
    const rows = connection
      .prepare<[number], { layout: number; rows: number }>(
        'SELECT layout, count(*) AS rows FROM ticks WHERE at_ms < ? GROUP BY layout',
      )
      .all(cut);
    connection.prepare('DELETE FROM ticks WHERE at_ms < ?').run(cut);
    connection.prepare('DELETE FROM process_snapshots WHERE at_ms < ?').run(cut);
    return rows.reduce((sum, row) => sum + row.rows * (catalogue.layout(row.layout)?.series.length ?? 0), 0);
  });
}

/** Moves the oldest rows over, in one transaction of the target. Returns true while more is left. Throws SqliteError. */
export function moveTicks(memory: WritableMetrics, disk: WritableMetrics): boolean {
  const rows = memory.connection
    .prepare<[number], TickRow>('SELECT worker, at_ms, layout, quanta FROM ticks ORDER BY at_ms LIMIT ?')
    .all(MOVED_AT_ONCE);
  if (rows.length === 0) {
    moveSnapshots(memory, disk);
    return false;
  }
  const names = workerNames(memory);
  disk.transact(() => {
    for (const row of rows) {
      const { columns, keySets } = columnsOf(memory, row);
      disk.ticks.write(disk.catalogue.workerFor(names.get(row.worker) ?? ''), columns, keySets);
    }
  });
  const remove = memory.connection.prepare('DELETE FROM ticks WHERE worker = ? AND at_ms = ? AND layout = ?');
  memory.transact(() => {
    for (const row of rows) remove.run(row.worker, row.at_ms, row.layout);
  });
  return true;
}

function columnsOf(
  memory: WritableMetrics,
  row: TickRow,
): { readonly columns: TickColumns; readonly keySets: ReadonlyMap<number, readonly SeriesKey[]> } {
  const series = memory.catalogue.layout(row.layout)?.series ?? [];
  const reader = new ByteReader(row.quanta);
  const values = Float64Array.from(series, (one) => fromQuanta(reader.signed(), one.quantum));
  return {
    columns: { atMs: Float64Array.of(row.at_ms), keySets: Uint32Array.of(row.layout), values },
    keySets: new Map([[row.layout, series.map((one) => one.key)]]),
  };
}

function moveSnapshots(memory: WritableMetrics, disk: WritableMetrics): void {
  const names = workerNames(memory);
  disk.transact(() => {
    for (const { worker, snapshot } of memory.snapshots.all()) {
      disk.snapshots.write(disk.catalogue.workerFor(names.get(worker) ?? ''), snapshot);
    }
  });
}

function workerNames({ catalogue }: WritableMetrics): ReadonlyMap<number, string> {
  return new Map([...catalogue.workerIds()].map(([name, id]) => [id, name]));
}
