/** The store's thread, but the first one in a data folder dies in the midst of its work, at the third delivery. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import type { Envelope, StoreThreadData } from '../../../src/node/storage/messages.ts';
import '../../../src/node/storage/store-thread.ts';

const mark = join((workerData as StoreThreadData).dataDir, 'died-once');
let deliveries = 0;

parentPort?.on('message', ({ request }: Envelope) => {
  if (request.kind !== 'append') return;
  deliveries += 1;
  if (deliveries < 3 || existsSync(mark)) return;
  writeFileSync(mark, '');
  throw new Error('The thread was made to die.');
});
