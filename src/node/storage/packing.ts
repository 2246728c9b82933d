/**
 * The packed form of ten minutes of one series: a byte that names the method, then the column.
 *
 * Each column is tried in four forms and the shortest stays: as it is or as steps, deflated varints or split into lengths
 * and bits (`codec-bits.ts`). Steps win for what drifts (memory, temperature), the plain numbers for what jumps about zero
 * (rates), the split for noise, no deflate for a handful of samples.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import {
  ByteReader,
  ByteWriter,
  CodecError,
  type ColumnTransform,
  readColumn,
  readTimes,
  writeColumn,
  writeTimes,
} from '../../core/metrics/codec.ts';
import { joinColumn, splitColumn } from '../../core/metrics/codec-bits.ts';
import { MINUTE_MS } from '../../core/time.ts';

export const WINDOW_MS = 10 * MINUTE_MS;

/** Packed rows of one window lie between window × this and (window + 1) × this. */
export const PLACES_PER_WINDOW = 2 ** 24;

/** Bits of the first byte. A split column has its lengths, a blob with a first byte of its own, before its bits. */
const DELTA = 1;
const DEFLATED = 2;
const SPLIT = 4;
const METHOD_END = 8;
const TRANSFORMS = ['plain', 'delta'] as const satisfies readonly ColumnTransform[];
const DEFLATE_LEVEL = 6;
const writer = new ByteWriter();

export function windowOf(atMs: number): number {
  return Math.floor(atMs / WINDOW_MS);
}

/** `member` is a series, or the number of a time column within its window. */
export function placeOf(window: number, member: number): number {
  return window * PLACES_PER_WINDOW + member;
}

/** `column` in the shortest of the forms. */
export function packColumn(column: ArrayLike<number>): Uint8Array {
  const forms = TRANSFORMS.flatMap((transform) => [packVarints(column, transform), packSplit(column, transform)]);
  return forms.reduce((best, form) => (form.length < best.length ? form : best));
}

/** Throws CodecError for a blob that is not `length` numbers. */
export function unpackColumn(blob: Uint8Array, length: number): Float64Array {
  const method = blob[0] ?? METHOD_END;
  const transform = (method & DELTA) === 0 ? 'plain' : 'delta';
  if ((method & SPLIT) === 0) return readColumn(open(blob), length, transform);
  const reader = new ByteReader(blob, 1);
  const lengths = open(reader.take(reader.unsigned()));
  if (lengths.length !== length) throw new CodecError('The blob is not as long as its column.');
  return joinColumn({ lengths, bits: reader.take(reader.left) }, transform);
}

function packVarints(column: ArrayLike<number>, transform: ColumnTransform): Uint8Array {
  writer.reset();
  writeColumn(writer, column, transform);
  return shortest(writer.view(), transform === 'delta' ? DELTA : 0);
}

function packSplit(column: ArrayLike<number>, transform: ColumnTransform): Uint8Array {
  const { lengths, bits } = splitColumn(column, transform);
  const packedLengths = shortest(lengths, 0);
  writer.reset();
  writer.byte(transform === 'delta' ? SPLIT | DELTA : SPLIT);
  writer.unsigned(packedLengths.length);
  writer.append(packedLengths);
  writer.append(bits);
  return writer.view().slice();
}

export function packTimes(timesMs: ArrayLike<number>, window: number): Uint8Array {
  writer.reset();
  writeTimes(writer, timesMs, window * WINDOW_MS);
  return shortest(writer.view(), 0);
}

export function unpackTimes(blob: Uint8Array, window: number): Float64Array {
  return readTimes(open(blob), window * WINDOW_MS);
}

function shortest(bytes: Uint8Array, method: number): Uint8Array {
  const deflated = deflateRawSync(bytes, { level: DEFLATE_LEVEL });
  const isShorter = deflated.length < bytes.length;
  const body = isShorter ? deflated : bytes;
  const blob = new Uint8Array(body.length + 1);
  blob[0] = isShorter ? method | DEFLATED : method;
  blob.set(body, 1);
  return blob;
}

function open(blob: Uint8Array): Uint8Array {
  const method = blob[0];
  if (method === undefined || method >= METHOD_END) throw new CodecError('The blob names no known method.');
  const body = blob.subarray(1);
  if ((method & DEFLATED) === 0) return body;
  try {
    return inflateRawSync(body);
  } catch (error) {
    throw new CodecError('The blob does not inflate.', { cause: error });
  }
}
