/** Which attempts take room on which worker: those that are not over, and late ones that it still runs. */
import type { WorkerId } from '../fleet/worker.ts';
import type { Attempt, AttemptId, Promised } from './task.ts';

export interface Occupancy {
  set(attempt: Attempt, isThere: boolean): void;
  on(workerId: WorkerId): readonly Attempt[];
  /** What these were promised; the same list as long as it says the same, so that what follows from it can be kept. */
  promisedOn(workerId: WorkerId): readonly Promised[];
}

export function createOccupancy(): Occupancy {
  const byWorker = new Map<WorkerId, Map<AttemptId, Attempt>>();
  const promises = new Map<WorkerId, readonly Promised[]>();

  return {
    set(attempt, isThere) {
      const { workerId, attemptId } = attempt;
      const there = byWorker.get(workerId) ?? new Map<AttemptId, Attempt>();
      if (isThere !== there.has(attemptId)) promises.delete(workerId);
      if (isThere) there.set(attemptId, attempt);
      else there.delete(attemptId);
      if (there.size > 0) byWorker.set(workerId, there);
      else byWorker.delete(workerId);
    },
    on: (workerId) => [...(byWorker.get(workerId)?.values() ?? [])],
    promisedOn(workerId) {
      const known = promises.get(workerId) ?? [...(byWorker.get(workerId)?.values() ?? [])].map((one) => one.promised);
      promises.set(workerId, known);
      return known;
    },
  };
}
