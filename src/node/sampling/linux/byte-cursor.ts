/**
 * Walks the text of a `/proc` or `/sys` file byte by byte.
 *
 * These files are read every second, for ever: numbers are taken straight from the bytes, without a string per line or
 * field. Numbers beyond 2^53 lose their last digits, which no rate or share can show.
 */
const NEWLINE = 10;
const SPACE = 32;
const ZERO = 48;
const NINE = 57;

export class ByteCursor {
  bytes: Uint8Array;
  at: number;
  end: number;

  constructor(bytes: Uint8Array = new Uint8Array(0), at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  /** Starts over on another text. */
  reset(bytes: Uint8Array, end: number): void {
    this.bytes = bytes;
    this.at = 0;
    this.end = end;
  }

  /** The next whole number of this line; NaN where there is none. Skips blanks before it; a minus sign counts. */
  number(): number {
    this.skipBlanks();
    const { bytes, end } = this;
    let at = this.at;
    const isNegative = bytes[at] === 45;
    if (isNegative) at += 1;
    const start = at;
    let value = 0;
    while (at < end) {
      const digit = bytes[at]!;
      if (digit < ZERO || digit > NINE) break;
      value = value * 10 + (digit - ZERO);
      at += 1;
    }
    if (at === start) return Number.NaN;
    this.at = at;
    return isNegative ? -value : value;
  }

  /** A number that may have decimals, as in `/proc/loadavg`; NaN where there is none. */
  decimal(): number {
    const whole = this.number();
    if (this.bytes[this.at] !== 46 || this.at >= this.end) return whole;
    this.at += 1;
    const start = this.at;
    const part = this.number();
    return Number.isNaN(part) ? whole : whole + part / 10 ** (this.at - start);
  }

  /** The next run of characters up to a blank or the end of the line, as text; empty at the end of the line. */
  word(): string {
    this.skipBlanks();
    const start = this.at;
    this.skipWord();
    return this.text(start, this.at);
  }

  /** Steps over the next word. */
  skipWord(): void {
    this.skipBlanks();
    while (this.at < this.end && this.bytes[this.at]! > SPACE) this.at += 1;
  }

  skipBlanks(): void {
    while (this.at < this.end) {
      const byte = this.bytes[this.at]!;
      if (byte !== SPACE && byte !== 9) return;
      this.at += 1;
    }
  }

  /** Goes to the start of the next line; false where there is none. */
  nextLine(): boolean {
    const found = this.bytes.indexOf(NEWLINE, this.at);
    if (found < 0 || found + 1 >= this.end) {
      this.at = this.end;
      return false;
    }
    this.at = found + 1;
    return true;
  }

  /** Whether the text goes on with these bytes; the cursor stays. */
  startsWith(prefix: Uint8Array): boolean {
    if (this.at + prefix.length > this.end) return false;
    for (let index = 0; index < prefix.length; index += 1) {
      if (this.bytes[this.at + index] !== prefix[index]) return false;
    }
    return true;
  }

  text(from: number, to: number): string {
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + from, to - from).toString('utf8');
  }
}

/** The bytes of a label, made once. */
export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
