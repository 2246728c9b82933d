/**
 * Ten minutes of one worker as one run of bytes over a few rows: times, a directory, then the packed columns.
 *
 * One column a row would leave a sixth of the pages empty, since two rows seldom fill a page. A long row need not: SQLite
 * keeps its end in pages of its own (sqlite.org/fileformat2.html, 1.6), and rows cut to the right length fill those. The
 * rest follows in short rows that fit in anywhere. All series of a worker that are read together share their times, and
 * one that misses some readings keeps only which.
 */
import { crc32 } from 'node:zlib';
import { ByteReader, ByteWriter, CodecError, readTimes, writeTimes } from '../../core/metrics/codec.ts';
import { type Candidate, chooseReferences } from '../../core/metrics/codec-prediction.ts';
import type { RawSamples } from '../../core/metrics/downsample.ts';
import { MINUTE_MS } from '../../core/time.ts';
import { inflated, packColumn, packPredicted, shortest, unpackColumn } from './packing.ts';
import { RowBytes } from './row-bytes.ts';

export const WINDOW_MS = 10 * MINUTE_MS;

/** Where rows lie: by window, then by worker, then by number; the first is the times. */
const PLACES_PER_WINDOW = 2 ** 30;
const PLACES_PER_WORKER = 2 ** 14;

/**
 * Lengths of rows. Of a long row a page of 4 KiB keeps 489 bytes, with what SQLite adds to it; 4,092 go into each further
 * page. `PAGES_MAX` of those, so that a question about one of very many series need not read them all.
 */
const LOCAL_BYTES = 473;
const OVERFLOW_BYTES = 4_092;
const PAGES_MAX = 16;
const SHORT_ROW_BYTES = 1_000;

/** Columns that others may be told from, a group: more are seldom better and cost time. */
const REFERENCES_A_GROUP = 12;

/** A column shorter than this gains nothing from references. */
const SHORT_BYTES = 48;

/** A told column must be this much shorter than one that stands alone, since reading it costs reading others. */
const WORTHWHILE = 0.92;

export interface PackedRow {
  readonly number: number;
  readonly samples: number;
  readonly columns: Uint8Array;
}

/** A series to be packed. Only those of one group are told from each other. */
export interface SeriesToPack {
  readonly id: number;
  readonly group: string;
  readonly samples: RawSamples;
}

export function windowOf(atMs: number): number {
  return Math.floor(atMs / WINDOW_MS);
}

/** First place of a window, or of a worker in it. A window's places end where the next one's begin. */
export function placeOf(window: number, worker = 0, number = 0): number {
  return window * PLACES_PER_WINDOW + worker * PLACES_PER_WORKER + number;
}

export function windowAt(place: number): number {
  return Math.floor(place / PLACES_PER_WINDOW);
}

export function placesAfterWorker(window: number, worker: number): number {
  return placeOf(window, worker + 1);
}

interface PackedColumn {
  readonly id: number;
  readonly subset: number;
  readonly bytes: Uint8Array;
}

/** The rows of a window. Yields now and then, so that the work can be cut into slices. */
export function* packWindowRows(
  window: number,
  series: readonly SeriesToPack[],
  seriesPerStep: number,
): Generator<void, readonly PackedRow[], void> {
  const filled = series.filter((one) => one.samples.atMs.length > 0);
  const { times, subsets, subsetOf } = shareTimes(filled);
  const references = new Map<string, Candidate[]>();
  const columns: PackedColumn[] = [];
  for (const [index, { id, group, samples }] of filled.entries()) {
    const subset = subsetOf.get(id) as number;
    const name = `${group}\n${subset}`;
    const candidates = references.get(name) ?? [];
    references.set(name, candidates);
    columns.push({ id, subset, bytes: packAmong(samples.quanta, candidates) });
    if (candidates.length < REFERENCES_A_GROUP) candidates.push({ id: index, column: samples.quanta });
    if ((index + 1) % seriesPerStep === 0) yield;
  }
  const samples = filled.reduce((sum, one) => sum + one.samples.atMs.length, 0);
  return cut(writeWindow(packShared(times, subsets, window), columns)).map((bytes, number) => ({
    number,
    samples: number === 0 ? samples : 0,
    columns: bytes,
  }));
}

/** Packs a column, told from those before it where that pays. References are positions in the directory. */
function packAmong(column: Float64Array, candidates: readonly Candidate[]): Uint8Array {
  const alone = packColumn(column);
  if (alone.length <= SHORT_BYTES) return alone;
  const references = chooseReferences(column, candidates);
  const told = references.length === 0 ? null : packPredicted(column, references);
  return told !== null && told.length < alone.length * WORTHWHILE ? told : alone;
}

interface SharedTimes {
  readonly times: readonly number[];
  /** For each subset, runs of readings that are there and not there in turn, beginning with those that are. */
  readonly subsets: readonly (readonly number[])[];
  readonly subsetOf: ReadonlyMap<number, number>;
}

function shareTimes(series: readonly SeriesToPack[]): SharedTimes {
  const union = new Set<number>();
  const byContent = new Map<string, { readonly atMs: Float64Array; readonly index: number }>();
  const subsetOf = new Map<number, number>();
  for (const { id, samples } of series) {
    const content = Buffer.from(samples.atMs.buffer, samples.atMs.byteOffset, samples.atMs.byteLength).toString(
      'latin1',
    );
    const known = byContent.get(content) ?? { atMs: samples.atMs, index: byContent.size };
    byContent.set(content, known);
    subsetOf.set(id, known.index);
  }
  for (const { atMs } of byContent.values()) for (const at of atMs) union.add(at);
  const times = [...union].sort((one, other) => one - other);
  return { times, subsets: [...byContent.values()].map(({ atMs }) => runsOf(times, atMs)), subsetOf };
}

function runsOf(times: readonly number[], subset: Float64Array): readonly number[] {
  const runs: number[] = [];
  let isThere = true;
  let length = 0;
  let next = 0;
  for (const at of times) {
    const isHere = subset[next] === at;
    if (isHere) next += 1;
    if (isHere === isThere) length += 1;
    else {
      runs.push(length);
      isThere = isHere;
      length = 1;
    }
  }
  runs.push(length);
  return runs;
}

function packShared(times: readonly number[], subsets: readonly (readonly number[])[], window: number): Uint8Array {
  const writer = new ByteWriter();
  writeTimes(writer, times, window * WINDOW_MS);
  for (const runs of subsets) {
    writer.unsigned(runs.length);
    for (const run of runs) writer.unsigned(run);
  }
  return shortest(writer.view());
}

function writeWindow(shared: Uint8Array, columns: readonly PackedColumn[]): Uint8Array {
  const writer = new ByteWriter();
  writer.unsigned(shared.length);
  writer.append(shared);
  const directory = new ByteWriter();
  for (const { id, subset, bytes } of columns) {
    directory.unsigned(id);
    directory.unsigned(subset);
    directory.unsigned(bytes.length);
    writeCheck(directory, bytes);
  }
  writer.unsigned(directory.view().length);
  writer.append(directory.view());
  writeCheck(writer, writer.view());
  for (const { bytes } of columns) writer.append(bytes);
  return writer.view().slice();
}

/** Sixteen bits of CRC-32: SQLite keeps no checksums, and a flipped bit must not become a number somebody believes. */
function checkOf(bytes: Uint8Array): number {
  return crc32(bytes) & 0xffff;
}

function writeCheck(writer: ByteWriter, bytes: Uint8Array): void {
  const check = checkOf(bytes);
  writer.byte(check & 0xff);
  writer.byte(check >>> 8);
}

function readCheck(reader: ByteReader): number {
  return reader.byte() + reader.byte() * 256;
}

function cut(bytes: Uint8Array): readonly Uint8Array[] {
  const rows: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; ) {
    const pages = Math.min(PAGES_MAX, Math.floor((bytes.length - start - LOCAL_BYTES) / OVERFLOW_BYTES));
    const length = pages > 0 ? LOCAL_BYTES + pages * OVERFLOW_BYTES : SHORT_ROW_BYTES;
    rows.push(bytes.subarray(start, start + length));
    start += length;
  }
  if (rows.length > PLACES_PER_WORKER) throw new Error('A worker has more series than a window has places for.');
  return rows;
}

export interface PackedWindow {
  /** The samples of a series, or null when it has none here. Throws CodecError for damaged bytes. */
  read(id: number): RawSamples | null;
}

interface Entry {
  readonly subset: number;
  readonly start: number;
  readonly length: number;
  readonly check: number;
}

/** Opens one worker's window. `rowAt` gives its rows by number; only as many are read as needed. Throws CodecError. */
export function openWindow(window: number, rowAt: (number: number) => Uint8Array | undefined): PackedWindow {
  const source = new RowBytes(rowAt);
  const shared = source.next(source.nextLength());
  const directory = new ByteReader(source.next(source.nextLength()));
  const head = source.at(0, source.offset);
  if (readCheck(new ByteReader(source.next(2))) !== checkOf(head)) throw new CodecError('The head is spoilt.');
  const entries: Entry[] = [];
  const positionOf = new Map<number, number>();
  for (let start = source.offset; !directory.isAtEnd; ) {
    positionOf.set(directory.unsigned(), entries.length);
    const entry = { subset: directory.unsigned(), start, length: directory.unsigned(), check: readCheck(directory) };
    entries.push(entry);
    start += entry.length;
  }
  const timesOf = readShared(shared, window);
  const columns = new Map<number, Float64Array>();

  /** References lie before the column that refers to them, so this ends. */
  function columnAt(position: number): Float64Array {
    const known = columns.get(position);
    if (known !== undefined) return known;
    const { subset, start, length, check } = entries[position] as Entry;
    const bytes = source.at(start, length);
    if (checkOf(bytes) !== check) throw new CodecError('A packed column is spoilt.');
    const column = unpackColumn(bytes, timesOf(subset).length, (reference) => {
      if (reference >= position) throw new CodecError('A packed column refers to a later one.');
      return columnAt(reference);
    });
    columns.set(position, column);
    return column;
  }

  return {
    read(id) {
      const position = positionOf.get(id);
      if (position === undefined) return null;
      return { atMs: timesOf((entries[position] as Entry).subset), quanta: columnAt(position) };
    },
  };
}

function readShared(blob: Uint8Array, window: number): (subset: number) => Float64Array {
  const reader = new ByteReader(inflated(blob));
  const times = readTimes(reader, window * WINDOW_MS);
  const subsets: Float64Array[] = [];
  while (!reader.isAtEnd) {
    const runs = Array.from({ length: Math.min(reader.unsigned(), times.length + 1) }, () => reader.unsigned());
    let position = 0;
    const there: number[] = [];
    for (const [index, run] of runs.entries()) {
      if (index % 2 === 0) there.push(...times.subarray(position, position + run));
      position += run;
    }
    subsets.push(Float64Array.from(there));
  }
  return (subset) => {
    const found = subsets[subset];
    if (found === undefined) throw new CodecError('A packed column refers to times that are not there.');
    return found;
  };
}
