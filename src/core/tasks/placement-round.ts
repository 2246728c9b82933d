/** Gives queued tasks to workers, in the order of the queue, as many as fit now. */
import type { WorkerId } from '../fleet/worker.ts';
import type { Candidate, Place } from '../scheduling/place.ts';
import { avoidedWorkers, type BookRecords, type TaskEntry } from './book-records.ts';
import { attemptIdOf } from './task.ts';

/** A worker as the caller knows it; what is promised there, the book knows. */
export type Offer = Omit<Candidate, 'promised'>;

export function placeQueued(book: BookRecords, place: Place, offers: readonly Offer[], nowMs: number): void {
  for (const { workerId, name, isReachable } of offers) book.workers.set(workerId, { name, isReachable });
  if (book.queue.isEmpty) return;
  const candidates = [...offers].sort(byName).map((offer) => withPromises(book, offer));
  const places = new Map(candidates.map(({ workerId }, index) => [workerId, index]));

  book.queue.round((entry) => {
    const limit = limitReason(book, entry);
    if (limit !== null) return limit;
    const decision = place(entry.task.spec, candidates, avoidedWorkers(entry));
    if (decision.kind !== 'placed') return decision.reason;
    const { workerId, promised, reason } = decision;
    const index = places.get(workerId);
    const candidate = index === undefined ? undefined : candidates[index];
    if (index === undefined || candidate === undefined) throw new Error(`Placed on ${workerId}, which was not offered`);
    candidates[index] = { ...candidate, promised: [...candidate.promised, promised] };
    startAttempt(book, entry, { workerId, promised, placement: reason }, nowMs);
    return null;
  });
}

function startAttempt(
  book: BookRecords,
  entry: TaskEntry,
  placed: { readonly workerId: WorkerId; readonly promised: Candidate['promised'][number]; readonly placement: string },
  nowMs: number,
): void {
  const { taskId } = entry.task;
  const number = (entry.attempts.at(-1)?.number ?? 0) + 1;
  const attemptId = attemptIdOf(taskId, number);
  book.setAttempt(entry, {
    attemptId,
    taskId,
    number,
    ...placed,
    state: 'placed',
    placedAtMs: nowMs,
    startedAtMs: null,
    endedAtMs: null,
    isCancelRequested: false,
    end: null,
    usage: null,
  });
  book.setTask(entry, { state: 'placed' });
  book.effect({ kind: 'start', workerId: placed.workerId, attemptId });
}

/** A stable order, so that equal workers fill up one after the other. */
function byName(one: Offer, other: Offer): number {
  if (one.name !== other.name) return one.name < other.name ? -1 : 1;
  return one.workerId < other.workerId ? -1 : 1;
}

function withPromises(book: BookRecords, offer: Offer): Candidate {
  return { ...offer, promised: book.occupancy.promisedOn(offer.workerId) };
}

function limitReason(book: BookRecords, { task, run }: TaskEntry): string | null {
  const { maxParallel } = run.run;
  const underWay = run.counts.placed + run.counts.running;
  if (maxParallel !== null && underWay >= maxParallel) {
    return `The run has ${underWay} under way, and may have ${maxParallel} at once.`;
  }
  return task.spec.group === null ? null : book.groups.objectionTo(task.spec.group);
}
