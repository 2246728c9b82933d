/** Writes deliveries as tick rows: one a worker, moment and layout. */
import { ByteWriter, toQuanta } from '../../core/metrics/codec.ts';
import type { SeriesKey } from '../../core/metrics/series.ts';
import type { WritableDatabase } from './connection.ts';
import type { FactStore } from './facts.ts';
import type { TickColumns } from './messages.ts';
import type { PendingBuckets } from './pending-buckets.ts';
import type { Layout, SeriesCatalogue } from './series-catalogue.ts';

/** Years 1970 to 2109: what lies outside is no time of reading, and would break the order of packed rows. */
const LATEST_MS = 2 ** 42;

export type TickWriter = ReturnType<typeof createTickWriter>;

export function createTickWriter(
  database: WritableDatabase,
  catalogue: SeriesCatalogue,
  pending: PendingBuckets,
  facts: FactStore,
) {
  const insert = database.prepare('INSERT OR IGNORE INTO ticks (worker, at_ms, layout, quanta) VALUES (?, ?, ?, ?)');
  const writer = new ByteWriter();
  /** Layouts of a key set of this worker; weak, so that forgotten key sets go. */
  let layoutsOfKeys = new WeakMap<readonly SeriesKey[], Map<number, readonly Layout[]>>();

  function layoutsFor(worker: number, keys: readonly SeriesKey[]): readonly Layout[] {
    let ofWorkers = layoutsOfKeys.get(keys);
    if (ofWorkers === undefined) {
      ofWorkers = new Map();
      layoutsOfKeys.set(keys, ofWorkers);
    }
    const known = ofWorkers.get(worker);
    if (known?.every((layout) => catalogue.layout(layout.id) === layout)) return known;
    const layouts = catalogue.layoutsFor(worker, keys);
    ofWorkers.set(worker, layouts);
    return layouts;
  }

  /** Writes one moment's values, `values[offset + i]` of `keys[i]`. Returns samples newly stored. */
  function writeTick(
    worker: number,
    atMs: number,
    keys: readonly SeriesKey[],
    values: Float64Array,
    offset: number,
  ): number {
    let stored = 0;
    let next = offset;
    for (const layout of layoutsFor(worker, keys)) {
      writer.reset();
      for (const series of layout.series) {
        const quanta = toQuanta(values[next] as number, series.quantum);
        if (Number.isNaN(quanta)) return writeReadable(worker, atMs, keys, values, offset);
        writer.signed(quanta);
        next += 1;
      }
      if (insert.run(worker, atMs, layout.id, writer.view()).changes > 0) stored += layout.series.length;
    }
    return stored;
  }

  /** The same without the values that cannot be kept: a series without a reading is absent, never 0. */
  function writeReadable(
    worker: number,
    atMs: number,
    keys: readonly SeriesKey[],
    values: Float64Array,
    offset: number,
  ): number {
    const series = layoutsFor(worker, keys).flatMap((layout) => layout.series);
    const readable = series
      .map((one, index) => ({ key: one.key, quantum: one.quantum, value: values[offset + index] as number }))
      .filter(({ value, quantum }) => !Number.isNaN(toQuanta(value, quantum)));
    if (readable.length === 0) return 0;
    const kept = readable.map(({ key }) => key);
    return writeTick(
      worker,
      atMs,
      kept,
      Float64Array.from(readable, ({ value }) => value),
      0,
    );
  }

  return {
    /** Must run inside a transaction. `keySets` are the sets of keys the columns refer to, by number. */
    write(worker: number, ticks: TickColumns, keySets: ReadonlyMap<number, readonly SeriesKey[]>): void {
      let offset = 0;
      let stored = 0;
      for (let index = 0; index < ticks.atMs.length; index += 1) {
        const keys = keySets.get(ticks.keySets[index] as number);
        if (keys === undefined) throw new Error('A delivery refers to a key set that was never named.');
        const atMs = Math.round(ticks.atMs[index] as number);
        if (atMs >= 0 && atMs < LATEST_MS && keys.length > 0) {
          const more = writeTick(worker, atMs, keys, ticks.values, offset);
          if (more > 0) pending.markSample(worker, atMs);
          stored += more;
        }
        offset += keys.length;
      }
      if (stored > 0) facts.add('samples', stored);
    },
    reload(): void {
      layoutsOfKeys = new WeakMap();
    },
  };
}
