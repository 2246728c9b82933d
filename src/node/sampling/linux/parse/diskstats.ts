/**
 * `/proc/diskstats`: one line a block device.
 * Format: the kernel's Documentation/admin-guide/iostats.rst. Sectors are 512 bytes whatever the device's own are.
 */
import type { ByteCursor } from '../byte-cursor.ts';

const SECTOR_BYTES = 512;

/** Counters since boot; reused from line to line. Those in ms wrap at 2^32 on some kernels. */
export interface DiskReading {
  reads: number;
  readBytes: number;
  readMs: number;
  writes: number;
  writtenBytes: number;
  writeMs: number;
  /** Time in which at least one request was under way. */
  busyMs: number;
}

const reading: DiskReading = { reads: 0, readBytes: 0, readMs: 0, writes: 0, writtenBytes: 0, writeMs: 0, busyMs: 0 };

/** Calls back for every well-formed line. The reading is reused: copy what is to stay. */
export function parseDiskstats(cursor: ByteCursor, onDisk: (name: string, reading: DiskReading) => void): void {
  if (cursor.at >= cursor.end) return;
  do {
    cursor.skipWord();
    cursor.skipWord();
    const name = cursor.word();
    reading.reads = cursor.number();
    cursor.skipWord();
    reading.readBytes = cursor.number() * SECTOR_BYTES;
    reading.readMs = cursor.number();
    reading.writes = cursor.number();
    cursor.skipWord();
    reading.writtenBytes = cursor.number() * SECTOR_BYTES;
    reading.writeMs = cursor.number();
    cursor.skipWord();
    reading.busyMs = cursor.number();
    if (name !== '' && !Number.isNaN(reading.busyMs)) onDisk(name, reading);
  } while (cursor.nextLine());
}

/**
 * Devices that stand on others or on memory: counting them too would count their bytes twice.
 * Partitions are told apart by `/sys/block`, which lists whole devices only.
 */
export function isStackedDevice(name: string): boolean {
  return /^(loop|ram|zram|dm-|md|fd|sr)\d/.test(name);
}
