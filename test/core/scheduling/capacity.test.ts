import { describe, expect, test } from 'vitest';
import { capacityOf } from '../../../src/core/scheduling/capacity.ts';
import { GIB, MACHINE, RTX_4090 } from '../fleet/a-machine.ts';

describe('what a worker has for tasks', () => {
  test('is its threads, the memory that its system has, and the GPUs that compute', () => {
    expect(capacityOf(MACHINE)).toEqual({
      cores: 32,
      memoryBytes: 62.7 * GIB,
      gpus: [0, 1].map((index) => ({ index, model: RTX_4090.model, memoryBytes: RTX_4090.memoryBytes })),
    });
  });

  test('numbers GPUs as CUDA does: graphics of the processor come last, those of a console not at all', () => {
    const built = { ...RTX_4090, vendor: 'Intel', model: 'Intel UHD Graphics 770', memoryBytes: null };
    const console = { ...RTX_4090, vendor: 'ASPEED', model: 'ASPEED Graphics Family' };
    const { gpus } = capacityOf({ ...MACHINE, gpus: [console, built, RTX_4090] });
    expect(gpus.map(({ index, model }) => [index, model])).toEqual([
      [0, RTX_4090.model],
      [1, built.model],
    ]);
  });

  test('is not known before the inventory is, or where that does not tell', () => {
    expect(capacityOf(null)).toEqual({ cores: null, memoryBytes: null, gpus: [] });
    const silent = { ...MACHINE, cpu: { ...MACHINE.cpu, logicalCores: 0 }, memoryBytes: 0, gpus: [] };
    expect(capacityOf(silent)).toEqual({ cores: null, memoryBytes: null, gpus: [] });
  });
});
