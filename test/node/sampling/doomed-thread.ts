/** A sampling thread that sends one batch and then comes to the end its folder's `fate` file names. */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { seriesKey } from '../../../src/core/metrics/series.ts';
import type { FromThread, ThreadTask } from '../../../src/node/sampling/wire.ts';

const { procRoot } = workerData as ThreadTask;
const fate = readFileSync(join(procRoot, 'fate'), 'utf8');
const send = (message: FromThread) => parentPort!.postMessage(message);

const seriesKeys = [seriesKey('system.uptime')];
const ticks = [{ atMs: 1, layout: 0, values: Float64Array.of(1) }];
send({ kind: 'batch', layouts: [{ layout: 0, seriesKeys }], ticks, rest: null });
if (fate === 'throws') throw new Error('out of luck');
if (fate === 'blocks') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
if (fate === 'leaves-a-child') {
  const child = spawn('/bin/sleep', ['300'], { stdio: 'ignore' });
  send({ kind: 'children', pids: [child.pid!] });
  writeFileSync(join(procRoot, 'child'), String(child.pid));
  setTimeout(() => process.exit(1), 50);
}
if (fate === 'lives') parentPort!.on('message', ({ kind }) => kind === 'dispose' && parentPort!.close());
