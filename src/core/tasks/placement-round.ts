/** Gives queued tasks to workers, in the order of the queue, as many as fit now without delaying those before them. */
import type { WorkerId } from '../fleet/worker.ts';
import type { Decision, Place } from '../scheduling/place.ts';
import { workerClassOf } from '../scheduling/predict-keys.ts';
import { avoidedWorkers, type BookRecords, type TaskEntry } from './book-records.ts';
import { createKeptPlaces, type KeptPlaces } from './kept-places.ts';
import { promisingMemory } from './memory-promise.ts';
import type { Offer } from './offered.ts';
import { attemptIdOf, type TaskSpec } from './task.ts';

export interface PlacementRound {
  /** `mayGoOn` is asked before each task but the first. False where it stopped the round: the next call goes on with it. */
  goOn(place: Place, offers: readonly Offer[], nowMs: number, mayGoOn: () => boolean): boolean;
}

export function createPlacementRound(book: BookRecords): PlacementRound {
  /** Of a round that was stopped. */
  let kept: KeptPlaces | null = null;

  return {
    goOn(place, offers, nowMs, mayGoOn) {
      for (const offer of offers) know(book, offer);
      book.expectedDurations.freshen(nowMs);
      if (book.queue.isEmpty) return true;
      const candidates = book.offered.candidates(offers);
      const places = new Map(candidates.map(({ workerId }, index) => [workerId, index]));
      const keptNow = kept ?? createKeptPlaces(book);
      kept = keptNow;
      const around = { candidates, nowMs };

      const isOver = book.queue.round(
        ({ task }) => book.expectations.leadMs(task.spec),
        (entry) => {
          const limit = limitReason(book, entry);
          if (limit !== null) return limit;
          const spec = promisingMemory(book.expectations, entry.task.spec, candidates);
          const decision = decide(entry, spec);
          if (decision.kind === 'waits') keptNow.keepFor(entry, spec, around);
          if (decision.kind !== 'placed') return decision.reason;
          const index = places.get(decision.workerId);
          const candidate = index === undefined ? undefined : candidates[index];
          if (index === undefined || candidate === undefined)
            throw new Error(`Placed on ${decision.workerId}, which was not offered`);
          candidates[index] = { ...candidate, promised: [...candidate.promised, decision.promised] };
          startAttempt(book, entry, decision, nowMs);
          return null;
        },
        mayGoOn,
      );
      if (isOver) kept = null;
      return isOver;

      /** Where it goes without delaying a task that a place is kept for. */
      function decide(entry: TaskEntry, spec: TaskSpec): Decision {
        const task = { taskId: entry.task.taskId, spec };
        const avoided = avoidedWorkers(entry);
        const inTheWay = new Set<WorkerId>();
        for (;;) {
          const decision = place(task, candidates, avoided, inTheWay);
          if (decision.kind !== 'placed') {
            return inTheWay.size === 0 ? decision : { kind: 'waits', reason: keptNow.reasonAt(inTheWay) };
          }
          if (keptNow.letsPass(spec, decision, around)) return decision;
          inTheWay.add(decision.workerId);
        }
      }
    },
  };
}

function know(book: BookRecords, offer: Offer): void {
  const { workerId, name, isReachable, runsTasks, admission, capacity } = offer;
  const takesTasks = isReachable && runsTasks && admission === 'open';
  const [cores, gpus] = [capacity.cores ?? 0, capacity.gpus.length];
  book.workers.set(workerId, { name, isReachable, takesTasks, cores, gpus });
  book.expectations.setClass(workerId, workerClassOf(offer));
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
