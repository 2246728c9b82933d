/**
 * In which order tasks wait: each as if it had been submitted earlier by what its priority and its expected shortness are worth.
 *
 * All ages grow alike, so the order of two tasks never changes by itself, and whatever comes later than a task's lead over it
 * comes behind it: nothing starves, and how far short may pass long is bounded by age.
 */
import { SHORTEST_ORDERED_MS } from './predict.ts';

const HOUR_MS = 3_600_000;

/**
 * What a factor of e in expected length is worth in age, and so is a level of priority: within ten levels lies a factor of
 * 22,000. Long enough that a queue which is full for weeks still lets short tasks through, see `docs/prediction.md`.
 */
const AGE_PER_FOLD_MS = 96 * HOUR_MS;

/** Longer ones are not told apart. */
const LONGEST_ORDERED_MS = 7 * 24 * HOUR_MS;
/** Of a task while nothing at all is known. */
const UNKNOWN_ORDERED_MS = 10 * 60_000;

/** The moment of submission, moved by priority. */
export function rankedAtMs({
  submittedAtMs,
  priority,
}: {
  readonly submittedAtMs: number;
  readonly priority: number;
}): number {
  return submittedAtMs - priority * AGE_PER_FOLD_MS;
}

/**
 * By how much one that is expected to be short is put before one of the greatest length, 0 to 40 days.
 *
 * `orderingMs`: the harmonic mean of what it may take. Waiting costs a task of `p` ms a slowdown of 1 / p for each ms, so
 * what it is expected to cost is the mean of 1 / p, and the most urgent goes first. The mean or the median of p would
 * let a task that is mostly short, and seldom long, wait like a long one.
 */
export function leadMs(orderingMs: number | null): number {
  const ordered = Math.max(SHORTEST_ORDERED_MS, orderingMs ?? UNKNOWN_ORDERED_MS);
  return AGE_PER_FOLD_MS * Math.max(0, Math.log(LONGEST_ORDERED_MS / ordered));
}
