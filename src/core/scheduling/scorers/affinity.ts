/** The worker has what the task works on at hand: its `affinityKey` was used there lately. */
import type { Scorer } from '../scorer.ts';

export const affinity = {
  name: 'affinity',
  is: 'score',
  per: 'task',
  figures({ spec: { affinityKey }, experience, nowMs }) {
    const warmthOn = affinityKey === null ? null : experience.warmthOf(affinityKey, nowMs);
    return warmthOn === null ? null : ({ workerId }) => warmthOn(workerId);
  },
} as const satisfies Scorer;
