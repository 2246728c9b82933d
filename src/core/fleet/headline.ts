/** A machine in a few words, for the corner of its tile. */
import { isDisplayAdapter, shortModel } from './gpus.ts';
import type { Inventory } from './inventory.ts';

/** "2× RTX 4090", else "8 cores". GPUs say more about a lab machine than its CPU does. */
export function inventoryHeadline(inventory: Inventory): string {
  const words = hardwareWords(inventory);
  return inventory.simulated.length === 0 ? words : `${words} · simulated`;
}

function hardwareWords(inventory: Inventory): string {
  const first = inventory.gpus[0];
  if (first !== undefined && !isDisplayAdapter(first.model)) {
    const count = inventory.gpus.filter((gpu) => gpu.model === first.model).length;
    const model = shortModel(first.model);
    return count > 1 ? `${count}× ${model}` : model;
  }
  const cores = inventory.cpu.logicalCores;
  return cores === 1 ? '1 core' : `${cores} cores`;
}
