/**
 * How fast the past is delivered beside the present: never so much at once that a new tick has to wait behind it.
 *
 * Pieces grow while they are taken quickly and shrink when a slow link keeps them; between two of them lies time enough
 * to stay well below what a coordinator takes from one worker.
 */
import type { Clock } from '../core/time.ts';

const SMALLEST_BYTES = 2 * 1024;
const FIRST_BYTES = 8 * 1024;
const LARGEST_BYTES = 64 * 1024;
const QUICK_MS = 300;
const SLOW_MS = 1_000;
const SHORTEST_GAP_MS = 50;
const MOST_BYTES_PER_SECOND = 1024 * 1024;

export interface LatePace {
  /** What the next piece may weigh. */
  bytes(): number;
  /** Ms until it may be sent; 0: now. */
  waitMs(): number;
  sent(bytes: number): void;
  /** A piece was taken, so long after it was sent. */
  taken(afterMs: number): void;
  /** Another link, of which nothing is known. */
  reset(): void;
}

export function createLatePace(clock: Clock): LatePace {
  let bytes = FIRST_BYTES;
  let nextAtMs = Number.NEGATIVE_INFINITY;
  return {
    bytes: () => bytes,
    waitMs: () => Math.max(0, nextAtMs - clock.monotonicMs()),
    sent(sentBytes) {
      nextAtMs = clock.monotonicMs() + Math.max(SHORTEST_GAP_MS, (sentBytes / MOST_BYTES_PER_SECOND) * 1_000);
    },
    taken(afterMs) {
      if (afterMs <= QUICK_MS) bytes = Math.min(bytes * 2, LARGEST_BYTES);
      else if (afterMs >= SLOW_MS) bytes = Math.max(bytes / 2, SMALLEST_BYTES);
    },
    reset() {
      bytes = FIRST_BYTES;
      nextAtMs = Number.NEGATIVE_INFINITY;
    },
  };
}
