/** A lab that runs tasks: plans in, results out, and a ledger that the tasks themselves keep of when they really ran. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { RunId } from '../../src/core/tasks/task.ts';
import type { RunView, TaskDetail } from '../../src/core/tasks/view.ts';
import type { Running } from '../cli/process.ts';
import { isLive, type Lab, openLab } from './lab.ts';

export interface TaskLab extends Lab {
  /** An agent that runs tasks, live and known with its capabilities. */
  worker(name: string, ...words: readonly string[]): Promise<Running>;
  submit(plan: unknown, folder?: string): Promise<RunView>;
  /** The run once nothing of it is left to do. */
  finished(runId: RunId, timeoutMs?: number): Promise<RunView>;
  /** Every task of the run with its attempts, in the order of the plan. */
  details(runId: RunId): Promise<readonly TaskDetail[]>;
  output(taskId: string): Promise<string>;
  /** A shell command that writes its attempt into the ledger before and after `work`. */
  noted(work: string): string;
  /** What the tasks wrote: `begin ATTEMPT` and `end ATTEMPT`, in order. */
  ledger(): readonly string[];
}

export async function openTaskLab(command?: Parameters<typeof openLab>[0]): Promise<TaskLab> {
  const lab = await openLab(command);
  // All agents run on this machine, which the tests themselves keep busy.
  await lab.call('settings.set', { key: 'scheduling.heedsOtherLoad', value: false });
  const ledgerFile = join(lab.folder, 'ledger');
  writeFileSync(ledgerFile, '');

  const submit: TaskLab['submit'] = (plan, folder) =>
    lab.call('tasks.submit', { plan: JSON.stringify(plan), folder: folder ?? null });

  return {
    ...lab,
    submit,
    async worker(name, ...words) {
      const agent = lab.agent(name, 'join', await lab.invite(), '--name', name, '--run-tasks', ...words);
      await expect
        .poll(
          async () => {
            const found = (await lab.remote()).find((one) => one.name === name);
            return found !== undefined && isLive(found) && found.runsTasks && found.capabilities.length > 0;
          },
          { timeout: 60_000 },
        )
        .toBe(true);
      return agent;
    },
    async finished(runId, timeoutMs = 60_000) {
      let run: RunView | undefined;
      await expect
        .poll(
          async () => {
            run = await lab.call('run.show', { run: runId });
            return run.endedAtMs !== null || run.state === 'waiting';
          },
          { timeout: timeoutMs },
        )
        .toBe(true);
      return run!;
    },
    async details(runId) {
      const { tasks } = await lab.call('tasks.find', { query: { runId, limit: 200 } });
      const details = [];
      for (const { taskId } of tasks.toReversed()) details.push(await lab.call('task.show', { task: taskId }));
      return details;
    },
    async output(taskId) {
      const { data } = await lab.call('task.output', { task: taskId, attempt: null, offset: 0 });
      return Buffer.from(data, 'base64').toString();
    },
    noted: (work) =>
      `echo "begin $LABWATCH_ATTEMPT" >> '${ledgerFile}'; ${work}; code=$?; echo "end $LABWATCH_ATTEMPT" >> '${ledgerFile}'; exit $code`,
    ledger: () => (existsSync(ledgerFile) ? readFileSync(ledgerFile, 'utf8').split('\n').filter(Boolean) : []),
  };
}

/** Each attempt that began by the ledger is in the records, and none began twice. */
export function expectLedgerAndRecordsAgree(lab: TaskLab, details: readonly TaskDetail[]): void {
  const begun = lab.ledger().filter((line) => line.startsWith('begin '));
  expect(new Set(begun).size).toBe(begun.length);
  const known = new Set(details.flatMap(({ attempts }) => attempts.map(({ attemptId }) => `begin ${attemptId}`)));
  expect(begun.filter((line) => !known.has(line))).toEqual([]);
}
