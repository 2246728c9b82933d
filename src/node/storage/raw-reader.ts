/** Reads the samples themselves, packed and fresh, of some series over a range. */
import { ByteReader, CodecError } from '../../core/metrics/codec.ts';
import type { RawSamples } from '../../core/metrics/downsample.ts';
import type { ReadableDatabase } from './connection.ts';
import { openWindow, placeOf, windowOf } from './packed-window.ts';
import type { SeriesCatalogue } from './series-catalogue.ts';

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

export type RawReader = ReturnType<typeof createRawReader>;

export function createRawReader(database: ReadableDatabase, catalogue: SeriesCatalogue) {
  const selectPacked = database.prepare<[number], Uint8Array>('SELECT columns FROM packed WHERE place = ?').pluck();
  const selectTicks = database.prepare<[number, number, number], TickRow>(
    'SELECT at_ms, layout, quanta FROM ticks WHERE worker = ? AND at_ms >= ? AND at_ms < ? ORDER BY at_ms, layout',
  );

  function gatherPacked(gathered: ReadonlyMap<number, Gathered>, worker: number, fromMs: number, toMs: number): void {
    for (let window = windowOf(fromMs); window <= windowOf(toMs - 1); window += 1) {
      const rowAt = (number: number): Uint8Array | undefined => selectPacked.get(placeOf(window, worker, number));
      const first = rowAt(0);
      if (first === undefined) continue;
      const packed = readIfSound(() => openWindow(window, (number) => (number === 0 ? first : rowAt(number))));
      if (packed === null) continue;
      for (const [series, into] of gathered) {
        const samples = readIfSound(() => packed.read(series));
        if (samples !== null) append(into, samples, fromMs, toMs);
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
    /** Samples of each series in [fromMs, toMs), oldest first; one delivered twice or more is there once. */
    read(worker: number, seriesIds: Iterable<number>, fromMs: number, toMs: number): ReadonlyMap<number, RawSamples> {
      const gathered = gatherNothing(seriesIds);
      gatherPacked(gathered, worker, fromMs, toMs);
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
  };
}

function append(into: Gathered, { atMs, quanta }: RawSamples, fromMs: number, toMs: number): void {
  for (let index = 0; index < atMs.length; index += 1) {
    const at = atMs[index] as number;
    if (at < fromMs || at >= toMs) continue;
    into.atMs.push(at);
    into.quanta.push(quanta[index] as number);
  }
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
