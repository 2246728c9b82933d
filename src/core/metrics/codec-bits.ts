/**
 * A column as two streams: how many bits each number has, and those bits.
 *
 * In noise the low bits of a number hold no pattern that a compressor could find, but deflate still spends table space
 * and rounding on them. Apart, the lengths are few different symbols that deflate codes near their entropy, and the bits
 * below each leading one lie packed as they are (the split of Elias gamma codes, ieeexplore.ieee.org/document/1055349).
 */
import { CodecError, type ColumnTransform } from './codec.ts';

const CHUNK_BITS = 24;
const CHUNK = 2 ** CHUNK_BITS;

export interface SplitColumn {
  /** One byte a number: its length in bits, zigzag-folded; 0 for zero. */
  readonly lengths: Uint8Array;
  /** What lies below each leading one, least significant bit first. */
  readonly bits: Uint8Array;
}

export function splitColumn(column: ArrayLike<number>, transform: ColumnTransform): SplitColumn {
  const lengths = new Uint8Array(column.length);
  const sink = new BitSink();
  let last = 0;
  for (let index = 0; index < column.length; index += 1) {
    const value = (column[index] ?? 0) - last;
    if (transform === 'delta') last = column[index] ?? 0;
    const folded = value < 0 ? -2 * value - 1 : 2 * value;
    const length = bitLength(folded);
    lengths[index] = length;
    if (length > 1) sink.write(folded - 2 ** (length - 1), length - 1);
  }
  return { lengths, bits: sink.bytes() };
}

/** The inverse of `splitColumn`. Throws CodecError when the streams do not belong together. */
export function joinColumn({ lengths, bits }: SplitColumn, transform: ColumnTransform): Float64Array {
  const column = new Float64Array(lengths.length);
  const source = new BitSource(bits);
  let last = 0;
  for (let index = 0; index < lengths.length; index += 1) {
    const length = lengths[index] as number;
    if (length > 53) throw new CodecError('A number in the blob is too long.');
    const folded = length < 2 ? length : 2 ** (length - 1) + source.read(length - 1);
    const value = last + (folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2);
    column[index] = value;
    if (transform === 'delta') last = value;
  }
  if (!source.isSpent) throw new CodecError('The blob is longer than its column.');
  return column;
}

function bitLength(value: number): number {
  const high = Math.floor(value / 2 ** 32);
  return high > 0 ? 64 - Math.clz32(high) : 32 - Math.clz32(value);
}

class BitSink {
  private buffer = new Uint8Array(256);
  private length = 0;
  private held = 0;
  private heldBits = 0;

  write(value: number, count: number): void {
    let rest = value;
    let left = count;
    while (left > 0) {
      const taken = Math.min(left, CHUNK_BITS);
      this.writeChunk(rest % 2 ** taken, taken);
      rest = Math.floor(rest / CHUNK);
      left -= taken;
    }
  }

  /** At most 7 bits are held and 24 added: 31, within the 32-bit operators. */
  private writeChunk(value: number, count: number): void {
    this.held |= value << this.heldBits;
    this.heldBits += count;
    while (this.heldBits >= 8) {
      this.put(this.held & 255);
      this.held >>>= 8;
      this.heldBits -= 8;
    }
  }

  private put(byte: number): void {
    if (this.length === this.buffer.length) {
      const larger = new Uint8Array(this.buffer.length * 2);
      larger.set(this.buffer);
      this.buffer = larger;
    }
    this.buffer[this.length] = byte;
    this.length += 1;
  }

  bytes(): Uint8Array {
    if (this.heldBits > 0) {
      this.put(this.held & 255);
      this.held = 0;
      this.heldBits = 0;
    }
    return this.buffer.subarray(0, this.length);
  }
}

class BitSource {
  private readonly bytes: Uint8Array;
  private offset = 0;
  private held = 0;
  private heldBits = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** True when every byte was touched. */
  get isSpent(): boolean {
    return this.offset === this.bytes.length;
  }

  read(count: number): number {
    let value = 0;
    let weight = 1;
    let left = count;
    while (left > 0) {
      const taken = Math.min(left, CHUNK_BITS);
      value += this.readChunk(taken) * weight;
      weight *= CHUNK;
      left -= taken;
    }
    return value;
  }

  private readChunk(count: number): number {
    while (this.heldBits < count) {
      const byte = this.bytes[this.offset];
      if (byte === undefined) throw new CodecError('The blob ends too early.');
      this.held |= byte << this.heldBits;
      this.heldBits += 8;
      this.offset += 1;
    }
    const value = this.held & (2 ** count - 1);
    this.held >>>= count;
    this.heldBits -= count;
    return value;
  }
}
