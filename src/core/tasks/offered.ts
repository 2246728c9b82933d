/**
 * Workers as placement sees them, from what the caller knows of them and what the book knows was promised there. One of which
 * neither has changed stays the same object: what is known of it for each sort of task is kept by that.
 */
import type { WorkerId } from '../fleet/worker.ts';
import type { Candidate, Measured, Use } from '../scheduling/place.ts';
import type { Occupancy } from './occupancy.ts';
import type { AttemptId, Promised } from './task.ts';

/** What was read on a worker. The same object as long as it says the same. */
export interface Seen extends Pick<Measured, 'others' | 'powerWatts'> {
  readonly attempts: ReadonlyMap<AttemptId, Use>;
}

/** A worker as the caller knows it; without `seen` nothing was read there yet. */
export type Offer = Omit<Candidate, 'promised' | 'measured'> & { readonly seen?: Seen | null };

export interface Offered {
  /** In the order of the offers. */
  candidates(offers: readonly Offer[]): Candidate[];
}

interface Known {
  readonly offer: Offer;
  readonly promised: readonly Promised[];
  readonly candidate: Candidate;
}

export function createOffered(occupancy: Occupancy): Offered {
  let known = new Map<WorkerId, Known>();

  function current(offer: Offer): Known {
    const before = known.get(offer.workerId);
    const promised = occupancy.promisedOn(offer.workerId);
    if (before !== undefined && before.promised === promised && isSame(before.offer, offer)) return before;
    const { seen = null, ...worker } = offer;
    const attempts = occupancy.on(offer.workerId).map(({ attemptId }) => seen?.attempts.get(attemptId) ?? null);
    const measured = seen === null ? null : { attempts, others: seen.others, powerWatts: seen.powerWatts };
    return { offer, promised, candidate: { ...worker, promised, measured } };
  }

  return {
    candidates(offers) {
      known = new Map(offers.map((offer) => [offer.workerId, current(offer)]));
      return [...known.values()].map(({ candidate }) => candidate);
    },
  };
}

function isSame(one: Offer, other: Offer): boolean {
  for (const key in other) if (one[key as keyof Offer] !== other[key as keyof Offer]) return false;
  return true;
}
