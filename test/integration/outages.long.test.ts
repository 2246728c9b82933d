/** What takes a minute or more: a cable that is out for that long, and an agent that has nothing to do for that long. */
import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildIfNeeded } from '../../scripts/build/build.ts';
import { projectFolder } from '../support/source.ts';
import { expectNoHole, isLive, workerWhen } from './lab.ts';
import { openProxy } from './proxy.ts';
import { expectLedgerAndRecordsAgree, openTaskLab } from './task-lab.ts';

const MINUTE_MS = 60_000;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

beforeAll(async () => {
  await buildIfNeeded(projectFolder, () => undefined);
});

/** Processes of the local agent that keeps its home in this data folder. */
function localAgents(dataDir: string): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return words.includes('local') && words.includes(`${dataDir}/local-agent`);
    } catch {
      return false;
    }
  });
}

describe('a cable that is out for a minute', () => {
  it('costs neither a reading nor a task, and runs nothing twice', async () => {
    const lab = await openTaskLab();
    const { port } = await lab.call('listener', {});
    const proxy = await openProxy(port);
    lab.agent('rig-a', 'join', await lab.invite(proxy.port), '--name', 'rig-a', '--run-tasks');
    const { workerId } = await workerWhen(lab, (one) => isLive(one) && one.capabilities.length > 0);
    await lab.call('workers.label', { worker: 'rig-a', changes: [{ key: 'rack', value: 'b' }] });
    const task = (name: string, seconds: number) => ({
      name,
      command: lab.noted(`sleep ${seconds}; echo ${name}`),
      shell: true,
      needs: { labels: { rack: 'b' }, cores: 0.1 },
    });
    const run = await lab.submit({ name: 'cut', tasks: [task('within', 20), task('beyond', 75)] });
    await expect.poll(() => lab.ledger().length).toBe(2);
    proxy.set('cut');
    await pause(MINUTE_MS);
    proxy.set('through');
    expect(await lab.finished(run.runId, 2 * MINUTE_MS)).toMatchObject({ counts: { succeeded: 2 } });
    const details = await lab.details(run.runId);
    expect(details.map(({ attempts }) => attempts.length)).toEqual([1, 1]);
    expectLedgerAndRecordsAgree(lab, details);
    expectNoHole(await lab.readingsOf(workerId));
  });
});

describe('this machine’s own agent', () => {
  it('leaves after a minute without tasks, and another one comes with the next', async () => {
    const lab = await openTaskLab();
    const submit = (name: string) => lab.submit({ name, tasks: [{ name, command: ['true'] }] });
    await lab.finished((await submit('first')).runId);
    expect(localAgents(lab.dataDir)).toHaveLength(1);
    await expect.poll(() => localAgents(lab.dataDir), { timeout: 2 * MINUTE_MS, interval: 500 }).toEqual([]);
    expect(await lab.finished((await submit('second')).runId)).toMatchObject({ state: 'succeeded' });
  });
});
