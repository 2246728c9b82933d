/** GPUs of attempts, by a real program called `nvidia-smi`. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { tempFolder } from '../../support/temp-folder.ts';
import { fakeSmi } from '../sampling/fake-smi.ts';
import { anOrder, isAlive, openWorkbench, shell } from './workbench.ts';

const GIB = 2 ** 30;

test('an attempt that was given a GPU has its own memory there and the use of its devices; nvidia-smi runs no longer than it', async () => {
  const folder = tempFolder();
  const smi = fakeSmi(
    folder,
    `echo $$ >> ${folder}/pids
     while :; do case "$*" in
       *compute-apps*) echo "1, 4096"; [ -s ${folder}/pid ] && echo "$(cat ${folder}/pid), 2048" ;;
       *) echo "00000000:3B:00.0, 0, 10, NVIDIA H100"; echo "00000000:5E:00.0, 1, 80, NVIDIA H100" ;;
     esac; sleep 1; done`,
  );
  const path = process.env.PATH;
  process.env.PATH = `${folder}:${path}`;
  onTestFinished(() => {
    process.env.PATH = path;
  });
  const bench = await openWorkbench();
  expect(smi.starts()).toEqual([]);

  const go = join(folder, 'go');
  const order = anOrder({
    command: shell(`echo $$ > ${folder}/pid; until [ -e ${go} ]; do sleep 0.1; done`),
    gpuIndexes: [1],
  });
  await bench.host.start(order);
  await expect.poll(() => bench.pulses.at(-1)?.gpuMemoryBytes, { timeout: 20_000 }).toBe(2 * GIB);
  writeFileSync(go, '');
  const { usage } = await bench.ended(order.attemptId);
  expect(usage).toMatchObject({ gpuMemoryPeakBytes: 2 * GIB, gpuUtilizationPeak: 0.8 });

  const pids = () =>
    existsSync(join(folder, 'pids')) ? readFileSync(join(folder, 'pids'), 'utf8').trim().split('\n') : [];
  expect(pids()).toHaveLength(2);
  await expect.poll(() => pids().map(Number).filter(isAlive)).toEqual([]);
});
