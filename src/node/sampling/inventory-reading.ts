/** The inventory read once, where it holds up nobody: on a thread that ends afterwards. */
import { Worker } from 'node:worker_threads';
import type { Inventory } from '../../core/fleet/inventory.ts';
import { threadEntry } from '../thread.ts';
import { endShortProgram } from './inventory/short-program.ts';
import type { ThreadTask } from './wire.ts';

export interface InventoryReading {
  /** Rejects where there is none, with the reason. */
  readonly answer: Promise<Inventory>;
  /** Gives up. */
  end(): void;
}

export type StartInventoryReading = () => InventoryReading;

export type FromInventoryThread =
  | { readonly kind: 'inventory'; readonly inventory: Inventory }
  /** Programs that it has started and that have not ended: none may outlive a thread that is given up. */
  | { readonly kind: 'programs'; readonly pids: readonly number[] };

export function readInventoryOnThread(task: ThreadTask): InventoryReading {
  const worker = new Worker(threadEntry('sampler-thread'), {
    workerData: { ...task, role: 'inventory' } satisfies ThreadTask,
    name: 'inventory',
  });
  let pids: readonly number[] = [];
  const answer = new Promise<Inventory>((resolve, reject) => {
    worker.on('message', (message: FromInventoryThread) => {
      if (message.kind === 'inventory') resolve(message.inventory);
      else pids = message.pids;
    });
    worker.on('error', reject);
    worker.on('exit', () => reject(new Error('It ended without an answer.')));
  });
  return {
    answer,
    end() {
      pids.forEach(endShortProgram);
      void worker.terminate();
      worker.unref();
    },
  };
}
