/**
 * `/proc/pressure/*`: how long tasks stalled, in µs since boot.
 * Format: the kernel's Documentation/accounting/psi.rst. The averages there are decayed; `total` gives the true share of
 * any interval.
 */
import { type ByteCursor, bytesOf } from '../byte-cursor.ts';

export interface PressureReading {
  someTotalUs: number;
  fullTotalUs: number;
}

const SOME = bytesOf('some ');
const FULL = bytesOf('full ');
const TOTAL = bytesOf('total=');

/** NaN for a line that is not there. */
export function parsePressure(cursor: ByteCursor, into: PressureReading): void {
  into.someTotalUs = into.fullTotalUs = Number.NaN;
  if (cursor.at >= cursor.end) return;
  do {
    if (cursor.startsWith(SOME)) into.someTotalUs = totalOf(cursor);
    else if (cursor.startsWith(FULL)) into.fullTotalUs = totalOf(cursor);
  } while (cursor.nextLine());
}

function totalOf(cursor: ByteCursor): number {
  for (;;) {
    cursor.skipWord();
    cursor.skipBlanks();
    if (cursor.startsWith(TOTAL)) break;
    if (cursor.at >= cursor.end || cursor.bytes[cursor.at] === 10) return Number.NaN;
  }
  cursor.at += TOTAL.length;
  return cursor.number();
}
