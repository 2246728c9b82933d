/** The whole inventory, from the library, the kernel and the programs that are installed. Takes seconds; may throw. */
import { instructionSetsFrom } from '../../../core/fleet/instruction-sets.ts';
import type { Cache, Inventory } from '../../../core/fleet/inventory.ts';
import { readCaches, readInstructionSets } from '../linux/processor.ts';
import { askInventory, type InventoryAnswers, inventoryFrom } from '../systeminformation/inventory.ts';
import { askNvidiaCards, withNvidiaCards } from './nvidia-cards.ts';
import { searchFolders } from './program-search.ts';
import { findSoftware } from './software.ts';
import type { InventorySources } from './sources.ts';

export async function readInventory(sources: InventorySources, nowMs: () => number): Promise<Inventory> {
  // From its beginning on it is true: whoever asked before that gets what he asked for.
  const atMs = nowMs();
  const answers = await askInventory();
  const folders = searchFolders(sources.searchPath);
  const cards = await askNvidiaCards(folders, sources.sysRoot);
  const software = await findSoftware(folders);
  const inventory = inventoryFrom(answers, atMs);
  return {
    ...inventory,
    cpu: { ...inventory.cpu, ...processorOf(answers, sources) },
    gpus: withNvidiaCards(inventory.gpus, cards),
    cudaDriverVersion: cards.cudaDriverVersion,
    software,
  };
}

function processorOf({ cpu }: InventoryAnswers, { procRoot, sysRoot }: InventorySources) {
  const roots = { proc: procRoot, sys: sysRoot };
  const isLinux = process.platform === 'linux';
  return {
    instructionSets: (isLinux ? readInstructionSets(roots) : null) ?? libraryInstructionSets(cpu),
    caches: (isLinux ? readCaches(roots) : null) ?? libraryCaches(cpu.cache),
  };
}

function libraryInstructionSets({ flags }: InventoryAnswers['cpu']): readonly string[] | null {
  // Every 64-bit ARM has it, and macOS does not say so.
  if (process.arch === 'arm64') return instructionSetsFrom(`${flags} neon`);
  return flags.trim() === '' ? null : instructionSetsFrom(flags);
}

/** Bytes; the library knows sums, and writes what it does not know in many ways. */
function libraryCaches(cache: InventoryAnswers['cpu']['cache'] | undefined): readonly Cache[] | null {
  const caches = Object.entries({ L1d: cache?.l1d, L1i: cache?.l1i, L2: cache?.l2, L3: cache?.l3 }).flatMap(
    ([name, sizeBytes]) => (Number(sizeBytes) > 0 ? [{ name, sizeBytes: Number(sizeBytes), count: null }] : []),
  );
  return caches.length === 0 ? null : caches;
}
