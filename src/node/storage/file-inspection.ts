/**
 * What a database file is, told before SQLite opens it, in microseconds for any size.
 *
 * The header is 100 bytes at the front (sqlite.org/fileformat2.html, 1.3). Reading the whole file for damage takes
 * seconds for gigabytes, so that is left to a thread beside the store (`full-check.ts`), and a damaged page that is met
 * in the meantime is handled when it is met.
 */
import { closeSync, existsSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import { makePrivate } from './file-modes.ts';
import type { Schema } from './migrations/migration.ts';
import { latestVersion } from './migrations/migration.ts';

export type FileVerdict =
  | { readonly kind: 'absent' }
  | { readonly kind: 'ours'; readonly wasClosed: boolean }
  | { readonly kind: 'newer' }
  | { readonly kind: 'unusable'; readonly reason: string };

const HEADER_BYTES = 100;
const MAGIC = 'SQLite format 3\0';

/** Judges a file by its header, its length and whether a log lies beside it. Throws what the file system throws. */
export function inspectFile(path: string, schema: Schema): FileVerdict {
  if (!existsSync(path)) return { kind: 'absent' };
  const hasLog = existsSync(`${path}-wal`) && statSync(`${path}-wal`).size > 0;
  const { size } = statSync(path);
  // SQLite begins a file empty; with a log beside it, everything may still be in the log.
  if (size === 0) return { kind: hasLog ? 'ours' : 'absent', wasClosed: false };
  const header = readHeader(path);
  if (header.length < HEADER_BYTES) return { kind: 'unusable', reason: 'it is shorter than the header of a database' };
  if (header.toString('latin1', 0, MAGIC.length) !== MAGIC) {
    return { kind: 'unusable', reason: 'it does not begin like an SQLite database' };
  }
  return judgeHeader(header, size, hasLog, schema);
}

function judgeHeader(header: Buffer, size: number, hasLog: boolean, schema: Schema): FileVerdict {
  const applicationId = header.readUInt32BE(68);
  const version = header.readUInt32BE(60);
  const storedPageSize = header.readUInt16BE(16);
  const pageSize = storedPageSize === 1 ? 65_536 : storedPageSize;
  const pages = header.readUInt32BE(28);
  const isPageCountValid = header.readUInt32BE(24) === header.readUInt32BE(92);
  if (applicationId !== schema.applicationId && !(applicationId === 0 && version === 0)) {
    return { kind: 'unusable', reason: 'it is a database of another program' };
  }
  // With a log, the file may rightly be shorter than it says: the missing pages are in the log.
  if (!hasLog && isPageCountValid && size < pages * pageSize) {
    return { kind: 'unusable', reason: `it is cut short (${size} of ${pages * pageSize} bytes)` };
  }
  if (version > latestVersion(schema)) return { kind: 'newer' };
  return { kind: 'ours', wasClosed: !hasLog };
}

function readHeader(path: string): Buffer {
  const buffer = Buffer.alloc(HEADER_BYTES);
  const file = openSync(path, 'r');
  try {
    return buffer.subarray(0, readSync(file, buffer, 0, HEADER_BYTES, 0));
  } finally {
    closeSync(file);
  }
}

/** Renames a database with its log out of the way. Returns the new path; nothing is ever deleted. */
export function setAside(path: string, nowMs: number): string {
  const stamp = new Date(nowMs).toISOString().replaceAll(':', '-').replace('.', '-');
  let target = `${path}.set-aside-${stamp}`;
  for (let attempt = 2; existsSync(target); attempt += 1) target = `${path}.set-aside-${stamp}-${attempt}`;
  makePrivate(path);
  renameSync(path, target);
  for (const suffix of ['-wal', '-shm']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, target + suffix);
  }
  return target;
}
