/** What both sides ask of the names in task messages: of attempts, of files, of their bytes. */
import type { AttemptId, TaskId } from '../../core/tasks/task.ts';
import { LIMITS } from './contract.ts';

const ATTEMPT_ID = /^[0-9a-z]{10}\.[1-9][0-9]{0,5}$/;
const TASK_ID = /^[0-9a-z]{10}$/;
const SHA256 = /^[0-9a-f]{64}$/;

/** Of a path, in UTF-16 units: PATH_MAX of Linux. */
export const LONGEST_PATH = 4_096;
/** Programs that an owner names: with their paths they have to fit into a proof. */
export const MOST_PROGRAMS = 64;
/** `LIMITS.pieceBytes` as base64. */
const LONGEST_PIECE = 4 * Math.ceil(LIMITS.pieceBytes / 3);

/** Part of a path on both sides, so nothing that means anything to a file system. */
export function isAttemptId(value: unknown): value is AttemptId {
  return typeof value === 'string' && ATTEMPT_ID.test(value);
}

export function isTaskId(value: unknown): value is TaskId {
  return typeof value === 'string' && TASK_ID.test(value);
}

export function isSha256(value: unknown): value is string {
  return typeof value === 'string' && SHA256.test(value);
}

/**
 * Leads to something below a folder and never out of it, on every system: `/` between names, none of them empty, `.` or
 * `..`, and no backslash.
 */
export function isPathBelow(value: unknown): value is string {
  if (typeof value !== 'string' || value.length > LONGEST_PATH || /[\0\\]/.test(value)) return false;
  return value.split('/').every((name) => name !== '' && name !== '.' && name !== '..');
}

export function isAbsolutePath(value: unknown): value is string {
  if (typeof value !== 'string' || value.length > LONGEST_PATH || value.includes('\0')) return false;
  return /^(?:\/|[A-Za-z]:[\\/])/.test(value);
}

/** Whoever uses the bytes decodes them. */
export function isPiece(value: unknown): value is string {
  return typeof value === 'string' && value.length <= LONGEST_PIECE;
}
