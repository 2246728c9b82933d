/** The part of a worker that a task takes. */
import type { Promised } from '../tasks/task.ts';
import type { Capacity } from './place.ts';

/**
 * That of the resource of which it takes most, 0..1: who takes all GPUs leaves nobody the rest. After dominant resource
 * fairness (Ghodsi et al., NSDI '11).
 */
export function dominantShare({ cores, memoryBytes, gpus }: Promised, capacity: Capacity): number {
  const shares = [
    capacity.cores === null ? 0 : cores / capacity.cores,
    capacity.memoryBytes === null ? 0 : memoryBytes / capacity.memoryBytes,
    gpus.length === 0 ? 0 : gpus.reduce((sum, { share }) => sum + share, 0) / capacity.gpus.length,
  ];
  return Math.min(1, Math.max(...shares));
}
