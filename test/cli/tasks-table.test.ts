import { describe, expect, test } from 'vitest';
import { taskLines } from '../../src/cli/task-lines.ts';
import { runsLines, tasksLines } from '../../src/cli/tasks-table.ts';
import { workerId } from '../../src/core/fleet/worker.ts';
import type { TaskDetail } from '../../src/core/tasks/view.ts';
import { aRunView, aTaskView } from '../support/task-views.ts';
import { anAttempt, anEnd, aRun, aTask, aUsage, GIB, SUBMITTED_MS, someNeeds } from '../support/tasks.ts';

const RIG = workerId('w-1');
const HOSTILE = 'x\u001b]0;owned\u0007\u202e\n';

function nameOf(id: string): string {
  return id === RIG ? 'rig-03' : 'a removed worker';
}

function spaced(lines: readonly string[]): readonly string[] {
  return lines.map((line) => line.replaceAll('\u00a0', ' '));
}

/** A task whose second attempt failed, with everything that can be said of it. */
function detail(): TaskDetail {
  const spec = {
    name: 'bench',
    command: ['python', 'bench.py', '--name', 'it’s one', "it's"],
    env: { SEED: '7', TOKEN: 'secret' },
    bring: [{ from: './data.bin', to: 'data.bin' }],
    fetch: ['out/*.json'],
    needs: someNeeds({
      cores: 2,
      memoryBytes: 2 * GIB,
      gpus: 1,
      gpuMemoryBytes: 8 * GIB,
      capabilities: ['cuda>=12'],
      labels: { rack: 'b' },
    }),
    timeoutMs: 600_000,
    retries: 1,
    group: 'licence',
    groupLimit: 2,
  };
  const times = { startedAtMs: SUBMITTED_MS + 1_000, endedAtMs: SUBMITTED_MS + 4_000 };
  const message = 'Exit 1 after 3 s.';
  return {
    view: aTaskView({ name: 'bench', state: 'failed', reason: 'exit', message, ...times }),
    task: aTask(1, spec, { state: 'failed', reason: 'exit', message, ...times }),
    run: aRun(),
    attempts: [
      anAttempt({ workerId: workerId('w-9'), state: 'lost' }),
      anAttempt({
        number: 2,
        workerId: RIG,
        state: 'failed',
        ...times,
        end: anEnd({
          exitCode: 1,
          outputBytes: 3 * 2 ** 20,
          outputDroppedBytes: 2 ** 20,
          orphansEnded: 2,
          files: [{ path: 'out/a.json', bytes: 100, sha256: '' }],
          filesLeft: ['out/b.json is larger than 256 MiB.'],
        }),
        usage: aUsage({ cpuSeconds: 2.5, memoryPeakBytes: GIB }),
      }),
    ],
  };
}

describe('the table of tasks', () => {
  test('says of each where it stands, where it ran and what came of it', () => {
    const nowMs = SUBMITTED_MS + 10_000;
    const tasks = [
      aTaskView({ state: 'queued', waitsFor: 'rig-03 is busy: 4 cores are asked for, 1 is free.' }),
      aTaskView({ name: 'bench', state: 'running', workerId: RIG, attemptCount: 1, startedAtMs: SUBMITTED_MS }),
      aTaskView({
        state: 'succeeded',
        workerId: workerId('w-9'),
        attemptCount: 2,
        startedAtMs: SUBMITTED_MS,
        endedAtMs: nowMs,
      }),
    ];
    expect(spaced(tasksLines(tasks, nameOf, nowMs))).toEqual([
      'ID          STATE      TASK   RUN      WORKER            ATTEMPTS  OUTCOME',
      't000000001  queued     unit   nightly  –                 0         rig-03 is busy: 4 cores are asked for, 1 is free.',
      't000000001  running    bench  nightly  rig-03            1         running for 10 s',
      't000000001  succeeded  unit   nightly  a removed worker  2         succeeded after 10 s',
    ]);
    expect(tasksLines([], nameOf, nowMs)).toEqual(['No tasks fit. `labwatch submit PLAN.json` submits some.']);
  });

  test('of runs says how many of its tasks are in which state', () => {
    const run = aRunView({ succeeded: 38, failed: 2 }, { state: 'failed', endedAtMs: SUBMITTED_MS + 90_000 });
    const [head, line] = spaced(runsLines([run], SUBMITTED_MS + 10 ** 6));
    expect(head).toMatch(/^ID {10}STATE {3}RUN {6}SUBMITTED +TOOK +TASKS$/);
    expect(line).toMatch(
      /^r000000001 {2}failed {2}nightly {2}\d{4}-\d\d-\d\d \S{8} {2}1 min 30 s {2}38 succeeded, 2 failed$/,
    );
    expect(runsLines([], 0)).toEqual(['No runs yet. `labwatch submit PLAN.json` submits one.']);
  });
});

describe('the lines of one task', () => {
  test('say what was asked for and what came of each attempt', () => {
    const lines = spaced(taskLines(detail(), nameOf, SUBMITTED_MS));
    const said = lines.map((line) => line.trim().replace(/ {2,}/g, ': '));
    expect(said).toEqual(
      expect.arrayContaining([
        'Task: bench',
        'State: failed: Exit 1 after 3 s.',
        'Run: nightly (r000000001)',
        `Command: python bench.py --name 'it’s one' 'it'\\''s'`,
        'Folder: a fresh scratch folder',
        'Variables: SEED, TOKEN',
        'Needs: 2 cores, 2 GiB of memory, 1 GPU (8 GiB each), cuda>=12, rack=b',
        'Brings: ./data.bin as data.bin',
        'Fetches: out/*.json',
        'Time limit: 10 min',
        'Retries: 1',
        'Group: licence, at most 2 at once',
        'Attempt 1: lost: nothing more was heard from a removed worker',
        'Attempt 2: exit 1 after 3 s',
        'Where: rig-03',
        'Used: 2.5 s of CPU, 1 GiB of memory at most',
        'Wrote: 3 MiB of output; the first 1 MiB were not kept',
        'Fetched: out/a.json, 100 B',
        'Not fetched: out/b.json is larger than 256 MiB.',
        'Left over: 2 processes that outlived the command were ended',
      ]),
    );
    expect(lines.join('\n')).not.toContain('secret');
  });

  test('leave out what nobody asked for', () => {
    const shell = aTask(1, { isShell: true, command: ['make | tee log'], cwd: '/srv/app' });
    const lines = taskLines({ view: aTaskView(), task: shell, run: aRun(), attempts: [] }, nameOf, SUBMITTED_MS);
    const titles = lines.map((line) => line.split(/ {2,}/)[0]);
    expect(titles).toEqual(['Task', 'State', 'Id', 'Run', 'Submitted', 'Command', 'Folder', 'Needs', 'Priority']);
    expect(lines.join('\n')).toContain('make | tee log');
  });
});

test('nothing of a task makes a terminal do anything', () => {
  const { view, task, run, attempts } = detail();
  const hostile = {
    view: { ...view, name: HOSTILE, message: HOSTILE },
    task: {
      ...task,
      spec: { ...task.spec, name: HOSTILE, command: [HOSTILE], type: HOSTILE, env: { [HOSTILE]: HOSTILE } },
    },
    run: { ...run, name: HOSTILE },
    attempts: attempts.map((attempt) => ({ ...attempt, placement: HOSTILE })),
  };
  const lines = [
    ...taskLines(hostile, () => HOSTILE, 0),
    ...tasksLines([{ ...hostile.view, runName: HOSTILE, workerId: RIG }], () => HOSTILE, 0),
    ...runsLines([aRunView({}, { name: HOSTILE })], 0),
  ];
  for (const line of lines) expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});

describe('what is expected of a task', () => {
  const outlook = {
    duration: { basis: 'command' as const, samples: 17, p5: 38_000, p50: 42_000, p90: 55_000, p95: 60_000 },
    place: 3,
    startsAtMs: SUBMITTED_MS + 720_000,
    endsAtMs: SUBMITTED_MS + 762_000,
    keptOn: null,
  };

  test('stands in the table beside what it waits for, and with what it rests on where one task is shown', () => {
    const view = aTaskView({ state: 'queued', waitsFor: 'rig-03 is busy.', outlook });
    const [, row = ''] = spaced(tasksLines([view], nameOf, SUBMITTED_MS));
    expect(row).toContain('rig-03 is busy; place 3 in the queue, begins in about 12 min');
    const shown = spaced(taskLines({ ...detail(), view, attempts: [] }, nameOf, SUBMITTED_MS)).join('\n');
    expect(shown).toContain('p50 42 s (38 s to 1 min) from 17 runs of this command.');
  });

  test('of one that runs is when it ends', () => {
    const ends = { ...outlook, place: null, startsAtMs: null, endsAtMs: SUBMITTED_MS + 40_000 };
    const view = aTaskView({ state: 'running', startedAtMs: SUBMITTED_MS - 2_000, outlook: ends });
    expect(spaced(tasksLines([view], nameOf, SUBMITTED_MS)).at(-1)).toContain('running for 2 s; ends in about 40 s');
  });
});
