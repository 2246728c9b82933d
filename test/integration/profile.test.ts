/** Agents with a profile from end to end: claimed hardware, tasks placed on it, and the load of each by itself. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildIfNeeded } from '../../scripts/build/build.ts';
import { projectFolder } from '../support/source.ts';
import { workerWhen } from './lab.ts';
import { openTaskLab } from './task-lab.ts';

const GIB = 2 ** 30;
const PROFILE = {
  name: 'a-gpu-box',
  cores: 4,
  memoryBytes: 64 * GIB,
  gpus: [
    {
      ...{ vendor: 'NVIDIA', model: 'NVIDIA GeForce RTX 4090', memoryBytes: 24 * GIB },
      ...{ computeCapability: '8.9', driver: '550.54' },
    },
  ],
};

beforeAll(async () => {
  await buildIfNeeded(projectFolder, () => undefined);
});

describe('an agent with a profile', () => {
  it('is given the tasks that its hardware fits, is marked as simulated, and shows its GPU busy meanwhile', async () => {
    const lab = await openTaskLab();
    const file = join(lab.folder, 'gpu-box.json');
    writeFileSync(file, JSON.stringify(PROFILE));
    await lab.worker('gpu-box', '--profile', file);
    const idle = await workerWhen(lab, ({ figures }) => figures.gpuUtilization !== null);
    expect(idle).toMatchObject({ headline: 'RTX 4090 · simulated', figures: { gpuUtilization: 0 } });
    expect(idle.figures.memoryLimitBytes).toBe(64 * GIB);
    expect(idle.capabilities).toEqual(expect.arrayContaining(['simulated', 'gpu.compute=8.9']));
    expect(idle.collectors.find(({ collector }) => collector === 'profile')?.reason).toMatch(/^Simulated/);
    const run = await lab.submit({
      name: 'on a GPU',
      tasks: [
        {
          ...{ name: 'train', shell: true, command: 'echo "sees $CUDA_VISIBLE_DEVICES"; sleep 4' },
          needs: { gpus: 1, gpuMemoryBytes: 8 * GIB, capabilities: ['gpu.compute>=8.6'] },
        },
      ],
    });
    await workerWhen(lab, ({ figures }) => (figures.gpuUtilization ?? 0) > 0.5);
    expect((await lab.finished(run.runId)).counts.succeeded).toBe(1);
    const [detail] = await lab.details(run.runId);
    expect(await lab.output(detail!.task.taskId)).toBe('sees 0\n');
    await workerWhen(lab, ({ figures }) => figures.gpuUtilization === 0);
  });

  it('shows its own load and not that of another on the same machine, also after it was started again', async () => {
    const lab = await openTaskLab();
    const file = join(lab.folder, 'box.json');
    writeFileSync(file, JSON.stringify({ cores: 1, gpus: [] }));
    const [busy] = [await lab.worker('busy', '--profile', file), await lab.worker('calm', '--profile', file)];
    busy.child.kill('SIGTERM');
    await busy.exited;
    await lab.agent('busy', 'join').saw(/Connected/);
    await lab.call('workers.admission', { worker: 'calm', admission: 'paused' });
    const run = await lab.submit({
      name: 'load',
      tasks: [
        {
          ...{ name: 'spin', shell: true, command: 'while :; do :; done', timeoutSeconds: 20 },
          needs: { cores: 1, capabilities: ['simulated'] },
        },
      ],
    });
    const load = async (name: string) =>
      (await lab.remote()).find((worker) => worker.name === name)?.figures.cpuUtilization ?? null;
    await expect.poll(() => load('busy'), { timeout: 30_000 }).toBeGreaterThan(0.4);
    expect(await load('calm')).toBeLessThan(0.2);
    await lab.call('run.cancel', { run: run.runId });
    await lab.finished(run.runId);
  });
});
