/** What a worker has for tasks, from its inventory. */
import { computingGpus, vendorOf } from '../fleet/gpus.ts';
import type { Gpu, Inventory } from '../fleet/inventory.ts';
import type { Capacity } from './place.ts';

/**
 * Threads count as cores. Memory is what the system has, not what was sold: the kernel's own part cannot be promised.
 * GPUs are those that compute, numbered as CUDA does; ROCm agrees where no NVIDIA card is beside an AMD one.
 */
export function capacityOf(inventory: Inventory | null): Capacity {
  if (inventory === null) return { cores: null, memoryBytes: null, gpus: [] };
  const gpus = [...computingGpus(inventory.gpus)].sort((one, other) => vendorRank(one) - vendorRank(other));
  return {
    cores: inventory.cpu.logicalCores > 0 ? inventory.cpu.logicalCores : null,
    memoryBytes: inventory.memoryBytes > 0 ? inventory.memoryBytes : null,
    gpus: gpus.map(({ model, memoryBytes }, index) => ({ index, model, memoryBytes })),
  };
}

/** Neither library counts the graphics that a processor brings along, so these come last. */
function vendorRank(gpu: Gpu): number {
  const vendor = vendorOf(gpu);
  return vendor === 'nvidia' ? 0 : vendor === 'amd' ? 1 : 2;
}
