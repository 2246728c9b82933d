/**
 * A small kernel file that stays open and is read again from its start each time.
 *
 * Opening costs more than reading. All files of the thread share one buffer: what a read returned is valid until the
 * next read of any file.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { ByteCursor } from './byte-cursor.ts';

let shared = Buffer.allocUnsafeSlow(32 * 1_024);
const cursor = new ByteCursor(shared);

export class KeptFile {
  readonly #descriptor: number;
  #isOpen = true;

  /** Opens the file; throws the system's error (ENOENT, EACCES …). */
  constructor(path: string) {
    this.#descriptor = openSync(path, 'r');
  }

  /** The whole text, under the shared cursor. Throws the system's error, such as ENODEV after a device left. */
  read(): ByteCursor {
    let length = 0;
    for (;;) {
      const got = readSync(this.#descriptor, shared, length, shared.length - length, length);
      // Files made of records come a page at a time, so only an empty read is the end.
      if (got === 0) break;
      length += got;
      if (length === shared.length) grow();
    }
    cursor.reset(shared, length);
    return cursor;
  }

  /** Only the first bytes, for a file whose interesting part is its start, or that fits for sure. */
  readStart(): ByteCursor {
    cursor.reset(shared, readSync(this.#descriptor, shared, 0, 4_096, 0));
    return cursor;
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeSync(this.#descriptor);
  }
}

function grow(): void {
  const larger = Buffer.allocUnsafeSlow(shared.length * 2);
  shared.copy(larger);
  shared = larger;
}

/** Closes what was open and opens anew; null where the file is not there. Other errors are thrown. */
export function reopen(before: KeptFile | null, path: string): KeptFile | null {
  before?.close();
  try {
    return new KeptFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
