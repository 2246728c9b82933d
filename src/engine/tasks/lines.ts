/** The links of workers as the parts of the task service share them, and what a failed question on one means. */
import type { WorkerId } from '../../core/fleet/worker.ts';
import type { Failure } from '../../core/result.ts';
import { SECOND_MS } from '../../core/time.ts';
import type { WorkerLine } from './contract.ts';

/** Only workers that are linked now are in it. */
export type Lines = ReadonlyMap<WorkerId, WorkerLine>;

/** What a worker did not answer in time is asked again this much later, unless a new link comes first. */
export const ASK_AGAIN_MS = 5 * SECOND_MS;

/** A disk that refuses, ours or the worker's, which may take it another time. */
export function isOfDisk({ code }: Failure): boolean {
  return code === 'disk-full' || code === 'storage' || code === 'read-only';
}

/** The question may never have arrived; asking again is right. Anything else is the worker's own word. */
export function isUnheard({ code }: Failure): boolean {
  return code === 'unavailable' || code === 'timeout';
}
