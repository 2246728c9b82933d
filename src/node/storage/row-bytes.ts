/** The bytes of several rows as one run, read row by row as they are asked for. */
import { ByteReader, CodecError } from '../../core/metrics/codec.ts';

/** Longest varint, bytes. */
const VARINT_BYTES = 8;

export class RowBytes {
  /** Where `next` goes on. */
  offset = 0;
  private bytes: Uint8Array = new Uint8Array(0);
  private nextRow = 0;
  private readonly rowAt: (number: number) => Uint8Array | undefined;

  constructor(rowAt: (number: number) => Uint8Array | undefined) {
    this.rowAt = rowAt;
  }

  /** A part of the run. Throws CodecError when the rows end before it. */
  at(start: number, length: number): Uint8Array {
    if (!this.reach(start + length)) throw new CodecError('The rows end too early.');
    return this.bytes.subarray(start, start + length);
  }

  /** A length written as a varint. */
  nextLength(): number {
    this.reach(this.offset + VARINT_BYTES);
    const reader = new ByteReader(this.bytes, this.offset);
    const length = reader.unsigned();
    this.offset = this.bytes.length - reader.left;
    return length;
  }

  next(length: number): Uint8Array {
    const part = this.at(this.offset, length);
    this.offset += length;
    return part;
  }

  private reach(end: number): boolean {
    while (this.bytes.length < end) {
      const row = this.rowAt(this.nextRow);
      if (row === undefined) return false;
      this.nextRow += 1;
      const longer = new Uint8Array(this.bytes.length + row.length);
      longer.set(this.bytes);
      longer.set(row, this.bytes.length);
      this.bytes = longer;
    }
    return true;
  }
}
