/** What workers say of their attempts, and what it means when they say nothing any more. */
import type { WorkerId } from '../fleet/worker.ts';
import type { AttemptReport } from './attempt.ts';
import { isNews, refused, returned, withLateEnd, withoutFiles, withReport } from './attempt-life.ts';
import type { BookRecords, TaskEntry } from './book-records.ts';
import type { Collections } from './collections.ts';
import { giveUp, nameOf, STILL_OPEN, settle } from './settling.ts';
import { type Attempt, type AttemptId, isAttemptOver } from './task.ts';
import type { LeftFile } from './wanted-files.ts';

/**
 * A report of an attempt that is not in the book means that nobody wants it (the data folder was restored from a backup):
 * it is ended and forgotten.
 */
export function takeReport(
  book: BookRecords,
  collections: Collections,
  workerId: WorkerId,
  report: AttemptReport,
  nowMs: number,
): void {
  const { attemptId } = report;
  const entry = book.entryOf(attemptId);
  if (entry === undefined) {
    book.effect({ kind: report.state === 'ended' ? 'collect' : 'cancel', workerId, attemptId });
    return;
  }
  const attempt = attemptIn(entry, attemptId);
  const isEmpty = report.state === 'ended' && report.end === null;
  if (attempt.workerId !== workerId || isEmpty) return;
  if (isAttemptOver(attempt.state) && !mayGoOn(entry, attempt)) takeLateReport(book, entry, attempt, report);
  else if (attempt.state === 'lost' || isNews(attempt, report)) takeNews(book, entry, attempt, report, nowMs);
  if (report.state === 'ended') collections.ask(book, attempt);
  else askForEndAgain(book, attemptIn(entry, attemptId));
}

/** A worker that was lost is back before the task went elsewhere: nothing needs to be repeated. */
function mayGoOn({ task, attempts }: TaskEntry, attempt: Attempt): boolean {
  const isNewest = attempts.at(-1)?.attemptId === attempt.attemptId;
  const isAwaited = task.state === 'queued' || task.state === 'parked';
  return attempt.state === 'lost' && attempt.end === null && isNewest && isAwaited;
}

function takeNews(book: BookRecords, entry: TaskEntry, attempt: Attempt, report: AttemptReport, nowMs: number): void {
  const next = withReport(attempt, report, nowMs);
  book.setAttempt(entry, next);
  if (isAttemptOver(next.state)) {
    settle(book, entry, next, null);
    return;
  }
  const state = next.state === 'running' ? 'running' : 'placed';
  const startedAtMs = entry.task.startedAtMs ?? next.startedAtMs;
  if (entry.task.state !== state || entry.task.startedAtMs !== startedAtMs) {
    book.setTask(entry, { ...STILL_OPEN, state, startedAtMs });
  }
}

/** The attempt was given up before: it changes nothing of its task any more. */
function takeLateReport(book: BookRecords, entry: TaskEntry, attempt: Attempt, report: AttemptReport): void {
  if (attempt.end !== null) {
    // It would not have it, and has it all the same.
    const isThere = attempt.end.how === 'not-started' && report.state !== 'ended';
    const { workerId, attemptId } = attempt;
    book.occupancy.set(attempt, isThere);
    if (isThere) book.effect({ kind: 'cancel', workerId, attemptId });
    return;
  }
  if (report.state === 'ended') {
    book.setAttempt(entry, withLateEnd(attempt, report));
    return;
  }
  const late = attempt.isCancelRequested ? attempt : { ...attempt, isCancelRequested: true };
  if (late !== attempt) book.setAttempt(entry, late);
  book.occupancy.set(late, true);
}

/** Where a report came although its end was asked for, the worker may not have heard. */
function askForEndAgain(book: BookRecords, { workerId, attemptId, isCancelRequested, end }: Attempt): void {
  if (isCancelRequested && end === null) book.effect({ kind: 'cancel', workerId, attemptId });
}

/** These are all the attempts that a worker holds; their own reports follow. */
export function takeHeld(
  book: BookRecords,
  collections: Collections,
  workerId: WorkerId,
  held: ReadonlySet<AttemptId>,
  nowMs: number,
): void {
  collections.drop(workerId);
  for (const attempt of book.occupancy.on(workerId)) {
    if (held.has(attempt.attemptId)) continue;
    const entry = entryOf(book, attempt);
    if (isAttemptOver(attempt.state)) book.occupancy.set(attempt, false);
    else if (attempt.state !== 'placed') {
      lose(book, attempt, `${nameOf(book, workerId)} came back without it.`, nowMs);
    } else if (attempt.isCancelRequested) giveUp(book, entry, attempt, nowMs);
    else book.effect({ kind: 'start', workerId, attemptId: attempt.attemptId });
  }
}

/** `isReturned`: the worker's own trouble, not the task's. */
export function takeRefusal(
  book: BookRecords,
  {
    attemptId,
    message,
    isReturned,
  }: { readonly attemptId: AttemptId; readonly message: string; readonly isReturned: boolean },
  nowMs: number,
): void {
  const entry = book.entryOf(attemptId);
  if (entry === undefined) return;
  const attempt = attemptIn(entry, attemptId);
  if (isAttemptOver(attempt.state)) return;
  const next = (isReturned ? returned : refused)(attempt, message, nowMs);
  book.setAttempt(entry, next);
  settle(book, entry, next, null);
}

export function takeFilesLeft(book: BookRecords, attemptId: AttemptId, left: readonly LeftFile[]): void {
  const entry = book.entryOf(attemptId);
  const next = entry === undefined ? null : withoutFiles(attemptIn(entry, attemptId), left);
  if (entry !== undefined && next !== null) book.setAttempt(entry, next);
}

/** Nothing will be heard from the worker for a long time, or ever. */
export function loseWorker(
  book: BookRecords,
  collections: Collections,
  workerId: WorkerId,
  why: 'has not come back' | 'was removed',
  nowMs: number,
): void {
  collections.drop(workerId);
  const because = `${nameOf(book, workerId)} ${why}.`;
  for (const attempt of book.occupancy.on(workerId)) {
    if (isAttemptOver(attempt.state)) book.occupancy.set(attempt, false);
    else lose(book, attempt, because, nowMs);
  }
}

function lose(book: BookRecords, attempt: Attempt, because: string, nowMs: number): void {
  const entry = entryOf(book, attempt);
  const lost: Attempt = { ...attempt, state: 'lost', endedAtMs: nowMs };
  book.setAttempt(entry, lost);
  settle(book, entry, lost, because);
}

function entryOf(book: BookRecords, attempt: Attempt): TaskEntry {
  const entry = book.entryOf(attempt.attemptId);
  if (entry === undefined) throw new Error(`An attempt is not in the book: ${JSON.stringify(attempt)}`);
  return entry;
}

function attemptIn({ task, attempts }: TaskEntry, attemptId: AttemptId): Attempt {
  const attempt = attempts.find((one) => one.attemptId === attemptId);
  if (attempt === undefined) throw new Error(`${attemptId} is no attempt of ${JSON.stringify(task)}`);
  return attempt;
}
