/**
 * Which workers changed since a line of the queue was last tried: where none of them has room for it, nothing has, and the
 * other thousand need not be asked again.
 */
import { type Asked, fits } from '../scheduling/filters.ts';
import type { Candidate } from '../scheduling/place.ts';

export interface WorkerChanges {
  /** Compares the workers with what they were in the round before, each field by identity. */
  see(candidates: readonly Candidate[]): void;
  /** The round that goes on. */
  round(): number;
  /** Whether a worker that changed after that round fits. A smaller room makes no worker fit, so this round's own changes do not count. */
  mayFit(asked: Asked, candidates: readonly Candidate[], sinceRound: number): boolean;
}

export function createWorkerChanges(): WorkerChanges {
  let known = new Map<string, { readonly candidate: Candidate; readonly changedIn: number }>();
  let round = 0;

  return {
    see(candidates) {
      round += 1;
      const next: typeof known = new Map();
      for (const candidate of candidates) {
        const before = known.get(candidate.workerId);
        const isSame = before !== undefined && isAlike(before.candidate, candidate);
        next.set(candidate.workerId, { candidate, changedIn: isSame ? before.changedIn : round });
      }
      known = next;
    },
    round: () => round,
    mayFit: (asked, candidates, sinceRound) =>
      candidates.some((candidate) => {
        const changedIn = known.get(candidate.workerId)?.changedIn ?? round;
        return changedIn > sinceRound && fits(asked, candidate);
      }),
  };
}

function isAlike(one: Candidate, other: Candidate): boolean {
  return (Object.keys(other) as (keyof Candidate)[]).every((field) => one[field] === other[field]);
}
