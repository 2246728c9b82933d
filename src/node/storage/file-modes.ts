/** Files that only their user may read: databases hold what runs on machines, and the codes that let machines in. */
import { chmodSync, closeSync, existsSync, openSync } from 'node:fs';

const PRIVATE = 0o600;

/** An empty file with mode 0600, unless there is one already. SQLite gives a file's log and index the file's own mode. */
export function createPrivate(path: string): void {
  if (existsSync(path)) return;
  closeSync(openSync(path, 'a', PRIVATE));
}

/** Takes a database with its log and index away from other users; where that is refused, the folder's mode must do. */
export function makePrivate(path: string): void {
  for (const suffix of ['', '-wal', '-shm']) {
    try {
      chmodSync(path + suffix, PRIVATE);
    } catch {
      // Not there, another's, or on a file system without modes: the database can be used all the same.
    }
  }
}
