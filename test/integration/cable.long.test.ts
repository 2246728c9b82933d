/** Bad networks, made by the kernel: packets that get lost, and a link slower than what is to be said. */
import { beforeAll, describe, expect, it } from 'vitest';
import { buildIfNeeded } from '../../scripts/build/build.ts';
import { projectFolder } from '../support/source.ts';
import { openCabledLab } from './cabled-lab.ts';
import { expectNoHole, isLive, workerWhen } from './lab.ts';
import { expectLedgerAndRecordsAgree } from './task-lab.ts';

const MINUTE_MS = 60_000;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

beforeAll(async () => {
  await buildIfNeeded(projectFolder, () => undefined);
});

describe('a network', () => {
  it('that loses every fifth packet costs neither a reading nor a task, and runs nothing twice', async () => {
    const { lab, host, workerId, submitThere } = await openCabledLab();
    host.lose(20);
    const commands = Array.from({ length: 20 }, (_, index) => lab.noted(`sleep ${index % 4}; seq 2000`));
    const run = await submitThere(commands);
    expect(await lab.finished(run.runId, 5 * MINUTE_MS)).toMatchObject({ counts: { succeeded: 20 } });
    await pause(MINUTE_MS);
    const details = await lab.details(run.runId);
    expectLedgerAndRecordsAgree(lab, details);
    const whole = Array.from({ length: 2_000 }, (_, index) => `${index + 1}\n`).join('');
    for (const { task } of details) expect(await lab.output(task.taskId)).toBe(whole);
    await workerWhen(lab, (one) => isLive(one) && (one.remote?.spooledBytes ?? 1) === 0);
    expectNoHole(await lab.readingsOf(workerId));
  });

  it('that lets through less than there is to say brings results all the same, and every reading once it is wider', async () => {
    const { lab, host, workerId, submitThere } = await openCabledLab();
    await lab.call('level.set', { worker: 'far', level: 'intensive' });
    host.limit(4_000);
    const run = await submitThere([lab.noted('sleep 5; seq 200')]);
    expect(await lab.finished(run.runId, 5 * MINUTE_MS)).toMatchObject({ counts: { succeeded: 1 } });
    host.limit(null);
    await workerWhen(lab, (one) => isLive(one) && (one.remote?.spooledBytes ?? 1) === 0);
    expectLedgerAndRecordsAgree(lab, await lab.details(run.runId));
    expectNoHole(await lab.readingsOf(workerId));
  });
});
