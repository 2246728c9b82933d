/** Tasks and runs as people look for them: pages, filters, searches, counts. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { workerId } from '../../../src/core/fleet/worker.ts';
import type { Task, TaskState } from '../../../src/core/tasks/task.ts';
import type { TaskQuery } from '../../../src/core/tasks/view.ts';
import { openReadable } from '../../../src/node/storage/connection.ts';
import { PAGES } from '../../../src/node/storage/fleet-tasks-statements.ts';
import { type OpenStorage, openStorage, START_MS, unwrap } from './storage-fixture.ts';
import { anAttempt, anEndedTask, aRun, aTask, END, RIG, records, runId, USAGE } from './task-records.ts';

const OTHER = workerId('other');

function find(open: OpenStorage, query: Partial<TaskQuery> = {}) {
  return unwrap(open.storage.tasks({ limit: 100, ...query }));
}

const found = (open: OpenStorage, query: Partial<TaskQuery> = {}): readonly number[] =>
  find(open, query).tasks.map((task) => task.sequence);

/** One run of these tasks, sequences from 1. */
function withTasks(...specs: readonly Partial<Task['spec']>[]): OpenStorage {
  const open = openStorage();
  const tasks = specs.map((spec, index) => aTask(index + 1, {}, spec));
  unwrap(open.storage.saveTasks(records({ runs: [aRun()], tasks })));
  return open;
}

describe('a task in a page', () => {
  test('shows what its newest attempt used and wrote, and where', () => {
    const open = openStorage();
    const ended = { startedAtMs: START_MS + 20, endedAtMs: START_MS + 900, state: 'failed', reason: 'exit' } as const;
    const task = aTask(7, { ...ended, message: 'It ended with exit code 1.' }, { type: 'pytest', priority: 60 });
    const attempts = [
      anAttempt(7, 1, { state: 'lost', workerId: OTHER, end: { ...END, outputBytes: 1 } }),
      anAttempt(7, 2, { state: 'failed', end: END, usage: USAGE }),
    ];
    unwrap(open.storage.saveTasks(records({ runs: [aRun()], tasks: [task], attempts })));
    expect(find(open)).toEqual({
      tasks: [
        {
          taskId: task.taskId,
          runId: runId(1),
          runName: 'nightly',
          sequence: 7,
          name: 'unit',
          type: 'pytest',
          priority: 60,
          ...ended,
          message: 'It ended with exit code 1.',
          waitsFor: null,
          workerId: RIG,
          attemptCount: 2,
          submittedAtMs: START_MS,
          usage: USAGE,
          outputBytes: 4_321,
          outlook: null,
        },
      ],
      nextBefore: null,
    });
  });

  test('without an attempt has no worker, no usage, and nothing is known of its output', () => {
    expect(find(withTasks({})).tasks[0]).toMatchObject({
      workerId: null,
      attemptCount: 0,
      usage: null,
      outputBytes: null,
      startedAtMs: null,
    });
  });
});

describe('pages', () => {
  test('are newest first, follow each other without a gap, and say when that was all', () => {
    const open = withTasks(...Array.from({ length: 7 }, () => ({})));
    const first = find(open, { limit: 3 });
    expect(first.tasks.map((task) => task.sequence)).toEqual([7, 6, 5]);
    expect(first.nextBefore).toBe(5);
    unwrap(open.storage.saveTasks(records({ tasks: [aTask(8)] })));
    const second = find(open, { limit: 3, beforeSequence: 5 });
    expect(second).toMatchObject({ tasks: [{ sequence: 4 }, { sequence: 3 }, { sequence: 2 }], nextBefore: 2 });
    expect(find(open, { limit: 3, beforeSequence: 2 })).toMatchObject({ tasks: [{ sequence: 1 }], nextBefore: null });
    expect(find(open, { limit: 1, beforeSequence: 2 }).nextBefore).toBeNull();
  });

  test.each([0, -1, 1.5, 1_001, Number.NaN])('of %d tasks are refused', (limit) => {
    expect(openStorage().storage.tasks({ limit })).toMatchObject({ ok: false, error: { code: 'invalid-argument' } });
  });

  test('are narrowed by run, by states and by worker, in every combination', () => {
    const open = openStorage();
    const states: readonly TaskState[] = ['queued', 'running', 'succeeded', 'failed'];
    const workers = [null, RIG, OTHER];
    const all = Array.from({ length: 48 }, (_, index) => ({
      task: aTask(index + 1, { runId: runId((index % 2) + 1), state: states[index % 4] ?? 'queued' }),
      worker: workers[index % 3] ?? null,
    }));
    const attempts = all.flatMap(({ task, worker }) =>
      // The first was elsewhere; the newest counts.
      worker === null
        ? []
        : [
            anAttempt(task.sequence, 1, { workerId: worker === RIG ? OTHER : RIG, state: 'lost' }),
            anAttempt(task.sequence, 2, { workerId: worker, state: 'lost' }),
            anAttempt(task.sequence, 3, { workerId: worker }),
          ],
    );
    const runs = [aRun(1), aRun(2)];
    unwrap(open.storage.saveTasks(records({ runs, tasks: all.map(({ task }) => task), attempts })));
    for (const run of [undefined, runId(2)]) {
      for (const wanted of [
        undefined,
        ['running'],
        ['failed', 'queued', 'failed'],
        ['queued', 'running'],
        [],
      ] as const) {
        for (const worker of [undefined, RIG]) {
          const query = { runId: run, states: wanted, workerId: worker };
          const expected = all
            .filter(({ task }) => run === undefined || task.runId === run)
            .filter(({ task }) => wanted === undefined || (wanted as readonly TaskState[]).includes(task.state))
            .filter((one) => worker === undefined || one.worker === worker)
            .map(({ task }) => task.sequence)
            .reverse();
          expect(found(open, query), JSON.stringify(query)).toEqual(expected);
          const page = find(open, { ...query, limit: 2, beforeSequence: 30 });
          const before = expected.filter((sequence) => sequence < 30);
          expect(page.tasks.map((task) => task.sequence)).toEqual(before.slice(0, 2));
          expect(page.nextBefore).toBe(before.length > 2 ? before[1] : null);
        }
      }
    }
  });
});

describe('a search', () => {
  test('looks into the names of task and run, the type and the command', () => {
    const open = withTasks({ name: 'bench' }, { type: 'gpu-burn' }, { command: ['python', 'train.py', '--deep'] }, {});
    expect(found(open, { search: 'ENCH' })).toEqual([1]);
    expect(found(open, { search: 'gpu-b' })).toEqual([2]);
    expect(found(open, { search: '--deep' })).toEqual([3]);
    expect(found(open, { search: 'night' })).toEqual([4, 3, 2, 1]);
    expect(found(open, { search: 'none of that' })).toEqual([]);
    expect(found(open, { search: '' })).toHaveLength(4);
    expect(found(open, { search: 'night', states: ['queued'], runId: runId(1), limit: 2 })).toEqual([4, 3]);
  });

  test('knows no case in any script, and no wildcards', () => {
    const open = withTasks(
      { name: 'Größe ΠΡΟΣ' },
      { name: '100% of a_b' },
      { name: 'u\u0308ber' },
      { name: '<b>\n*?[a-z]"\'' },
    );
    expect(found(open, { search: 'GRÖSSE προς' })).toEqual([1]);
    expect(found(open, { search: '0%' })).toEqual([2]);
    expect(found(open, { search: 'a_B' })).toEqual([2]);
    expect(found(open, { search: '%' })).toEqual([2]);
    expect(found(open, { search: 'Über' })).toEqual([3]);
    expect(found(open, { search: '*?[A' })).toEqual([4]);
    expect(found(open, { search: '"\'' })).toEqual([4]);
  });
});

describe('runs', () => {
  test('are newest first, with how many of their tasks are in which state', () => {
    const open = openStorage();
    const runs = [1, 2, 3].map((number) => aRun(number, { submittedAtMs: START_MS + number, name: `run ${number}` }));
    const tasks = [aTask(1), anEndedTask(2), anEndedTask(3), aTask(4, { runId: runId(3) })];
    unwrap(open.storage.saveTasks(records({ runs, tasks })));
    const none = { blocked: 0, queued: 0, placed: 0, running: 0, succeeded: 0, failed: 0, cancelled: 0, parked: 0 };
    const [third, second, first] = unwrap(open.storage.runs(10));
    expect(third).toMatchObject({ name: 'run 3', counts: { ...none, queued: 1 } });
    expect(second).toMatchObject({ name: 'run 2', counts: none });
    expect(first).toEqual({
      runId: runId(1),
      name: 'run 1',
      submittedAtMs: START_MS + 1,
      endedAtMs: null,
      state: 'running',
      counts: { ...none, queued: 1, succeeded: 2 },
    });
    expect(unwrap(open.storage.runs(2)).map((run) => run.name)).toEqual(['run 3', 'run 2']);
  });

  test.each([
    [['succeeded', 'succeeded'], 'succeeded'],
    [['succeeded', 'failed', 'cancelled'], 'failed'],
    [['succeeded', 'cancelled'], 'cancelled'],
    [['failed', 'running'], 'running'],
    [['succeeded', 'placed', 'parked'], 'running'],
    [['parked', 'blocked', 'failed'], 'waiting'],
    [['parked', 'queued'], 'running'],
  ] as const)('of which tasks are %j are %s', (states, expected) => {
    const open = openStorage();
    const tasks = states.map((state, index) => {
      const isOver = state === 'succeeded' || state === 'failed' || state === 'cancelled';
      return aTask(index + 1, { state, endedAtMs: isOver ? START_MS + 100 - index : null });
    });
    unwrap(open.storage.saveTasks(records({ runs: [aRun()], tasks })));
    const isOver = expected !== 'running' && expected !== 'waiting';
    expect(unwrap(open.storage.runs(1))).toMatchObject([
      { state: expected, endedAtMs: isOver ? START_MS + 100 : null },
    ]);
  });
});

test('each way to a page goes along an index and sorts nothing', () => {
  const open = openStorage();
  const database = openReadable(join(open.dataDir, 'fleet.db'));
  const planOf = (sql: string) => {
    const names = [...new Set(sql.match(/\$\w+/g) ?? [])].map((name) => [name.slice(1), null]);
    const rows = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(Object.fromEntries(names));
    return (rows as readonly { readonly detail: string }[]).map((row) => row.detail);
  };
  const first = (sql: string) => planOf(sql)[0];
  expect(first(PAGES.byAge)).toBe('SEARCH t USING INTEGER PRIMARY KEY (rowid<?)');
  expect(first(PAGES.ofRun)).toBe('SEARCH t USING INDEX tasks_of_run (run_id=? AND rowid<?)');
  expect(first(PAGES.inState)).toBe('SEARCH t USING INDEX tasks_by_state (state=? AND rowid<?)');
  expect(first(PAGES.onWorker)).toMatch(
    /^SEARCH held USING COVERING INDEX attempts_of_worker \(worker_id=\? AND sequence<\?\)/,
  );
  for (const sql of Object.values(PAGES)) expect(planOf(sql).join('\n')).not.toMatch(/TEMP B-TREE|SCAN [^j]/);
  database.close();
});
