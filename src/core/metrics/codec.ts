/**
 * Samples as whole numbers, and whole numbers as few bytes.
 *
 * A value is kept as a count of its metric's quantum (`catalogue.ts`), so fresh and packed form hold the same number.
 * Counts are written as base-128 varints, low group first, signed ones zigzag-folded (the encodings of Protocol Buffers:
 * protobuf.dev/programming-guides/encoding). Arithmetic instead of 32-bit operators where a count may exceed 31 bits.
 */

/** Largest count of quanta kept, either sign: leaves room for differences and folding within the exact integers. */
export const MAX_QUANTA = 2 ** 48;

const GROUP = 128;
const INT31 = 2 ** 31;

/** A blob that no encoder here can have written. */
export class CodecError extends Error {}

/** Count of quanta nearest to `value`; NaN for what cannot be kept (not finite, or beyond `MAX_QUANTA`). */
export function toQuanta(value: number, quantum: number): number {
  const count = quantum < 1 ? Math.round(value * Math.round(1 / quantum)) : Math.round(value / quantum);
  return count <= MAX_QUANTA && count >= -MAX_QUANTA ? count + 0 : Number.NaN;
}

/** The value of a count. Divides by the whole inverse for quanta below one, so that 3 × 0.0001 reads 0.0003. */
export function fromQuanta(count: number, quantum: number): number {
  return quantum < 1 ? count / Math.round(1 / quantum) : count * quantum;
}

/** Bytes written one after the other into a buffer that grows and is used again after `reset`. */
export class ByteWriter {
  private bytes = new Uint8Array(1_024);
  private length = 0;

  reset(): void {
    this.length = 0;
  }

  /** What was written since `reset`. Valid until the next write: the caller copies or hands it on at once. */
  view(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  byte(value: number): void {
    if (this.length === this.bytes.length) this.grow(1);
    this.bytes[this.length] = value;
    this.length += 1;
  }

  /** A whole number from 0 to 2^53. */
  unsigned(value: number): void {
    if (this.length + 8 > this.bytes.length) this.grow(8);
    let rest = value;
    while (rest >= INT31) {
      this.bytes[this.length++] = (rest % GROUP) + GROUP;
      rest = Math.floor(rest / GROUP);
    }
    while (rest >= GROUP) {
      this.bytes[this.length++] = (rest & 127) | GROUP;
      rest >>>= 7;
    }
    this.bytes[this.length++] = rest;
  }

  /** A whole number within ±2^52. */
  signed(value: number): void {
    this.unsigned(value < 0 ? -2 * value - 1 : 2 * value);
  }

  append(bytes: Uint8Array): void {
    if (this.length + bytes.length > this.bytes.length) this.grow(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  private grow(more: number): void {
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.length + more));
    larger.set(this.bytes);
    this.bytes = larger;
  }
}

/** Reads back what a ByteWriter wrote. Throws CodecError at the end of the bytes. */
export class ByteReader {
  private readonly bytes: Uint8Array;
  private offset: number;

  constructor(bytes: Uint8Array, offset = 0) {
    this.bytes = bytes;
    this.offset = offset;
  }

  get isAtEnd(): boolean {
    return this.offset >= this.bytes.length;
  }

  byte(): number {
    const value = this.bytes[this.offset];
    if (value === undefined) throw new CodecError('The blob ends too early.');
    this.offset += 1;
    return value;
  }

  unsigned(): number {
    let byte = this.byte();
    if (byte < GROUP) return byte;
    let value = byte & 127;
    let weight = GROUP;
    do {
      byte = this.byte();
      value += (byte & 127) * weight;
      weight *= GROUP;
    } while (byte >= GROUP);
    if (value > Number.MAX_SAFE_INTEGER) throw new CodecError('A number in the blob is too large.');
    return value;
  }

  signed(): number {
    const folded = this.unsigned();
    return folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2;
  }

  /** Bytes not read yet. */
  get left(): number {
    return this.bytes.length - this.offset;
  }

  /** The next `length` bytes as they are. */
  take(length: number): Uint8Array {
    if (!(length <= this.left)) throw new CodecError('The blob ends too early.');
    this.offset += length;
    return this.bytes.subarray(this.offset - length, this.offset);
  }

  /** Passes over `count` numbers without reading them. */
  skip(count: number): void {
    let left = count;
    while (left > 0) {
      if (this.byte() < GROUP) left -= 1;
    }
  }
}

/** How the numbers of a column are prepared before they are written: as they are, or each as the step from the last. */
export type ColumnTransform = 'plain' | 'delta';

/** Writes a column of whole numbers. `length` of the column is not written: whoever reads must know it. */
export function writeColumn(writer: ByteWriter, column: ArrayLike<number>, transform: ColumnTransform): void {
  let last = 0;
  for (let index = 0; index < column.length; index += 1) {
    const value = column[index] ?? 0;
    writer.signed(value - last);
    if (transform === 'delta') last = value;
  }
}

/** Reads `length` numbers; throws CodecError when the bytes hold fewer or more. */
export function readColumn(bytes: Uint8Array, length: number, transform: ColumnTransform): Float64Array {
  const reader = new ByteReader(bytes);
  const column = new Float64Array(length);
  let last = 0;
  for (let index = 0; index < length; index += 1) {
    const value = last + reader.signed();
    column[index] = value;
    if (transform === 'delta') last = value;
  }
  if (!reader.isAtEnd) throw new CodecError('The blob is longer than its column.');
  return column;
}

/** Writes rising times, ms, as the change of step against `startMs`: near zero for a steady cadence. */
export function writeTimes(writer: ByteWriter, timesMs: ArrayLike<number>, startMs: number): void {
  writer.unsigned(timesMs.length);
  let last = startMs;
  let lastStep = 0;
  for (let index = 0; index < timesMs.length; index += 1) {
    const at = timesMs[index] ?? last;
    const step = at - last;
    writer.signed(step - lastStep);
    last = at;
    lastStep = step;
  }
}

/** The inverse of `writeTimes`; leaves the reader behind the last time. */
export function readTimes(reader: ByteReader, startMs: number): Float64Array {
  const length = reader.unsigned();
  if (length > reader.left) throw new CodecError('The blob is too short for its times.');
  const times = new Float64Array(length);
  let last = startMs;
  let step = 0;
  for (let index = 0; index < length; index += 1) {
    step += reader.signed();
    last += step;
    times[index] = last;
  }
  return times;
}
