/**
 * Opening SQLite files: the one place that names better-sqlite3's constructor.
 *
 * Handles are branded: what only reads takes a `ReadableDatabase`, and a file from a newer Labwatch never becomes a
 * `WritableDatabase`, so the compiler keeps writes away from it.
 */
import SqliteDatabase, { type Database } from 'better-sqlite3';

export type ReadableDatabase = Database & { readonly brand: 'readable' | 'writable' };
export type WritableDatabase = Database & { readonly brand: 'writable' };

/** How long a statement waits for another program (a person's sqlite3 shell) that holds the file. */
const BUSY_TIMEOUT_MS = 2_000;

export interface Durability {
  /** NORMAL leaves syncing to checkpoints and `LogSync`; FULL syncs each commit. */
  readonly synchronous: 'NORMAL' | 'FULL';
  /** Page cache, KiB: small, since rows are written once and read seldom. */
  readonly cacheKibibytes: number;
}

/** Opens or creates a file for reading and writing. Throws SqliteError. */
export function openWritable(path: string, durability: Durability): WritableDatabase {
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

/** Opens an existing file for reading alone. Throws SqliteError. */
export function openReadable(path: string): ReadableDatabase {
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
