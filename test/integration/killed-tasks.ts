/** A run of tasks on two machines while coordinator and agent are killed at moments that a seed decides. */
import { expect } from 'vitest';
import type { Running } from '../cli/process.ts';
import { expectLedgerAndRecordsAgree, openTaskLab, type TaskLab } from './task-lab.ts';

const TASKS = 10;
const KILLS = 3;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Mulberry32: the same numbers for the same seed. */
function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

async function kill({ child, exited }: Running): Promise<void> {
  child.kill('SIGKILL');
  await exited;
}

/** The agent goes on under its own trust, without a code. */
function goOn(lab: TaskLab): Running {
  return lab.agent('rig-a', 'join');
}

/** Every task ends once, with its output, and ran as often as its record says. */
export async function expectTasksToSurviveKills(seed: number): Promise<void> {
  const random = numbersFrom(seed);
  const lab = await openTaskLab();
  let agent = await lab.worker('rig-a', '--max-parallel', '2');
  await lab.call('workers.label', { worker: 'rig-a', changes: [{ key: 'rack', value: 'b' }] });
  const tasks = Array.from({ length: TASKS }, (_, number) => {
    const seconds = (0.05 + random() * 1.5).toFixed(2);
    const after = number >= 2 && random() < 0.3 ? [`t${Math.floor(random() * (number - 1))}`] : [];
    return {
      name: `t${number}`,
      command: lab.noted(`sleep ${seconds}; echo out${number}`),
      shell: true,
      after,
      needs: { cores: 0.1, labels: number % 3 === 0 ? {} : { rack: 'b' } },
    };
  });
  const run = await lab.submit({ name: `seed ${seed}`, tasks });
  for (let killed = 0; killed < KILLS; killed += 1) {
    await pause(200 + random() * 1_200);
    const target = random();
    if (target < 0.7) await kill(agent);
    if (target > 0.35) await kill(lab.headless());
    await pause(random() * 1_500);
    if (target > 0.35) await lab.start();
    if (target < 0.7) agent = goOn(lab);
  }
  const ended = await lab.finished(run.runId, 90_000);
  expect(ended.counts).toMatchObject({ succeeded: TASKS, failed: 0, cancelled: 0, parked: 0 });
  const details = await lab.details(run.runId);
  expectLedgerAndRecordsAgree(lab, details);
  for (const [number, { view, attempts }] of details.entries()) {
    expect(attempts.filter(({ state }) => state === 'succeeded')).toHaveLength(1);
    expect(await lab.output(view.taskId)).toBe(`out${number}\n`);
  }
}
