/** How much of something may come in a while: so much at once, so much a second on average. */
import { SECOND_MS } from '../time.ts';

export interface Allowance {
  readonly perSecond: number;
  readonly atOnce: number;
}

export interface Bucket {
  /** What may still come now. Below zero: what came too early. */
  readonly left: number;
  readonly atMs: number;
}

export function fullBucket(allowance: Allowance, monotonicMs: number): Bucket {
  return { left: allowance.atOnce, atMs: monotonicMs };
}

/** The bucket after `amount` came. It is taken in any case; `left` below zero says by how much it was too much. */
export function take(bucket: Bucket, allowance: Allowance, amount: number, monotonicMs: number): Bucket {
  const elapsedMs = Math.max(0, monotonicMs - bucket.atMs);
  const refilled = Math.min(allowance.atOnce, bucket.left + (elapsedMs / SECOND_MS) * allowance.perSecond);
  return { left: refilled - amount, atMs: monotonicMs };
}

/** Ms until nothing is owed any more; 0 when nothing is. */
export function debtMs(bucket: Bucket, allowance: Allowance): number {
  return bucket.left >= 0 ? 0 : (-bucket.left / allowance.perSecond) * SECOND_MS;
}
