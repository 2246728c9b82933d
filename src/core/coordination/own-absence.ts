/** Notices that the coordinator itself was away: its machine slept, or its process stood still. */
import { SECOND_MS } from '../time.ts';
import type { Moment } from './link-state.ts';

/** Later than this no timer of a process that runs rings. */
const MOST_DELAY_MS = 2 * SECOND_MS;

/**
 * Whether something was missed between two looks, the second due `dueInMs` after the first. A sleeping machine shows in
 * the monotonic clock on some systems, and on others only in the wall clock that went on without it.
 */
export function wasAway(before: Moment, now: Moment, dueInMs: number): boolean {
  const elapsedMs = now.monotonicMs - before.monotonicMs;
  const sleptMs = now.wallMs - before.wallMs - elapsedMs;
  return elapsedMs - dueInMs > MOST_DELAY_MS || sleptMs > MOST_DELAY_MS;
}
