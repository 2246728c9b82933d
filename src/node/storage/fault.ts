/** SQLite's errors, sorted by what the store does about them. */
import { type Failure, fail, type Result } from '../../core/result.ts';

/**
 * `no-room`: full disk, quota. `refused`: the disk or its rights say no, or another program holds the file; both may end
 * by themselves, so the store goes on in memory and tries again. `damaged`: the file is not, or no longer, a database of ours.
 */
export type FaultKind = 'no-room' | 'refused' | 'damaged' | 'read-only' | 'bug';

export function faultKind(error: unknown): FaultKind {
  if (error instanceof ReadOnlyError) return 'read-only';
  const code = errorCode(error);
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') return 'no-room';
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') return 'damaged';
  if (/^SQLITE_(IOERR|READONLY|CANTOPEN|BUSY|LOCKED|PERM|AUTH|PROTOCOL|NOLFS|NOMEM)/.test(code)) return 'refused';
  if (/^(EACCES|EPERM|EROFS|EIO|ENOENT|ENOTDIR|EMFILE|ENFILE|EBUSY|ESTALE)$/.test(code)) return 'refused';
  return 'bug';
}

/** Thrown by writers of a database that was opened for reading alone. */
export class ReadOnlyError extends Error {}

export function isFault(error: unknown): boolean {
  return faultKind(error) !== 'bug';
}

/** The failure a caller is told. A bug is told as one too: the thread must live on. */
export function failureOf(error: unknown): { readonly ok: false; readonly error: Failure } {
  const kind = faultKind(error);
  switch (kind) {
    case 'no-room':
      return fail('disk-full', 'The disk is full. Free some space, or lower the retention in Settings.');
    case 'read-only':
      return fail('read-only', 'The data folder was written by a newer Labwatch and is open for reading only.');
    case 'refused':
      return fail('storage', `The data folder cannot be used now (${describe(error)}). Check its disk and its rights.`);
    case 'damaged':
      return fail('storage', `A database in the data folder is damaged (${describe(error)}).`);
    case 'bug':
      return fail('internal', `The store failed: ${describe(error)}.`);
  }
}

/** Runs `work` and turns what it throws into a failure. */
export function attempt<Value>(work: () => Value): Result<Value> {
  try {
    return { ok: true, value: work() };
  } catch (error) {
    return failureOf(error);
  }
}

export function describe(error: unknown): string {
  const code = errorCode(error);
  const message = error instanceof Error ? error.message : String(error);
  return code === '' || message.includes(code) ? message : `${code}: ${message}`;
}

function errorCode(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
