/** What is kept of a worker beside its trust and its samples: the tags and the price that people gave it, and what it is made of. */
import type { Inventory } from './inventory.ts';
import type { Labels } from './labels.ts';
import type { WorkerId } from './worker.ts';

export interface WorkerProfile {
  readonly workerId: WorkerId;
  readonly labels: Labels;
  /** In the lab's own currency; null: nobody said. */
  readonly pricePerHour: number | null;
  /** The newest that is stored; null before the first. */
  readonly inventory: Inventory | null;
}
