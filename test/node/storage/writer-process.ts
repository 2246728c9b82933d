/** A process that stores ticks as fast as they are acknowledged, and prints how many were, until it is killed. */
import { createThreadedStore } from '../../../src/node/storage/store.ts';
import { valueAt, WRITER_EVENT, WRITER_START_MS } from './writer-sequence.ts';

const [dataDir, firstTick] = process.argv.slice(2);
if (dataDir === undefined) throw new Error('Usage: writer-process DATA_DIR FIRST_TICK');
const worker = '00000000-0000-4000-8000-000000000001' as Parameters<typeof store.append>[0];
const seriesKeys = ['system.cpu.utilization'] as unknown as readonly [never];

const store = createThreadedStore({ dataDir });
const opened = await store.open();
if (!opened.ok) throw new Error(opened.error.message);
await store.saveSetting('level', 'detailed');
store.append(worker, { events: [WRITER_EVENT] });

for (let index = Number(firstTick ?? 0); ; index += 1) {
  const atMs = WRITER_START_MS + index * 1_000;
  store.append(worker, { ticks: [{ atMs, seriesKeys, values: Float64Array.of(valueAt(index)) }] });
  if (index % 10 < 9) continue;
  const answer = await store.processesAt(worker, null);
  if (!answer.ok) throw new Error(answer.error.message);
  process.stdout.write(`${index + 1}\n`);
}
