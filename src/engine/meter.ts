/** Lets so much of something through and no more: lines of a log, rows of a table. */
import { type Allowance, type Bucket, fullBucket, take } from '../core/coordination/token-bucket.ts';
import type { Clock } from '../core/time.ts';

/** Answers whether one more may come now; a no costs nothing. */
export type Meter = () => boolean;

export function createMeter(allowance: Allowance, clock: Clock): Meter {
  let bucket: Bucket = fullBucket(allowance, clock.monotonicMs());
  return () => {
    const after = take(bucket, allowance, 1, clock.monotonicMs());
    if (after.left < 0) return false;
    bucket = after;
    return true;
  };
}
