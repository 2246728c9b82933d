/** A task of this kind is expected to end soon here: what fits starts at once, so that is how long it is expected to run. */
import type { Scorer } from '../scorer.ts';

export const speed = {
  name: 'speed',
  is: 'least',
  per: 'task',
  figures: ({ hasDurations }) => (hasDurations ? (_, durationMs) => durationMs : null),
} as const satisfies Scorer;
