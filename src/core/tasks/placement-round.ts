/** Gives queued tasks to workers, in the order of the queue, as many as fit now without delaying those before them. */
import type { WorkerId } from '../fleet/worker.ts';
import { askedBy } from '../scheduling/filters.ts';
import type { Candidate, Decision, Place } from '../scheduling/place.ts';
import { workerClassOf } from '../scheduling/predict-keys.ts';
import { avoidedWorkers, type BookRecords, type TaskEntry } from './book-records.ts';
import { createKeptPlaces } from './kept-places.ts';
import { promisingMemory } from './memory-promise.ts';
import type { QueueLine } from './queue.ts';
import { attemptIdOf, type TaskSpec } from './task.ts';

/** The figures in the reason why a task waits may be so old, where nothing that it waits for has changed. */
const REASON_FRESH_MS = 1_000;

/** A worker as the caller knows it; what is promised there, the book knows. */
export type Offer = Omit<Candidate, 'promised'>;

export function placeQueued(book: BookRecords, place: Place, offers: readonly Offer[], nowMs: number): void {
  for (const offer of offers) {
    const { workerId, name, isReachable, runsTasks, admission, capacity } = offer;
    const takesTasks = isReachable && runsTasks && admission === 'open';
    book.workers.set(workerId, {
      ...{ name, isReachable, takesTasks },
      cores: capacity.cores ?? 0,
      gpus: capacity.gpus.length,
    });
    book.expectations.setClass(workerId, workerClassOf(offer));
  }
  if (book.queue.isEmpty) return;
  const candidates = [...offers].sort(byName).map((offer) => withPromises(book, offer));
  const places = new Map(candidates.map(({ workerId }, index) => [workerId, index]));
  const kept = createKeptPlaces(book, candidates, nowMs);

  const changes = book.workerChanges;
  changes.see(candidates);

  /** No worker that changed since then has room for it, and what was said of it is fresh. */
  function isStillRefused({ round, spec, staleAtMs }: NonNullable<QueueLine['refusal']>, now: TaskSpec): boolean {
    return spec === now && nowMs < staleAtMs && !changes.mayFit(askedBy(now), candidates, round);
  }

  /** Where it goes without delaying a task that a place is kept for. */
  function decide(entry: TaskEntry, spec: TaskSpec): Decision & { readonly isHeldBack?: true } {
    const avoided = avoidedWorkers(entry);
    const first = place(spec, candidates, avoided);
    if (first.kind !== 'placed') return first;
    const inTheWay = new Set<WorkerId>();
    for (let decision: Decision = first; ; ) {
      if (decision.kind !== 'placed') return { kind: 'waits', reason: kept.reasonAt(inTheWay), isHeldBack: true };
      if (kept.letsPass(spec, decision)) return decision;
      inTheWay.add(decision.workerId);
      decision = place(
        spec,
        candidates.filter(({ workerId }) => !inTheWay.has(workerId)),
        avoided,
      );
    }
  }

  book.queue.round(
    ({ task }) => book.expectations.leadMs(task.spec),
    (entry) => {
      const limit = limitReason(book, entry);
      if (limit !== null) return limit;
      const spec = promisingMemory(book.expectations, entry.task.spec, candidates);
      const refusal = entry.line?.refusal ?? null;
      if (refusal !== null && isStillRefused(refusal, spec)) {
        kept.keepFor(entry, spec);
        return entry.line?.reason ?? '';
      }
      const decision = decide(entry, spec);
      if (entry.line !== null) {
        const isWaiting = decision.kind === 'waits';
        // What is kept for others may be given up with no worker changed: who waits for that is looked at each time.
        entry.line.refusal =
          isWaiting && decision.isHeldBack !== true
            ? { round: changes.round(), spec, staleAtMs: nowMs + REASON_FRESH_MS }
            : null;
        if (isWaiting) kept.keepFor(entry, spec);
      }
      if (decision.kind !== 'placed') return decision.reason;
      const { workerId, promised, reason } = decision;
      const index = places.get(workerId);
      const candidate = index === undefined ? undefined : candidates[index];
      if (index === undefined || candidate === undefined)
        throw new Error(`Placed on ${workerId}, which was not offered`);
      candidates[index] = { ...candidate, promised: [...candidate.promised, promised] };
      startAttempt(book, entry, { workerId, promised, placement: reason }, nowMs);
      return null;
    },
  );
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
