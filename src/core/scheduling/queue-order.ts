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

/** Of one core for so long the lead is nothing; it only sets where zero is. */
const WITHOUT_LEAD_MS = 7 * 24 * HOUR_MS;
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
 * By how much one that is expected to be short and small is put before others: some 40 days at most.
 *
 * `orderingMs`: the harmonic mean h of what it may take. Waiting costs a task of p ms a slowdown of 1 / p for each ms, so what
 * it is expected to cost is the mean of 1 / p. To begin it costs all others cores × p. The greatest gain for its cost goes
 * first (Smith's rule, Naval Research Logistics Quarterly 3, 1956): the least h² × cores, of which this takes the root.
 */
export function leadMs(orderingMs: number | null, cores: number): number {
  const ordered = Math.max(SHORTEST_ORDERED_MS, orderingMs ?? UNKNOWN_ORDERED_MS) * Math.sqrt(Math.max(1, cores));
  return AGE_PER_FOLD_MS * Math.log(WITHOUT_LEAD_MS / ordered);
}
