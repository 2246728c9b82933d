/** What the end of an attempt means for its task, and the end of a task for its run. */
import type { WorkerId } from '../fleet/worker.ts';
import { isReturned, verdictOf } from './attempt-life.ts';
import type { BookRecords, RunEntry, TaskEntry } from './book-records.ts';
import { failDependents, releaseDependents } from './dependencies.ts';
import { type Attempt, isAttemptOver, type Task } from './task.ts';
import { listed } from './words.ts';

/** Lost on so many workers, a task is likely what takes them down. */
const MOST_WORKERS_LOST = 3;
/** And so often in all: a task that ends its own supervisor on the only worker there is would go round for ever. */
const MOST_LOST = 5;

/** The task of an attempt that was just over, its newest. `lostBecause`: a sentence for one that was lost. */
export function settle(book: BookRecords, entry: TaskEntry, attempt: Attempt, lostBecause: string | null): void {
  const verdict = verdictOf(attempt, nameOf(book, attempt.workerId), lostBecause);
  const endedAtMs = attempt.endedAtMs ?? attempt.placedAtMs;
  const startedAtMs = entry.task.startedAtMs ?? attempt.startedAtMs;
  const again = { ...STILL_OPEN, startedAtMs };
  switch (verdict.kind) {
    case 'succeeded':
    case 'cancelled':
      finish(book, entry, { state: verdict.kind, reason: null, message: null, startedAtMs, endedAtMs });
      return;
    case 'failed': {
      const { retriesLeft } = entry.task;
      if (retriesLeft > 0 && !attempt.isCancelRequested) {
        book.setTask(entry, { ...again, state: 'queued', retriesLeft: retriesLeft - 1 });
        return;
      }
      const { reason, message } = verdict;
      finish(book, entry, { state: 'failed', reason, message, startedAtMs, endedAtMs });
      return;
    }
    case 'returned':
      if (attempt.isCancelRequested) {
        finish(book, entry, { state: 'cancelled', reason: null, message: null, startedAtMs, endedAtMs });
      } else book.setTask(entry, { ...again, state: 'queued' });
      return;
    case 'lost':
      if (attempt.isCancelRequested) {
        finish(book, entry, { state: 'cancelled', reason: null, message: null, startedAtMs, endedAtMs });
      } else if (!entry.task.spec.isRerunIfLost) {
        const { message } = verdict;
        finish(book, entry, { state: 'failed', reason: 'lost', message, startedAtMs, endedAtMs });
      } else {
        const message = lossStory(book, entry);
        book.setTask(entry, { ...again, message, state: message === null ? 'queued' : 'parked' });
      }
  }
}

/** What a task has that is neither over nor parked. */
export const STILL_OPEN = { reason: null, message: null, endedAtMs: null } as const;

/** The task is over. Also for one that never had an attempt. */
export function finish(
  book: BookRecords,
  entry: TaskEntry,
  changes: Partial<Task> & { readonly state: 'succeeded' | 'failed' | 'cancelled'; readonly endedAtMs: number },
): void {
  book.setTask(entry, changes);
  if (changes.state === 'succeeded') {
    releaseDependents(book, entry);
    return;
  }
  failDependents(book, entry, changes.endedAtMs);
  if (changes.state === 'failed' && entry.run.run.onFailure === 'stop') {
    cancelWaiting(book, entry.run, changes.endedAtMs);
    for (const other of entry.run.tasks) {
      if (other.task.state === 'placed') requestEnd(book, other, changes.endedAtMs);
    }
  }
}

/** Everything of the run that has no attempt under way and waits for no person. */
export function cancelWaiting(book: BookRecords, run: RunEntry, nowMs: number): void {
  // None of them is failed for the sake of another: whatever waits for one of these is one of these.
  for (const entry of run.tasks) {
    const { state } = entry.task;
    if (state === 'blocked' || state === 'queued') book.setTask(entry, { state: 'cancelled', endedAtMs: nowMs });
  }
}

/**
 * Asks the worker to end the newest attempt, or gives up at once one that a worker out of reach does not seem to have.
 * Should it have it all the same, it is told when it is back.
 */
export function requestEnd(book: BookRecords, entry: TaskEntry, nowMs: number): void {
  const attempt = entry.attempts.at(-1);
  if (attempt === undefined || isAttemptOver(attempt.state)) {
    throw new Error(`A task under way has no open attempt: ${JSON.stringify({ ...entry.task, attempt })}`);
  }
  if (attempt.state === 'placed' && book.workers.get(attempt.workerId)?.isReachable !== true) {
    giveUp(book, entry, attempt, nowMs);
  } else if (!attempt.isCancelRequested) {
    book.setAttempt(entry, { ...attempt, isCancelRequested: true });
  }
  book.effect({ kind: 'cancel', workerId: attempt.workerId, attemptId: attempt.attemptId });
}

/** The attempt never began, and its end was asked for. */
export function giveUp(book: BookRecords, entry: TaskEntry, attempt: Attempt, nowMs: number): void {
  const cancelled: Attempt = { ...attempt, state: 'cancelled', isCancelRequested: true, endedAtMs: nowMs };
  book.setAttempt(entry, cancelled);
  settle(book, entry, cancelled, null);
}

export function nameOf(book: BookRecords, workerId: WorkerId): string {
  return book.workers.get(workerId)?.name ?? 'its worker';
}

/** Why the task is not tried again before a person has looked at it; null where it is. */
function lossStory(book: BookRecords, { attempts }: TaskEntry): string | null {
  const lost = attempts.filter((attempt) => attempt.state === 'lost' && !isReturned(attempt));
  const workers = new Set(lost.map(({ workerId }) => workerId));
  if (workers.size < MOST_WORKERS_LOST && lost.length < MOST_LOST) return null;
  const names = [...new Set([...workers].map((workerId) => nameOf(book, workerId)))];
  return `${lost.length} attempts were lost, on ${listed(names)}. See why before you unpark it.`;
}
