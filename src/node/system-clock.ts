/** The machine's own clocks. */
import type { Clock } from '../core/time.ts';

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};
