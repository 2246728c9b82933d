/** Long work in slices, so that the event loop is never kept for longer than one. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../core/time.ts';

const SLICE_MS = 4;

/** Called between the steps: lets others run when a slice is over. */
export function createBreath(clock: Clock): () => Promise<void> {
  let sinceMs = clock.monotonicMs();
  return async () => {
    if (clock.monotonicMs() - sinceMs < SLICE_MS) return;
    await nextTurn();
    sinceMs = clock.monotonicMs();
  };
}
