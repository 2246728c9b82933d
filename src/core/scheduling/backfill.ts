/**
 * EASY backfill (Lifka, JSSPP 1995; Mu'alem and Feitelson, IEEE TPDS 12(6), 2001): a task that cannot begin is kept the
 * place where it can begin first, and those behind it pass only where they do not delay it.
 */
import type { WorkerId } from '../fleet/worker.ts';
import type { Promised } from '../tasks/task.ts';
import { type Asked, fits } from './filters.ts';
import { chooseGpus, freeRoomOf } from './free-room.ts';
import type { Candidate } from './place.ts';

/** What is promised to an attempt, until when; Infinity: nobody knows. */
export interface Ending {
  readonly promised: Promised;
  readonly endsAtMs: number;
}

/** A place kept for a task from `startMs` on. */
export interface Reservation {
  readonly workerId: WorkerId;
  readonly startMs: number;
  /** What is promised there at that moment, the task itself included. */
  readonly promised: readonly Promised[];
}

/**
 * When the task could begin there at first, were nothing else to come. Null where not even the end of everything there would
 * do, and where nothing there needs to end: something else keeps it away.
 */
export function reservationOn(asked: Asked, candidate: Candidate, endings: readonly Ending[]): Reservation | null {
  const byEnd = [...endings].sort((one, other) => one.endsAtMs - other.endsAtMs);
  const after = (ended: number): Candidate => {
    return withPromises(
      candidate,
      byEnd.slice(ended).map(({ promised }) => promised),
    );
  };
  if (!fits(asked, after(byEnd.length))) return null;
  // Room only grows as attempts end.
  let [from, to] = [0, byEnd.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (fits(asked, after(middle))) to = middle;
    else from = middle + 1;
  }
  const startMs = byEnd[from - 1]?.endsAtMs ?? Number.POSITIVE_INFINITY;
  if (startMs === Number.POSITIVE_INFINITY) return null;
  const there = after(from);
  return { workerId: candidate.workerId, startMs, promised: [...there.promised, promiseThere(asked, there)] };
}

/** The reservation with another task beside it from now until `endsAtMs`; null where that would delay the reserved one. */
export function withPassing(
  reservation: Reservation,
  asked: Asked,
  candidate: Candidate,
  passing: Ending,
): Reservation | null {
  if (passing.endsAtMs <= reservation.startMs) return reservation;
  if (!fits(asked, withPromises(candidate, reservation.promised))) return null;
  return { ...reservation, promised: [...reservation.promised, passing.promised] };
}

/** At a later moment: what attempts are measured to use now says little of it. */
function withPromises(candidate: Candidate, promised: readonly Promised[]): Candidate {
  const { measured } = candidate;
  return { ...candidate, promised, measured: measured && { ...measured, attempts: [] } };
}

function promiseThere({ spec: { needs } }: Asked, candidate: Candidate): Promised {
  const gpus = chooseGpus(freeRoomOf(candidate).gpus, needs) ?? [];
  const gpuMemoryBytes = gpus.length === 0 ? 0 : (needs.gpuMemoryBytes ?? 0);
  return { cores: needs.cores, memoryBytes: needs.memoryBytes ?? 0, gpus, gpuMemoryBytes };
}
