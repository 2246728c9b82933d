/** What the end of a task, or its new beginning, means for the tasks that come after it. */
import type { BookRecords, TaskEntry } from './book-records.ts';
import { isTaskOver } from './task.ts';

/** Tasks that waited for this one last. */
export function releaseDependents(book: BookRecords, entry: TaskEntry): void {
  for (const dependent of entry.dependents) {
    if (dependent.task.state === 'blocked' && dependent.unmet === 0) book.setTask(dependent, { state: 'queued' });
  }
}

/** The task ended without success: what waits for it, and for that, will never run. */
export function failDependents(book: BookRecords, entry: TaskEntry, nowMs: number): void {
  const ended = [entry];
  for (let cause = ended.pop(); cause !== undefined; cause = ended.pop()) {
    const message = `${quoted(cause)} ${endWord(cause)}, and this task comes after it.`;
    for (const dependent of cause.dependents) {
      if (dependent.task.state !== 'blocked') continue;
      book.setTask(dependent, { state: 'failed', reason: 'dependency', message, endedAtMs: nowMs });
      ended.push(dependent);
    }
  }
}

/** The task runs again: what failed for its sake alone waits again. */
export function reviveDependents(book: BookRecords, entry: TaskEntry): void {
  const revived = [entry];
  for (let cause = revived.pop(); cause !== undefined; cause = revived.pop()) {
    for (const dependent of cause.dependents) {
      if (dependent.task.reason !== 'dependency' || hopelessOf(dependent) !== undefined) continue;
      book.setTask(dependent, { state: 'blocked', reason: null, message: null, endedAtMs: null });
      revived.push(dependent);
    }
  }
}

/** A task that it comes after and that is over without success. */
export function hopelessOf(entry: TaskEntry): TaskEntry | undefined {
  return entry.after.find(({ task }) => isTaskOver(task.state) && task.state !== 'succeeded');
}

/** `Waits for “build” and 2 more.` */
export function blockedSentence(entry: TaskEntry): string {
  const [first, ...others] = new Set(entry.after.filter(({ task }) => task.state !== 'succeeded'));
  if (first === undefined) return 'Waits for its turn.';
  return others.length === 0 ? `Waits for ${quoted(first)}.` : `Waits for ${quoted(first)} and ${others.length} more.`;
}

export function quoted({ task }: TaskEntry): string {
  return `“${task.spec.name}”`;
}

/** `failed`, `was cancelled`. */
export function endWord({ task }: TaskEntry): string {
  return task.state === 'cancelled' ? 'was cancelled' : task.state;
}
