/** One process under watch: its open `stat`, and its CPU and I/O since the reading before. */
import { closeSync, openSync, readSync } from 'node:fs';
import { Counter } from '../../../core/metrics/rate.ts';
import { ByteCursor } from './byte-cursor.ts';
import { type ProcessIoReading, parseProcessIo } from './parse/process-io.ts';
import { emptyProcess, parseProcessStat } from './parse/process-stat.ts';

/** A stat line is below 400 bytes: a name of at most 64 and 50 numbers, most of them short. */
const buffer = Buffer.allocUnsafeSlow(2_048);
const cursor = new ByteCursor(buffer);
const reading = emptyProcess();
const io: ProcessIoReading = { readBytes: 0, writtenBytes: 0 };

/** Descriptors of `stat` files kept open at once; further processes are opened at each scan. */
const MOST_KEPT = 600;
let kept = 0;

export class ProcessEntry {
  readonly pid: number;
  name = '';
  isKernelThread = false;
  startTicks = Number.NaN;
  /** Cores used since the scan before; null at the first. */
  cpuCores: number | null = null;
  residentPages = 0;
  threadCount = 0;
  /** Null where reading is not allowed, and at the first reading. */
  readBytesPerSecond: number | null = null;
  writeBytesPerSecond: number | null = null;
  /** Seen for the first time by the newest scan. */
  isNew = true;
  /** Number of the scan that saw the process last. */
  scan = 0;
  readonly #folder: string;
  #descriptor: number | null = null;
  #cpuTicks = 0;
  #nameBytes = new Uint8Array(0);
  #read = new Counter();
  #written = new Counter();

  constructor(procRoot: string, pid: number) {
    this.pid = pid;
    this.#folder = `${procRoot}/${pid}`;
  }

  /** Reads `stat`; false when the process is gone. `elapsedMs`: since the scan before, null at the first. */
  read(scan: number, elapsedMs: number | null, ticksPerSecond: number): boolean {
    const length = this.#readStat();
    if (length === 0) return false;
    cursor.reset(buffer, length);
    if (!parseProcessStat(cursor, reading)) return false;
    const isAnother = reading.startTicks !== this.startTicks;
    const wasSeen = !isAnother && this.scan === scan - 1;
    this.isNew = isAnother;
    // Taken from 0 when new: it started after the scan before, or that scan would have seen it.
    const ticks = reading.cpuTicks - (wasSeen ? this.#cpuTicks : 0);
    const isKnown = elapsedMs !== null && elapsedMs > 0 && (wasSeen || isAnother) && ticks >= 0;
    this.cpuCores = isKnown ? ticks / ticksPerSecond / (elapsedMs / 1_000) : null;
    if (isAnother) this.#begin();
    this.#takeName();
    this.#cpuTicks = reading.cpuTicks;
    this.residentPages = reading.residentPages;
    this.threadCount = reading.threadCount;
    this.scan = scan;
    return true;
  }

  /** Reads `io`, which only the owner and root may. */
  readIo(atMs: number): void {
    const length = readWhole(`${this.#folder}/io`);
    if (length === 0) {
      this.readBytesPerSecond = this.writeBytesPerSecond = null;
      return;
    }
    cursor.reset(buffer, length);
    parseProcessIo(cursor, io);
    this.readBytesPerSecond = this.#read.next(io.readBytes, atMs);
    this.writeBytesPerSecond = this.#written.next(io.writtenBytes, atMs);
  }

  close(): void {
    if (this.#descriptor === null) return;
    closeSync(this.#descriptor);
    this.#descriptor = null;
    kept -= 1;
  }

  #begin(): void {
    this.startTicks = reading.startTicks;
    this.isKernelThread = reading.isKernelThread;
    this.#read.reset();
    this.#written.reset();
  }

  /** The name is decoded only when its bytes changed. */
  #takeName(): void {
    const { nameStart, nameEnd } = reading;
    const before = this.#nameBytes;
    if (before.length === nameEnd - nameStart && buffer.compare(before, 0, before.length, nameStart, nameEnd) === 0)
      return;
    this.#nameBytes = Uint8Array.prototype.slice.call(buffer, nameStart, nameEnd);
    this.name = buffer.toString('utf8', nameStart, nameEnd);
  }

  #readStat(): number {
    if (this.#descriptor !== null) {
      try {
        return readSync(this.#descriptor, buffer, 0, buffer.length, 0);
      } catch {
        // ESRCH: the process of this descriptor ended; its number may belong to another already.
        this.close();
      }
    }
    if (kept >= MOST_KEPT) return readWhole(`${this.#folder}/stat`);
    try {
      this.#descriptor = openSync(`${this.#folder}/stat`, 'r');
      kept += 1;
      return readSync(this.#descriptor, buffer, 0, buffer.length, 0);
    } catch {
      this.close();
      return 0;
    }
  }
}

/** Length of what was read into the buffer; 0 where the file is gone or closed to us. */
function readWhole(path: string): number {
  let descriptor: number | null = null;
  try {
    descriptor = openSync(path, 'r');
    return readSync(descriptor, buffer, 0, buffer.length, 0);
  } catch {
    return 0;
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}
