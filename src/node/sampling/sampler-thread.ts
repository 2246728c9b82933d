/** Entry of the sampler's thread: collectors under a scheduler, and the messages to and from it. */
import { parentPort, workerData } from 'node:worker_threads';
import type { SampleBatch } from '../../core/metrics/sample.ts';
import { systemClock } from '../system-clock.ts';
import { readInventory } from './inventory/read-inventory.ts';
import { watchShortPrograms } from './inventory/short-program.ts';
import { inventoryCollector } from './inventory-collector.ts';
import { type FromInventoryThread, readInventoryOnThread } from './inventory-reading.ts';
import { platformCollectors } from './platform.ts';
import { createScheduler, type Delivery } from './scheduler.ts';
import { type FromThread, LayoutTable, type ThreadTask, type ToThread } from './wire.ts';

if (parentPort === null) throw new Error('sampler-thread runs only as a worker thread.');
const port = parentPort;
const task = workerData as ThreadTask;

if (task.role === 'inventory') await tellInventory();
else runSampler();

async function tellInventory(): Promise<void> {
  const tell = (message: FromInventoryThread) => port.postMessage(message);
  watchShortPrograms((pids) => tell({ kind: 'programs', pids }));
  tell({ kind: 'inventory', inventory: await readInventory(task, systemClock.nowMs) });
}

function runSampler(): void {
  const layouts = new LayoutTable();
  const { collectors, release } = platformCollectors(task, systemClock, (pids) => send({ kind: 'children', pids }));
  const inventory = inventoryCollector(() => readInventoryOnThread(task));
  const scheduler = createScheduler([...collectors, inventory], systemClock, (delivery) =>
    send(messageOf(delivery, layouts)),
  );
  port.on('message', (message: ToThread) => {
    switch (message.kind) {
      case 'start':
        scheduler.start(message.level);
        return;
      case 'set-level':
        scheduler.setLevel(message.level);
        return;
      case 'refresh-inventory':
        inventory.refresh();
        return;
      case 'dispose':
        void scheduler
          .dispose()
          .then(release)
          .then(() => {
            send({ kind: 'disposed' });
            port.close();
          });
        return;
    }
  });
}

function send(message: FromThread): void {
  port.postMessage(message);
}

function messageOf(delivery: Delivery, layouts: LayoutTable): FromThread {
  const { atMs, keys, values, count } = delivery;
  const rest = restOf(delivery);
  if (count === 0) return { kind: 'batch', layouts: [], ticks: [], rest };
  const { layout, newKeys } = layouts.find(keys, count);
  const column = new Float64Array(count);
  for (let index = 0; index < count; index += 1) column[index] = values[index]!;
  return {
    kind: 'batch',
    layouts: newKeys === null ? [] : [{ layout, seriesKeys: newKeys }],
    ticks: [{ atMs, layout, values: column }],
    rest,
  };
}

function restOf({ processes, collectors, inventory, events }: Delivery): Omit<SampleBatch, 'ticks'> | null {
  if (processes.length === 0 && collectors === null && inventory === null && events.length === 0) return null;
  return {
    ...(processes.length > 0 ? { processes } : {}),
    ...(collectors === null ? {} : { collectors }),
    ...(inventory === null ? {} : { inventory }),
    ...(events.length > 0 ? { events } : {}),
  };
}
