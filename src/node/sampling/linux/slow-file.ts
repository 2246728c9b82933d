/**
 * A sysfs file whose reading may wait for hardware (a sensor on a slow bus, a GPU that resets): read off this thread.
 *
 * Callers read their files one after another, never all at once, so that hardware that hangs keeps only one of the few
 * threads Node has for files. Descriptors stay open.
 */
import { close, open, read } from 'node:fs';
import { readdir, readFile, realpath } from 'node:fs/promises';
import { basename } from 'node:path';

export class SlowFile {
  readonly #descriptor: number;
  readonly #buffer = Buffer.allocUnsafe(128);
  #isBusy = false;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** Null where the file is not there or may not be read. */
  static open(path: string): Promise<SlowFile | null> {
    return new Promise((resolve) => {
      open(path, 'r', (error, descriptor) => resolve(error === null ? new SlowFile(descriptor) : null));
    });
  }

  /** The text without its line end; null where the device has no answer now (ENODATA, EAGAIN, EIO, ENODEV). */
  text(): Promise<string | null> {
    this.#isBusy = true;
    return new Promise((resolve) => {
      read(this.#descriptor, this.#buffer, 0, this.#buffer.length, 0, (error, length) => {
        this.#isBusy = false;
        resolve(error === null ? this.#buffer.toString('utf8', 0, length).trim() : null);
      });
    });
  }

  async number(): Promise<number | null> {
    return numberIn(await this.text());
  }

  /** A file that is being read is left to the end of the thread: its number could be another file's by then. */
  close(): void {
    if (!this.#isBusy) close(this.#descriptor);
  }
}

/** The text of a file that is read once, while looking around; null where it is not there or may not be read. */
export async function textOf(path: string): Promise<string | null> {
  return readFile(path, 'utf8').then(
    (text) => text.trim(),
    () => null,
  );
}

/** Names in a folder, in natural order (`temp2` before `temp10`); none where there is no such folder. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

/** The last part of the path a link leads to; null where it leads nowhere. */
export async function targetName(link: string): Promise<string | null> {
  return realpath(link).then(
    (path) => basename(path),
    () => null,
  );
}

export function numberIn(text: string | null): number | null {
  if (text === null || text === '') return null;
  const number = Number(text);
  return Number.isFinite(number) ? number : null;
}
