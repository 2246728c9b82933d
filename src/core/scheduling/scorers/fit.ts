/**
 * Little is stranded: 1 ÷ (1 + e^growth) of the stranded GPUs in GPUs, as FGD's scheduler scores (`fragmentation.ts`), and
 * of what strands alike, the worker that is fuller already, so that empty ones stay whole for what needs all of one.
 */
import { strandedGpus } from '../fragmentation.ts';
import type { FreeRoom } from '../free-room.ts';
import type { Capacity } from '../place.ts';
import type { Scorer } from '../scorer.ts';

/** An empty worker instead of a full one counts like a hundredth of a GPU stranded: enough to decide between equals. */
const FULLNESS_PART = 0.0025;

export const fit = {
  name: 'fit',
  is: 'score',
  per: 'state',
  figure({ candidate: { capacity }, before, after, mix }) {
    const growth = strandedGpus(after, mix) - strandedGpus(before, mix);
    return (1 - FULLNESS_PART) / (1 + Math.exp(growth)) + FULLNESS_PART * fullness(after, capacity);
  },
} as const satisfies Scorer;

/** The mean part of its resources that is taken, 0..1. */
function fullness({ cores, memoryBytes, gpus }: FreeRoom, capacity: Capacity): number {
  const free = [part(cores, capacity.cores), part(memoryBytes, capacity.memoryBytes)];
  if (gpus.length > 0) free.push(gpus.reduce((sum, { freeShare }) => sum + freeShare, 0) / gpus.length);
  return 1 - free.reduce((sum, one) => sum + one, 0) / free.length;
}

function part(free: number | null, whole: number | null): number {
  return free === null || whole === null || whole <= 0 ? 1 : free / whole;
}
