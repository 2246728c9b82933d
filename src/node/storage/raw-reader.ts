/** Reads the samples themselves, packed and fresh, of some series over a range. */
import { ByteReader, CodecError } from '../../core/metrics/codec.ts';
import type { RawSamples } from '../../core/metrics/downsample.ts';
import type { ReadableDatabase } from './connection.ts';
import { placeOf, unpackColumn, unpackTimes, windowOf } from './packing.ts';
import type { SeriesCatalogue } from './series-catalogue.ts';

interface PackedRow {
  readonly times: number;
  readonly samples: number;
  readonly quanta: Uint8Array;
}

interface TickRow {
  readonly at_ms: number;
  readonly layout: number;
  readonly quanta: Uint8Array;
}

/** Samples of one series while they are gathered. */
interface Gathered {
  readonly atMs: number[];
  readonly quanta: number[];
}

/** Time columns kept unpacked: a range of windows is read series by series. */
const CACHED_TIME_COLUMNS = 512;

export type RawReader = ReturnType<typeof createRawReader>;

export function createRawReader(database: ReadableDatabase, catalogue: SeriesCatalogue) {
  const selectPacked = database.prepare<[number], PackedRow>(
    'SELECT times, samples, quanta FROM packed WHERE place = ?',
  );
  const selectTimes = database.prepare<[number], Uint8Array>('SELECT times FROM packed_times WHERE place = ?').pluck();
  const selectTicks = database.prepare<[number, number, number], TickRow>(
    'SELECT at_ms, layout, quanta FROM ticks WHERE worker = ? AND at_ms >= ? AND at_ms < ? ORDER BY at_ms, layout',
  );
  const hasPacked = database
    .prepare<[number, number], number>('SELECT 1 FROM packed WHERE place >= ? AND place < ? LIMIT 1')
    .pluck();
  const timeColumns = new Map<number, Float64Array>();

  function timesAt(place: number, window: number): Float64Array {
    const cached = timeColumns.get(place);
    if (cached !== undefined) return cached;
    const blob = selectTimes.get(place);
    if (blob === undefined) throw new CodecError('A packed series has lost its times.');
    const times = unpackTimes(blob, window);
    if (timeColumns.size >= CACHED_TIME_COLUMNS) timeColumns.clear();
    timeColumns.set(place, times);
    return times;
  }

  /** One window of one series; null when nothing of it is packed. Throws CodecError for a damaged blob. */
  function readPackedWindow(window: number, series: number): RawSamples | null {
    const row = selectPacked.get(placeOf(window, series));
    if (row === undefined) return null;
    const atMs = timesAt(placeOf(window, row.times), window);
    if (atMs.length !== row.samples) throw new CodecError('A packed series and its times differ in length.');
    return { atMs, quanta: unpackColumn(row.quanta, row.samples) };
  }

  function gatherPacked(gathered: ReadonlyMap<number, Gathered>, fromMs: number, toMs: number): void {
    for (let window = windowOf(fromMs); window <= windowOf(toMs - 1); window += 1) {
      if (hasPacked.get(placeOf(window, 0), placeOf(window + 1, 0)) === undefined) continue;
      for (const [series, into] of gathered) {
        const packed = readIfSound(() => readPackedWindow(window, series));
        if (packed === null) continue;
        for (let index = 0; index < packed.atMs.length; index += 1) {
          const at = packed.atMs[index] as number;
          if (at < fromMs || at >= toMs) continue;
          into.atMs.push(at);
          into.quanta.push(packed.quanta[index] as number);
        }
      }
    }
  }

  function gatherTicks(gathered: ReadonlyMap<number, Gathered>, worker: number, fromMs: number, toMs: number): void {
    /** Per layout, who takes the value at each position; null where nobody asked. */
    const takers = new Map<number, readonly (Gathered | null)[]>();
    for (const row of selectTicks.iterate(worker, fromMs, toMs)) {
      let take = takers.get(row.layout);
      if (take === undefined) {
        take = takersOf(row.layout, gathered);
        takers.set(row.layout, take);
      }
      if (take.length === 0) continue;
      readIfSound(() => spread(row, take));
    }
  }

  /** Ends at the last position that anybody asked for. */
  function takersOf(layoutId: number, gathered: ReadonlyMap<number, Gathered>): readonly (Gathered | null)[] {
    const layout = catalogue.layout(layoutId);
    if (layout === null) return [];
    const take = layout.series.map((series) => gathered.get(series.id) ?? null);
    return take.slice(0, take.findLastIndex((into) => into !== null) + 1);
  }

  return {
    readPackedWindow,
    /** Samples of each series in [fromMs, toMs), oldest first; one delivered twice or more is there once. */
    read(worker: number, seriesIds: Iterable<number>, fromMs: number, toMs: number): ReadonlyMap<number, RawSamples> {
      const gathered = gatherNothing(seriesIds);
      gatherPacked(gathered, fromMs, toMs);
      gatherTicks(gathered, worker, fromMs, toMs);
      return new Map([...gathered].map(([id, samples]) => [id, inOrder(samples)]));
    },
    /** The same of fresh samples alone. */
    readFresh(
      worker: number,
      seriesIds: Iterable<number>,
      fromMs: number,
      toMs: number,
    ): ReadonlyMap<number, RawSamples> {
      const gathered = gatherNothing(seriesIds);
      gatherTicks(gathered, worker, fromMs, toMs);
      return new Map([...gathered].map(([id, samples]) => [id, inOrder(samples)]));
    },
    /** Packed rows were rewritten: what is remembered of them is void. */
    forget: (): void => timeColumns.clear(),
  };
}

function gatherNothing(seriesIds: Iterable<number>): ReadonlyMap<number, Gathered> {
  return new Map(Array.from(seriesIds, (id) => [id, { atMs: [], quanta: [] }]));
}

function spread(row: TickRow, take: readonly (Gathered | null)[]): void {
  const reader = new ByteReader(row.quanta);
  for (const into of take) {
    if (into === null) reader.skip(1);
    else {
      const quanta = reader.signed();
      into.atMs.push(row.at_ms);
      into.quanta.push(quanta);
    }
  }
}

/** Null for a blob that cannot be read: one spoilt row costs its own samples, not the whole history. */
function readIfSound<Value>(read: () => Value): Value | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof CodecError) return null;
    throw error;
  }
}

/** Sorted by time; of several samples of one millisecond the first gathered stays (packed before fresh). */
export function inOrder({ atMs, quanta }: Gathered): RawSamples {
  if (isRising(atMs)) return { atMs: Float64Array.from(atMs), quanta: Float64Array.from(quanta) };
  const order = Array.from(atMs, (_, index) => index).sort(
    (one, other) => (atMs[one] as number) - (atMs[other] as number) || one - other,
  );
  const kept = order.filter((at, index) => index === 0 || atMs[at] !== atMs[order[index - 1] as number]);
  return {
    atMs: Float64Array.from(kept, (index) => atMs[index] as number),
    quanta: Float64Array.from(kept, (index) => quanta[index] as number),
  };
}

function isRising(times: readonly number[]): boolean {
  for (let index = 1; index < times.length; index += 1) {
    if ((times[index] as number) <= (times[index - 1] as number)) return false;
  }
  return true;
}
