/** A worker on another host, at the end of a real cable: what TCP does when it is pulled, no proxy can show. */
import { beforeAll, describe, expect, it } from 'vitest';
import { buildIfNeeded } from '../../scripts/build/build.ts';
import { projectFolder } from '../support/source.ts';
import { openCabledLab } from './cabled-lab.ts';
import { expectNoHole, isLive, workerWhen } from './lab.ts';
import { expectLedgerAndRecordsAgree } from './task-lab.ts';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

beforeAll(async () => {
  await buildIfNeeded(projectFolder, () => undefined);
});

describe('a cable that is pulled', () => {
  it('for ten seconds costs neither a reading nor a task, and runs nothing twice', async () => {
    const { lab, host, workerId, submitThere } = await openCabledLab();
    const run = await submitThere([lab.noted('sleep 3; echo within'), lab.noted('sleep 15; echo beyond')]);
    await expect.poll(() => lab.ledger().length).toBe(2);
    host.plug(false);
    await workerWhen(lab, ({ link }) => link === 'unreachable');
    await pause(4_000);
    host.plug(true);
    expect(await lab.finished(run.runId, 90_000)).toMatchObject({ counts: { succeeded: 2 } });
    const details = await lab.details(run.runId);
    expect(details.map(({ attempts }) => attempts.length)).toEqual([1, 1]);
    expectLedgerAndRecordsAgree(lab, details);
    await workerWhen(lab, (one) => isLive(one) && one.remote?.spooledBytes === 0);
    expectNoHole(await lab.readingsOf(workerId));
  });
});
