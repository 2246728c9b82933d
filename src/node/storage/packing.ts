/**
 * The packed form of ten minutes of one series: a byte that names the method, then the column.
 *
 * Each column is written as steps and as it is, and deflated; the shortest form stays. Steps win for what drifts (memory,
 * temperature), the plain numbers for what jumps about zero (rates), and no deflate for a handful of samples.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import {
  ByteWriter,
  CodecError,
  type ColumnTransform,
  readColumn,
  readTimes,
  writeColumn,
  writeTimes,
} from '../../core/metrics/codec.ts';
import { MINUTE_MS } from '../../core/time.ts';

export const WINDOW_MS = 10 * MINUTE_MS;

/** Packed rows of one window lie between window × this and (window + 1) × this. */
export const PLACES_PER_WINDOW = 2 ** 24;

const DELTA = 1;
const DEFLATED = 2;
const DEFLATE_LEVEL = 6;
const writer = new ByteWriter();

export function windowOf(atMs: number): number {
  return Math.floor(atMs / WINDOW_MS);
}

/** `member` is a series, or the number of a time column within its window. */
export function placeOf(window: number, member: number): number {
  return window * PLACES_PER_WINDOW + member;
}

export function packColumn(column: ArrayLike<number>): Uint8Array {
  let best: Uint8Array | null = null;
  for (const transform of ['plain', 'delta'] as const satisfies readonly ColumnTransform[]) {
    writer.reset();
    writeColumn(writer, column, transform);
    const packed = shortest(writer.view(), transform === 'delta' ? DELTA : 0);
    if (best === null || packed.length < best.length) best = packed;
  }
  return best as Uint8Array;
}

/** Throws CodecError for a blob that is not `length` numbers. */
export function unpackColumn(blob: Uint8Array, length: number): Float64Array {
  const { method, bytes } = open(blob);
  return readColumn(bytes, length, (method & DELTA) === 0 ? 'plain' : 'delta');
}

export function packTimes(timesMs: ArrayLike<number>, window: number): Uint8Array {
  writer.reset();
  writeTimes(writer, timesMs, window * WINDOW_MS);
  return shortest(writer.view(), 0);
}

export function unpackTimes(blob: Uint8Array, window: number): Float64Array {
  return readTimes(open(blob).bytes, window * WINDOW_MS);
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

function open(blob: Uint8Array): { readonly method: number; readonly bytes: Uint8Array } {
  const method = blob[0];
  if (method === undefined || method > (DELTA | DEFLATED)) throw new CodecError('The blob names no known method.');
  const body = blob.subarray(1);
  if ((method & DEFLATED) === 0) return { method, bytes: body };
  try {
    return { method, bytes: inflateRawSync(body) };
  } catch (error) {
    throw new CodecError('The blob does not inflate.', { cause: error });
  }
}
