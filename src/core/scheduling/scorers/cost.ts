/** Few currency units are expected: the worker's price for as long as the task takes there, for the part of it that it takes. */
import { dominantShare } from '../dominant-share.ts';
import type { Scorer } from '../scorer.ts';

export const cost = {
  name: 'cost',
  is: 'rate',
  per: 'state',
  figure({ candidate: { pricePerHour, capacity }, promise }) {
    return pricePerHour === null ? null : pricePerHour * dominantShare(promise, capacity);
  },
} as const satisfies Scorer;
