/** A lab of a thousand workers of twenty kinds, and ten thousand tasks of fifty shapes that wait for it. */
import type { Offer } from '../../../src/core/tasks/offered.ts';
import type { TaskNeeds } from '../../../src/core/tasks/task.ts';
import { aCandidate, GIB, someNeeds } from '../../support/tasks.ts';

const WORKERS = 1_000;
const KINDS = 20;
export const TASKS = 10_000;
const SHAPES = 50;

export function workersOfKinds(): readonly Offer[] {
  return Array.from({ length: WORKERS }, (_, number) => {
    const kind = number % KINDS;
    const gpuCount = kind % 4 === 0 ? 2 ** (kind % 3) : 0;
    const gpus = Array.from({ length: gpuCount }, (__, index) => {
      return { index, model: kind % 8 === 0 ? 'NVIDIA A100' : 'NVIDIA T4', memoryBytes: 24 * GIB };
    });
    const capacity = { cores: 8 + 4 * kind, memoryBytes: (32 + 16 * kind) * GIB, gpus };
    const { promised: _promised, measured: _measured, ...offer } = aCandidate(number + 1, { capacity });
    return offer;
  });
}

/** A task in ten asks for GPUs, and one in a hundred for more than there often is. */
export function needsOf(number: number): TaskNeeds {
  const shape = number % SHAPES;
  const gpus = shape % 10 === 0 ? [0.5, 1, 2][shape % 3]! : 0;
  return someNeeds({ cores: 0.5 + (shape % 7), memoryBytes: (1 + (shape % 11)) * GIB, gpus });
}
