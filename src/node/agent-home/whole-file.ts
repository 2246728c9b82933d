/** Files that are replaced whole: a reader sees the old text or the new one, whatever ends the writer. */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** `isDurable`: on disk when this returns. Throws the system's error, and leaves the old text then. */
export function writeWhole(path: string, content: string | Uint8Array, isDurable: boolean): void {
  const draft = `${path}.draft-${process.pid}`;
  try {
    const file = openSync(draft, 'w', 0o600);
    try {
      writeFileSync(file, content);
      if (isDurable) fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** What the file holds as JSON; null where it is missing or holds none. Throws what else the system says. */
export function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
