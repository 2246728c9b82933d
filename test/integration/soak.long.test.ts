/**
 * An hour of everyday: tasks come and go on two machines, cables come off, processes are killed; nothing is lost, and no
 * process grows.
 */
import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildIfNeeded } from '../../scripts/build/build.ts';
import type { RunId } from '../../src/core/tasks/task.ts';
import type { Running } from '../cli/process.ts';
import { pssMegabytes } from '../support/process-cost.ts';
import { projectFolder } from '../support/source.ts';
import { expectNoHole, isLive } from './lab.ts';
import { openProxy } from './proxy.ts';
import { expectLedgerAndRecordsAgree, openTaskLab, type TaskLab } from './task-lab.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
/** When everything was loaded and used once. */
const WARM_AFTER_MS = 10 * MINUTE_MS;
/** Pages that the allocator keeps, and the history in memory. */
const GROWTH_MEGABYTES = 25;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

beforeAll(async () => {
  await buildIfNeeded(projectFolder, () => undefined);
});

/** Some quick, some slow, some that fail, write much, or leave children behind. */
const WORKS = ['true', 'sleep 3', 'exit 3', 'seq 20000', 'sleep 30 & sleep 1', 'sleep 8; exit 1'];

function planOf(lab: TaskLab, round: number): unknown {
  const tasks = WORKS.map((work, index) => ({
    name: `r${round}-${index}`,
    command: lab.noted(`( ${work} )`),
    shell: true,
    retries: index === 5 ? 1 : 0,
    needs: { cores: 0.1, labels: { rack: index % 2 === 0 ? 'a' : 'b' } },
  }));
  return { name: `round ${round}`, tasks };
}

/** Without those of the sampler, which holds one of each process of the machine. */
function openFiles({ child }: Running): number {
  const folder = `/proc/${child.pid}/fd`;
  return readdirSync(folder).filter((name) => !linkIn(folder, name).startsWith('/proc/')).length;
}

/** Empty where it was closed in between. */
function linkIn(folder: string, name: string): string {
  try {
    return readlinkSync(join(folder, name));
  } catch {
    return '';
  }
}

describe('an hour of everyday', () => {
  it(
    'loses no task, no result and no reading, and no process grows',
    async () => {
      const lab = await openTaskLab();
      const proxy = await openProxy((await lab.call('listener', {})).port);
      const agents = new Map<string, Running>();
      for (const name of ['a', 'b']) {
        const code = await lab.invite(name === 'a' ? proxy.port : undefined);
        agents.set(name, lab.agent(name, 'join', code, '--name', name, '--run-tasks', '--max-parallel', '3'));
        await expect
          .poll(async () =>
            (await lab.remote()).some((one) => one.name === name && isLive(one) && one.capabilities.length > 0),
          )
          .toBe(true);
        await lab.call('workers.label', { worker: name, changes: [{ key: 'rack', value: name }] });
      }
      const startedAtMs = Date.now();
      const passedMs = () => Date.now() - startedAtMs;
      const runs: RunId[] = [];
      const warm = new Map<string, { readonly megabytes: number; readonly files: number }>();
      const processes = () => [['coordinator', lab.headless()], ...agents] as readonly (readonly [string, Running])[];
      for (let round = 1; passedMs() < HOUR_MS; round += 1) {
        runs.push((await lab.submit(planOf(lab, round))).runId);
        if (round % 6 === 0) proxy.set('cut');
        await pause(10 * SECOND_MS);
        proxy.set('through');
        // A new process is to be warm as well before it is measured.
        if (round % 40 === 20 && passedMs() < HOUR_MS / 2) {
          agents.get('b')?.child.kill('SIGKILL');
          await agents.get('b')?.exited;
          agents.set('b', lab.agent('b', 'join'));
          warm.delete('b');
        }
        if (passedMs() > WARM_AFTER_MS + HOUR_MS / 2 && warm.size === 0) {
          for (const [name, one] of processes())
            warm.set(name, { megabytes: pssMegabytes(one.child.pid!), files: openFiles(one) });
        }
        await pause(10 * SECOND_MS);
      }
      for (const runId of runs) await lab.finished(runId, 5 * MINUTE_MS);
      for (const [name, one] of processes()) {
        const before = warm.get(name)!;
        expect(pssMegabytes(one.child.pid!), name).toBeLessThan(before.megabytes + GROWTH_MEGABYTES);
        expect(openFiles(one), name).toBeLessThan(before.files + 10);
      }
      const details = [];
      for (const runId of runs) details.push(...(await lab.details(runId)));
      expect(details).toHaveLength(runs.length * WORKS.length);
      expectLedgerAndRecordsAgree(lab, details);
      const states = details.map(({ view }) => view.state);
      expect(states.filter((state) => state === 'succeeded')).toHaveLength(runs.length * 4);
      expect(states.filter((state) => state === 'failed')).toHaveLength(runs.length * 2);
      for (const { view, attempts } of details) {
        expect(attempts).toHaveLength(view.name.endsWith('-5') ? 2 : 1);
        expect(attempts.every(({ usage }) => usage !== null)).toBe(true);
      }
      for (const name of agents.keys()) {
        expect(readdirSync(join(lab.home(name), 'tasks', 'attempts'))).toEqual([]);
      }
      const workers = await lab.remote();
      const [far] = workers;
      expectNoHole(await lab.readingsOf(far!.workerId, 2 * HOUR_MS));
    },
    2 * HOUR_MS,
  );
});
