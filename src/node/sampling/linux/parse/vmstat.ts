/** `/proc/vmstat`: paging counters in pages. Format: proc_vmstat(5). */
import { type ByteCursor, bytesOf } from '../byte-cursor.ts';

export interface PagingReading {
  swappedIn: number;
  swappedOut: number;
  /** All faults, the major ones included. */
  faults: number;
  majorFaults: number;
}

const FIELDS: readonly { readonly label: Uint8Array; readonly field: keyof PagingReading }[] = [
  { label: bytesOf('pswpin '), field: 'swappedIn' },
  { label: bytesOf('pswpout '), field: 'swappedOut' },
  { label: bytesOf('pgfault '), field: 'faults' },
  { label: bytesOf('pgmajfault '), field: 'majorFaults' },
];

const LETTER_P = 112;

/** NaN for what the kernel does not count. */
export function parseVmstat(cursor: ByteCursor, into: PagingReading): void {
  into.swappedIn = into.swappedOut = into.faults = into.majorFaults = Number.NaN;
  let found = 0;
  do {
    if (cursor.bytes[cursor.at] !== LETTER_P) continue;
    for (const { label, field } of FIELDS) {
      if (!cursor.startsWith(label)) continue;
      cursor.at += label.length;
      into[field] = cursor.number();
      found += 1;
      break;
    }
  } while (found < FIELDS.length && cursor.nextLine());
}
