/** What people ask for: cancel, retry, unpark. */
import type { BookRecords, RunEntry, TaskEntry } from './book-records.ts';
import { endWord, hopelessOf, quoted, reviveDependents } from './dependencies.ts';
import { isUnderWay } from './group-limits.ts';
import { cancelWaiting, finish, requestEnd, STILL_OPEN } from './settling.ts';
import { isTaskOver } from './task.ts';

export type Wish = 'cancel' | 'retry' | 'unpark';

/** Why the wish cannot be met, as a sentence; null where it can. */
export function objectionTo(wish: Wish, entry: TaskEntry): string | null {
  const { state } = entry.task;
  switch (wish) {
    case 'cancel':
      return isTaskOver(state) ? `${quoted(entry)} is over already: it ${endWord(entry)}.` : null;
    case 'retry': {
      if (!isTaskOver(state)) return `${quoted(entry)} is not over; only a task that is can be tried again.`;
      const cause = hopelessOf(entry);
      if (cause === undefined) return null;
      return `${quoted(entry)} comes after ${quoted(cause)}, which ${endWord(cause)}. Retry that one first.`;
    }
    case 'unpark':
      return state === 'parked' ? null : `${quoted(entry)} is not parked.`;
  }
}

/** Does nothing where there is an objection: somebody else may have been quicker. */
export function grant(book: BookRecords, wish: Wish, entry: TaskEntry, nowMs: number): void {
  if (objectionTo(wish, entry) !== null) return;
  switch (wish) {
    case 'cancel':
      cancel(book, entry, nowMs);
      return;
    case 'retry':
      book.setTask(entry, { ...STILL_OPEN, state: entry.unmet === 0 ? 'queued' : 'blocked' });
      reviveDependents(book, entry);
      return;
    case 'unpark':
      book.setTask(entry, { ...STILL_OPEN, state: 'queued' });
  }
}

/** Everything of the run that is not over. */
export function cancelRun(book: BookRecords, run: RunEntry, nowMs: number): void {
  cancelWaiting(book, run, nowMs);
  for (const entry of run.tasks) if (!isTaskOver(entry.task.state)) cancel(book, entry, nowMs);
}

function cancel(book: BookRecords, entry: TaskEntry, nowMs: number): void {
  if (isUnderWay(entry.task.state)) requestEnd(book, entry, nowMs);
  else finish(book, entry, { state: 'cancelled', reason: null, message: null, endedAtMs: nowMs });
}
