/** The store's thread, but the first one in a data folder dies in the midst of its work, soon after it began. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import type { StoreThreadData } from '../../../src/node/storage/messages.ts';
import '../../../src/node/storage/store-thread.ts';

const mark = join((workerData as StoreThreadData).dataDir, 'died-once');

parentPort?.once('message', () => {
  if (existsSync(mark)) return;
  setTimeout(() => {
    writeFileSync(mark, '');
    throw new Error('The thread was made to die.');
  }, 20);
});
