/** Entry of the sampler's thread: collectors under a scheduler, and the messages to and from it. */
import { parentPort, workerData } from 'node:worker_threads';
import type { SampleBatch } from '../../core/metrics/sample.ts';
import { systemClock } from '../system-clock.ts';
import { platformCollectors } from './platform.ts';
import { createScheduler, type Delivery } from './scheduler.ts';
import { type FromThread, LayoutTable, type ThreadTask, type ToThread } from './wire.ts';

if (parentPort === null) throw new Error('sampler-thread runs only as a worker thread.');
const port = parentPort;
const task = workerData as ThreadTask;
const layouts = new LayoutTable();

function send(message: FromThread): void {
  port.postMessage(message);
}

function deliver({ atMs, keys, values, count, processes, collectors, events }: Delivery): void {
  const rest: Omit<SampleBatch, 'ticks'> = {
    ...(processes.length > 0 ? { processes } : {}),
    ...(collectors === null ? {} : { collectors }),
    ...(events.length > 0 ? { events } : {}),
  };
  const isRest = processes.length > 0 || collectors !== null || events.length > 0;
  if (count === 0) return send({ kind: 'batch', layouts: [], ticks: [], rest });
  const { layout, newKeys } = layouts.find(keys, count);
  const tick = { atMs, layout, values: Float64Array.from(count === values.length ? values : values.slice(0, count)) };
  send({
    kind: 'batch',
    layouts: newKeys === null ? [] : [{ layout, seriesKeys: newKeys }],
    ticks: [tick],
    rest: isRest ? rest : null,
  });
}

const scheduler = createScheduler(platformCollectors(task), systemClock, deliver);

port.on('message', (message: ToThread) => {
  switch (message.kind) {
    case 'set-level':
      return scheduler.setLevel(message.level);
    case 'refresh-inventory':
      return;
    case 'dispose':
      return void scheduler.dispose().then(() => {
        send({ kind: 'disposed' });
        port.close();
      });
  }
});
scheduler.start(task.level);
