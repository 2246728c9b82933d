/** The inventory read once, where it holds up nobody: on a thread that ends afterwards. */
import { Worker } from 'node:worker_threads';
import type { Inventory } from '../../core/fleet/inventory.ts';
import { threadEntry } from '../thread.ts';
import type { ThreadTask } from './wire.ts';

export interface InventoryReading {
  /** Rejects where there is none, with the reason. */
  readonly answer: Promise<Inventory>;
  /** Gives up. */
  end(): void;
}

export type StartInventoryReading = () => InventoryReading;

export function readInventoryOnThread(task: ThreadTask): InventoryReading {
  const worker = new Worker(threadEntry('sampler-thread'), {
    workerData: { ...task, role: 'inventory' } satisfies ThreadTask,
    name: 'inventory',
  });
  const answer = new Promise<Inventory>((resolve, reject) => {
    worker.on('message', resolve);
    worker.on('error', reject);
    worker.on('exit', () => reject(new Error('It ended without an answer.')));
  });
  return {
    answer,
    end() {
      void worker.terminate();
      worker.unref();
    },
  };
}
