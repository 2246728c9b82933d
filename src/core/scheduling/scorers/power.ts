/** Few joules are expected: the watts measured there for as long as the task takes, for the part of the worker that it takes. */
import { dominantShare } from '../dominant-share.ts';
import type { Scorer } from '../scorer.ts';

export const power = {
  name: 'power',
  is: 'rate',
  per: 'state',
  figure({ candidate: { measured, capacity }, promise }) {
    const watts = measured?.powerWatts ?? null;
    return watts === null ? null : watts * dominantShare(promise, capacity);
  },
} as const satisfies Scorer;
