/**
 * Opening SQLite files: the one place that names better-sqlite3's constructor.
 *
 * Handles are branded: what only reads takes a `ReadableDatabase`, and a file from a newer Labwatch never becomes a
 * `WritableDatabase`, so the compiler keeps writes away from it.
 */
import { copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { createPrivate, makePrivate } from './file-modes.ts';

const { SqliteError } = SqliteDatabase;

export type ReadableDatabase = Database & { readonly brand: 'readable' | 'writable' };
export type WritableDatabase = Database & { readonly brand: 'writable' };

/** How long a statement waits for another program (a person's sqlite3 shell) that holds the file. */
const BUSY_TIMEOUT_MS = 2_000;

/** Largest file that is copied to be read: about two seconds of work. */
const COPY_MAX_BYTES = 2 ** 30;

export interface Durability {
  /** NORMAL leaves syncing to checkpoints and `LogSync`; FULL syncs each commit. */
  readonly synchronous: 'NORMAL' | 'FULL';
  /** Page cache, KiB: small, since rows are written once and read seldom. */
  readonly cacheKibibytes: number;
}

/**
 * Keeps SQLite's library in this process. Only threads use it, and the system takes it out of memory with the last of them
 * (seen in /proc/self/maps), at a moment at which their runtimes may still be ending.
 */
export function holdLibrary(): void {
  new SqliteDatabase(':memory:').close();
}

/** Opens or creates a file (mode 0600) for reading and writing. Throws SqliteError, and what the file system throws. */
export function openWritable(path: string, durability: Durability): WritableDatabase {
  if (path !== ':memory:') {
    createPrivate(path);
    makePrivate(path);
  }
  const database = new SqliteDatabase(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    // Counts only before the first table exists: lets a shrunken history give its pages back to the disk.
    database.pragma('auto_vacuum = INCREMENTAL');
    database.pragma('journal_mode = WAL');
    database.pragma(`synchronous = ${durability.synchronous}`);
    // macOS: only this reaches the platter. Elsewhere it does nothing.
    database.pragma(`fullfsync = ${durability.synchronous === 'FULL' ? 'ON' : 'OFF'}`);
    database.pragma(`cache_size = -${durability.cacheKibibytes}`);
    database.pragma('journal_size_limit = 16777216');
    database.pragma('temp_store = MEMORY');
    database.pragma('foreign_keys = ON');
    return database as WritableDatabase;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Opens an existing file for reading alone, if need be by way of a copy. Throws SqliteError. */
export function openReadable(path: string): ReadableDatabase {
  try {
    return openInPlace(path);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const copy = copyOf(path);
    if (copy === null) throw error;
    try {
      return openInPlace(copy);
    } finally {
      // Opened files outlive their names; where they do not (Windows), the system's temporary folder keeps this one.
      rmSync(dirname(copy), { recursive: true, force: true });
    }
  }
}

function openInPlace(path: string): ReadableDatabase {
  makePrivate(path);
  const database = new SqliteDatabase(path, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
  try {
    database.pragma('cache_size = -2000');
    database.pragma('temp_store = MEMORY');
    database.prepare('SELECT count(*) FROM sqlite_schema').get();
    return database as ReadableDatabase;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** A file in WAL mode needs its log and index beside it even for reading, so a folder that may not be written hides it. */
function isRefusal(error: unknown): boolean {
  return error instanceof SqliteError && /^SQLITE_(CANTOPEN|READONLY)/.test(error.code);
}

function copyOf(path: string): string | null {
  const bytes = ['', '-wal'].reduce((sum, suffix) => sum + sizeOf(path + suffix), 0);
  if (sizeOf(path) === 0 || bytes > COPY_MAX_BYTES) return null;
  try {
    const copy = join(mkdtempSync(join(tmpdir(), 'labwatch-copy-')), basename(path));
    for (const suffix of ['', '-wal']) if (sizeOf(path + suffix) > 0) copyFileSync(path + suffix, copy + suffix);
    return copy;
  } catch {
    return null;
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
