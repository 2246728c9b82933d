/**
 * `/proc/meminfo`: sizes in kB, read as bytes.
 * Format: proc_meminfo(5). `MemAvailable` exists since Linux 3.14; before, it is estimated as `free` once did.
 */
import { type ByteCursor, bytesOf } from '../byte-cursor.ts';

/** Bytes; NaN where the kernel does not tell. Reused from reading to reading. */
export interface MemoryReading {
  totalBytes: number;
  freeBytes: number;
  availableBytes: number;
  buffersBytes: number;
  cachedBytes: number;
  /** The kernel's own caches that it gives back on demand. */
  reclaimableBytes: number;
  swapTotalBytes: number;
  swapFreeBytes: number;
}

export function emptyMemory(): MemoryReading {
  return {
    totalBytes: Number.NaN,
    freeBytes: Number.NaN,
    availableBytes: Number.NaN,
    buffersBytes: Number.NaN,
    cachedBytes: Number.NaN,
    reclaimableBytes: Number.NaN,
    swapTotalBytes: Number.NaN,
    swapFreeBytes: Number.NaN,
  };
}

const FIELDS: readonly { readonly label: Uint8Array; readonly field: keyof MemoryReading }[] = [
  { label: bytesOf('MemTotal:'), field: 'totalBytes' },
  { label: bytesOf('MemFree:'), field: 'freeBytes' },
  { label: bytesOf('MemAvailable:'), field: 'availableBytes' },
  { label: bytesOf('Buffers:'), field: 'buffersBytes' },
  { label: bytesOf('Cached:'), field: 'cachedBytes' },
  { label: bytesOf('SwapTotal:'), field: 'swapTotalBytes' },
  { label: bytesOf('SwapFree:'), field: 'swapFreeBytes' },
  { label: bytesOf('SReclaimable:'), field: 'reclaimableBytes' },
];

/** False where the text does not name the size of the memory. */
export function parseMeminfo(cursor: ByteCursor, into: MemoryReading): boolean {
  Object.assign(into, EMPTY);
  // The lines come in the order of FIELDS on every kernel so far; looking for the next one first makes one pass of it.
  let expected = 0;
  let found = 0;
  do {
    for (let step = 0; step < FIELDS.length; step += 1) {
      const index = (expected + step) % FIELDS.length;
      const { label, field } = FIELDS[index]!;
      if (!cursor.startsWith(label)) continue;
      cursor.at += label.length;
      into[field] = cursor.number() * 1_024;
      expected = index + 1;
      found += 1;
      break;
    }
  } while (found < FIELDS.length && cursor.nextLine());
  if (Number.isNaN(into.availableBytes)) {
    into.availableBytes = into.freeBytes + into.buffersBytes + into.cachedBytes;
  }
  return !Number.isNaN(into.totalBytes);
}

const EMPTY: Readonly<MemoryReading> = emptyMemory();
