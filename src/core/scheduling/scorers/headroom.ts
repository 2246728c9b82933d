/** The worker stays far from its limits with the task: the part of its tightest resource that is still free then. */
import type { Scorer } from '../scorer.ts';

/** A part, not an amount: however large a machine is, it scores 1 at most, and twice the memory is not twice as good. */
export const headroom = {
  name: 'headroom',
  is: 'score',
  per: 'state',
  figure({ candidate: { capacity }, promise, after }) {
    const parts = [partOf(after.cores, capacity.cores), partOf(after.memoryBytes, capacity.memoryBytes)];
    if (promise.gpus.length > 0) {
      const free = after.gpus.reduce((sum, { freeShare }) => sum + freeShare, 0);
      parts.push(partOf(free, capacity.gpus.length));
    }
    const known = parts.filter((part) => part !== null);
    return known.length === 0 ? null : Math.min(...known);
  },
} as const satisfies Scorer;

function partOf(free: number | null, whole: number | null): number | null {
  return free === null || whole === null || whole <= 0 ? null : Math.min(1, free / whole);
}
