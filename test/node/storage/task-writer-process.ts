/** A process that saves tasks, eight at the same time, and prints how many were acknowledged, until it is killed. */
import { createThreadedStore } from '../../../src/node/storage/store.ts';
import { anAttempt, aRun, aTask, records } from './task-records.ts';

const [dataDir, savedBefore] = process.argv.slice(2);
if (dataDir === undefined) throw new Error('Usage: task-writer-process DATA_DIR SAVED_BEFORE');

const store = createThreadedStore({ dataDir });
const opened = await store.open();
if (!opened.ok) throw new Error(opened.error.message);
await store.saveTasks(records({ runs: [aRun()] }));

async function save(sequence: number): Promise<void> {
  const state = 'running';
  const answer = await store.saveTasks(
    records({ tasks: [aTask(sequence, { state })], attempts: [anAttempt(sequence)] }),
  );
  if (!answer.ok) throw new Error(answer.error.message);
}

for (let saved = Number(savedBefore); ; saved += 8) {
  await Promise.all(Array.from({ length: 8 }, (_, index) => save(saved + index + 1)));
  process.stdout.write(`${saved + 8}\n`);
}
