/** The files of the spool: `spool/00000001.seg` and on, written at their ends and read whole. */
import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

const NAME = /^(\d{8,15})\.seg$/;

export interface SegmentFile {
  readonly number: number;
  readonly bytes: number;
}

/** Oldest first; none where there is no folder. Throws other errors of the system. */
export function segmentFilesIn(folder: string): readonly SegmentFile[] {
  return namesIn(folder)
    .map((name) => ({ name, number: Number(NAME.exec(name)?.[1] ?? Number.NaN) }))
    .filter(({ number }) => Number.isSafeInteger(number))
    .map(({ name, number }) => ({ number, bytes: statSync(join(folder, name)).size }))
    .sort((one, other) => one.number - other.number);
}

function segmentPath(folder: string, number: number): string {
  return join(folder, `${String(number).padStart(8, '0')}.seg`);
}

/** Empty where the file is gone. Throws other errors of the system. */
export function readSegment(folder: string, number: number): Uint8Array {
  try {
    return readFileSync(segmentPath(folder, number));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Uint8Array(0);
    throw error;
  }
}

export function removeSegment(folder: string, number: number): void {
  rmSync(segmentPath(folder, number), { force: true });
}

/** A file that is being written. */
export interface SegmentWriter {
  readonly number: number;
  readonly bytes: number;
  /** Throws the system's error; the file then ends with a torn record and must be written no further. */
  append(record: Uint8Array): void;
  /** Asks the disk to keep what was written; not waited for. */
  sync(): void;
  /** Waits for the disk. */
  close(): void;
}

/** Makes the file, and the folder where it is missing. Throws the system's error. */
export function createSegment(folder: string, number: number): SegmentWriter {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const descriptor = openSync(segmentPath(folder, number), 'wx', 0o600);
  let bytes = 0;
  let isOpen = true;
  let isSyncing = false;
  return {
    number,
    get bytes() {
      return bytes;
    },
    append(record) {
      for (let at = 0; at < record.length; ) at += writeSync(descriptor, record, at);
      bytes += record.length;
    },
    sync() {
      if (isSyncing || !isOpen) return;
      isSyncing = true;
      fdatasync(descriptor, () => {
        isSyncing = false;
        if (!isOpen) closeSync(descriptor);
      });
    },
    close() {
      if (!isOpen) return;
      isOpen = false;
      // A descriptor that is being synced is closed by who waits for it: its number could be another file's by then.
      if (isSyncing) return;
      try {
        fdatasyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
    },
  };
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
