/** The places kept for tasks that cannot begin now, within one round of placement. */
import type { WorkerId } from '../fleet/worker.ts';
import { type Ending, type Reservation, reservationOn, withPassing } from '../scheduling/backfill.ts';
import { askedBy } from '../scheduling/filters.ts';
import type { Candidate, Decision } from '../scheduling/place.ts';
import { avoidedWorkers, type BookRecords, type TaskEntry } from './book-records.ts';
import type { TaskSpec } from './task.ts';
import { listed } from './words.ts';

/** So many tasks are kept a place for, each on a worker of its own; behind them, age brings a task forward. */
const MOST_KEPT = 4;
/** Among so many workers that could take the task the one where it can begin first is looked for. */
const MOST_LOOKED_AT = 64;

/** The workers as they are now. */
export interface Around {
  readonly candidates: readonly Candidate[];
  readonly nowMs: number;
}

export interface KeptPlaces {
  /** The task has to wait: from now on nothing delays it on the worker where it can begin first. */
  keepFor(entry: TaskEntry, spec: TaskSpec, around: Around): void;
  /** Whether the task may begin there now. Where it may, what is kept takes it into account. */
  letsPass(spec: TaskSpec, decision: Extract<Decision, { readonly kind: 'placed' }>, around: Around): boolean;
  /** Why nothing begins on these workers that would fit there. */
  reasonAt(workerIds: ReadonlySet<WorkerId>): string;
}

export function createKeptPlaces(book: BookRecords): KeptPlaces {
  const kept = new Map<WorkerId, { readonly entry: TaskEntry; reservation: Reservation }>();

  function endingsOn(workerId: WorkerId, nowMs: number): readonly Ending[] {
    return book.occupancy.on(workerId).map((attempt) => {
      const spec = book.entryOf(attempt.attemptId)?.task.spec;
      const endsAtMs =
        spec === undefined ? Number.POSITIVE_INFINITY : book.expectations.sureEndMs(attempt, spec, nowMs);
      return { promised: attempt.promised, endsAtMs };
    });
  }

  /** Null where no worker that takes tasks could have it. */
  function earliest(entry: TaskEntry, spec: TaskSpec, { candidates, nowMs }: Around): Reservation | null {
    const asked = askedBy(spec);
    const avoided = avoidedWorkers(entry);
    let [best, lookedAt]: [Reservation | null, number] = [null, 0];
    for (const candidate of candidates) {
      if (lookedAt === MOST_LOOKED_AT) break;
      if (avoided.has(candidate.workerId) || kept.has(candidate.workerId)) continue;
      const reservation = reservationOn(asked, candidate, endingsOn(candidate.workerId, nowMs));
      if (reservation === null) continue;
      lookedAt += 1;
      if (best === null || reservation.startMs < best.startMs) best = reservation;
    }
    return best;
  }

  return {
    keepFor(entry, spec, around) {
      const { line } = entry;
      if (line === null) return;
      // Whether room is all that it lacks is not looked at any more.
      line.isBusy = kept.size >= MOST_KEPT;
      if (line.isBusy) return;
      const reservation = earliest(entry, spec, around);
      if (reservation === null) return;
      const { workerId, startMs } = reservation;
      kept.set(workerId, { entry, reservation });
      line.isBusy = true;
      line.kept = { startMs, workerName: book.workers.get(workerId)?.name ?? '' };
    },
    letsPass(spec, { workerId, promised }, { candidates, nowMs }) {
      const place = kept.get(workerId);
      if (place === undefined) return true;
      const candidate = candidates.find((one) => one.workerId === workerId);
      if (candidate === undefined) return true;
      const passing = { promised, endsAtMs: nowMs + book.expectations.sureMs(spec, workerId) };
      const next = withPassing(place.reservation, askedBy(spec), candidate, passing);
      if (next === null) return false;
      place.reservation = next;
      return true;
    },
    reasonAt(workerIds) {
      const words = [...workerIds].map((workerId) => {
        const name = book.workers.get(workerId)?.name ?? 'a worker';
        return `“${kept.get(workerId)?.entry.task.spec.name ?? ''}”, for which ${name} is kept`;
      });
      return `It would fit, and would delay ${listed(words)}.`;
    },
  };
}
