/** Attempts of this kind succeed here (`experience.ts`). Not known before one of the kind has ended anywhere. */
import { kindOf } from '../experience.ts';
import type { Scorer } from '../scorer.ts';

export const reliability = {
  name: 'reliability',
  is: 'score',
  per: 'task',
  figures({ spec, experience }) {
    const reliabilityOn = experience.reliabilityOf(kindOf(spec));
    return reliabilityOn === null ? null : ({ workerId }) => reliabilityOn(workerId);
  },
} as const satisfies Scorer;
