/** What memory is kept free for a task whose plan names none: what nineteen of twenty runs like it stayed below. */
import type { Candidate } from '../scheduling/place.ts';
import type { Expectations } from './expectations.ts';
import type { TaskSpec } from './task.ts';

/** A process with its libraries; what was measured of a short one may lack its peak. */
const LEAST_BYTES = 32 * 2 ** 20;

/**
 * The same spec where a plan names its memory, or nothing is known. No more than the largest worker has: what would fit
 * nowhere was measured somewhere, and waits for that machine to be empty instead of for ever.
 */
export function promisingMemory(
  expectations: Pick<Expectations, 'memoryBytes'>,
  spec: TaskSpec,
  candidates: readonly Pick<Candidate, 'capacity' | 'runsTasks'>[],
): TaskSpec {
  if (spec.needs.memoryBytes !== null) return spec;
  const expected = expectations.memoryBytes(spec);
  if (expected === null) return spec;
  let largest = 0;
  for (const { runsTasks, capacity } of candidates) {
    if (runsTasks && capacity.memoryBytes !== null && capacity.memoryBytes > largest) largest = capacity.memoryBytes;
  }
  if (largest === 0) return spec;
  const memoryBytes = Math.round(Math.min(largest, Math.max(LEAST_BYTES, expected)));
  const before = promising.get(spec);
  if (before?.needs.memoryBytes === memoryBytes) return before;
  const next = { ...spec, needs: { ...spec.needs, memoryBytes } };
  promising.set(spec, next);
  return next;
}

/** The same spec for the same promise, so that what follows from it can be kept. */
const promising = new WeakMap<TaskSpec, TaskSpec>();
