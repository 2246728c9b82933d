/** Gives queued tasks to workers, in the order of the queue, as many as fit now. */
import type { Decision, Place } from '../scheduling/place.ts';
import { avoidedWorkers, type BookRecords, type TaskEntry } from './book-records.ts';
import type { Offer } from './offered.ts';
import { attemptIdOf } from './task.ts';

/** `mayGoOn` is asked before each task. False where it stopped the round: the next call goes on with it. */
export function placeQueued(
  book: BookRecords,
  place: Place,
  offers: readonly Offer[],
  nowMs: number,
  mayGoOn: () => boolean,
): boolean {
  for (const { workerId, name, isReachable } of offers) book.workers.set(workerId, { name, isReachable });
  if (book.queue.isEmpty) return true;
  const candidates = book.offered.candidates(offers);
  const places = new Map(candidates.map(({ workerId }, index) => [workerId, index]));

  return book.queue.round((entry) => {
    const limit = limitReason(book, entry);
    if (limit !== null) return limit;
    const decision = place(entry.task, candidates, avoidedWorkers(entry));
    if (decision.kind !== 'placed') return decision.reason;
    const index = places.get(decision.workerId);
    const candidate = index === undefined ? undefined : candidates[index];
    if (index === undefined || candidate === undefined)
      throw new Error(`Placed on ${decision.workerId}, which was not offered`);
    candidates[index] = { ...candidate, promised: [...candidate.promised, decision.promised] };
    startAttempt(book, entry, decision, nowMs);
    return null;
  }, mayGoOn);
}

function startAttempt(
  book: BookRecords,
  entry: TaskEntry,
  { workerId, promised, reason, explanation }: Extract<Decision, { readonly kind: 'placed' }>,
  nowMs: number,
): void {
  const { taskId } = entry.task;
  const number = (entry.attempts.at(-1)?.number ?? 0) + 1;
  const attemptId = attemptIdOf(taskId, number);
  book.setAttempt(entry, {
    attemptId,
    taskId,
    number,
    workerId,
    promised,
    placement: reason,
    explanation,
    state: 'placed',
    placedAtMs: nowMs,
    startedAtMs: null,
    endedAtMs: null,
    isCancelRequested: false,
    end: null,
    usage: null,
  });
  book.setTask(entry, { state: 'placed' });
  book.effect({ kind: 'start', workerId, attemptId });
}

function limitReason(book: BookRecords, { task, run }: TaskEntry): string | null {
  const { maxParallel } = run.run;
  const underWay = run.counts.placed + run.counts.running;
  if (maxParallel !== null && underWay >= maxParallel) {
    return `The run has ${underWay} under way, and may have ${maxParallel} at once.`;
  }
  return task.spec.group === null ? null : book.groups.objectionTo(task.spec.group);
}
