/** Runs, tasks and attempts: what was saved is what is there, whole, after any end of the process. */
import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TASK_STATES, type TaskId, type TaskRecords } from '../../../src/core/tasks/task.ts';
import { openReadable } from '../../../src/node/storage/connection.ts';
import { anExplanation } from '../../support/explanations.ts';
import { type OpenStorage, openStorage, START_MS, temporaryFolder, unwrap } from './storage-fixture.ts';
import { anAttempt, anEndedTask, aRun, aTask, END, RIG, records, runId, taskId, USAGE } from './task-records.ts';

const DAY_MS = 86_400_000;

function save(open: OpenStorage, change: Partial<TaskRecords>): void {
  unwrap(open.storage.saveTasks(records(change)));
}

function reopened(open: OpenStorage): OpenStorage {
  open.storage.close();
  return openStorage({ dataDir: open.dataDir, clock: open.clock });
}

const openRecords = (open: OpenStorage): TaskRecords => unwrap(open.storage.openTasks());

describe('tasks that are saved', () => {
  test('are there after a restart, every field of them', () => {
    const open = openStorage();
    const run = aRun(1, { name: '<i>nightly</i>\n', maxParallel: 4, onFailure: 'stop' });
    const task = aTask(
      1,
      {
        state: 'running',
        message: 'It waits for "rig".',
        retriesLeft: 2,
        startedAtMs: START_MS + 20,
        files: [{ to: 'a/b', bytes: 3, sha256: 'cd', isExecutable: true }],
      },
      {
        env: { TERM: 'dumb' },
        stdin: 'a\0b',
        after: ['other'],
        needs: { ...aTask(1).spec.needs, labels: { rack: 'b' } },
      },
    );
    const attempts = [
      anAttempt(1, 1, { state: 'lost', endedAtMs: START_MS + 500, end: END, usage: USAGE, isCancelRequested: true }),
      anAttempt(1, 2),
    ];
    save(open, { runs: [run], tasks: [task], attempts });
    expect(openRecords(reopened(open))).toEqual({ runs: [run], tasks: [task], attempts });
  });

  test('come back as they were, whatever they hold and however often they are saved', () => {
    const open = openStorage();
    const text = fc.string({ unit: 'grapheme', maxLength: 20 });
    const atMs = fc.option(fc.integer({ min: 0, max: 2 ** 42 }));
    let sequence = 0;
    save(open, { runs: [aRun()] });
    fc.assert(
      fc.property(
        fc.record({
          name: text,
          command: fc.array(text, { minLength: 1, maxLength: 3 }),
          env: fc.dictionary(text, text, { maxKeys: 3 }),
          priority: fc.double({ min: 0, max: 100, noNaN: true }),
        }),
        fc.array(
          fc.record({
            state: fc.constantFrom(...TASK_STATES),
            message: fc.option(text),
            retriesLeft: fc.nat(9),
            startedAtMs: atMs,
            endedAtMs: atMs,
          }),
          { minLength: 1, maxLength: 4 },
        ),
        (spec, moves) => {
          sequence += 1;
          for (const move of moves) save(open, { tasks: [aTask(sequence, move, spec)] });
          const kept = unwrap(open.storage.runRecordsOf([taskId(sequence)])).tasks.at(-1);
          expect(kept).toEqual(aTask(sequence, moves.at(-1), JSON.parse(JSON.stringify(spec))));
        },
      ),
      { numRuns: 60 },
    );
  });

  test('are saved whole or not at all', () => {
    const open = openStorage();
    save(open, { runs: [aRun()], tasks: [aTask(1)] });
    const moved = aTask(1, { state: 'placed' });
    // An attempt at a task that nobody has saved.
    expect(open.storage.saveTasks(records({ tasks: [moved], attempts: [anAttempt(1), anAttempt(9)] }))).toMatchObject({
      ok: false,
      error: { code: 'internal' },
    });
    expect(openRecords(open)).toEqual(records({ runs: [aRun()], tasks: [aTask(1)] }));
    save(open, { tasks: [moved], attempts: [anAttempt(1)] });
    expect(openRecords(open).attempts).toEqual([anAttempt(1)]);
  });

  test('together share a transaction, and one that cannot be kept harms no other', () => {
    const open = openStorage();
    save(open, { runs: [aRun()] });
    const answers = open.storage.saveTogether([
      records({ tasks: [aTask(1)] }),
      records({ tasks: [aTask(2)], attempts: [anAttempt(7)] }),
      records({ tasks: [aTask(1, { state: 'placed' }), aTask(3)] }),
    ]);
    expect(answers.map((answer) => answer.ok)).toEqual([true, false, true]);
    expect(openRecords(open).tasks).toEqual([aTask(1, { state: 'placed' }), aTask(3)]);
  });

  test('carry times to the millisecond, also those of clocks that were measured', () => {
    const open = openStorage();
    save(open, { runs: [aRun()], tasks: [aTask(1, { startedAtMs: START_MS + 0.4 })] });
    expect(openRecords(open).tasks[0]?.startedAtMs).toBe(START_MS);
  });
});

describe('open tasks', () => {
  test('are those of whole runs in which anything is not over or waits for a person', () => {
    const open = openStorage();
    const runs = [1, 2, 3, 4].map((number) => aRun(number));
    const tasks = [
      anEndedTask(1, { runId: runId(1) }),
      anEndedTask(2, { runId: runId(2) }),
      aTask(3, { runId: runId(2), state: 'blocked' }),
      anEndedTask(4, { runId: runId(3), state: 'failed', reason: 'exit' }),
      aTask(5, { runId: runId(4), state: 'parked' }),
    ];
    save(open, { runs, tasks, attempts: [1, 2, 4].map((sequence) => anAttempt(sequence)) });
    const kept = openRecords(open);
    expect(kept.runs.map((run) => run.runId).toSorted()).toEqual([runId(2), runId(4)]);
    expect(kept.tasks.map((task) => task.sequence).toSorted()).toEqual([2, 3, 5]);
    expect(kept.attempts).toEqual([anAttempt(2)]);
  });
});

describe('records', () => {
  test('of runs are found by their ids and by their tasks’, each once, unknown ones left out', () => {
    const open = openStorage();
    save(open, {
      runs: [aRun(1), aRun(2)],
      tasks: [aTask(1), aTask(2), anEndedTask(3, { runId: runId(2) })],
      attempts: [anAttempt(2), anAttempt(3)],
    });
    const second = records({ runs: [aRun(2)], tasks: [anEndedTask(3, { runId: runId(2) })], attempts: [anAttempt(3)] });
    expect(unwrap(open.storage.runRecords([runId(2), runId(9), runId(2)]))).toEqual(second);
    expect(unwrap(open.storage.runRecordsOf([taskId(3), 'no such one' as TaskId]))).toEqual(second);
    const byTasks = unwrap(open.storage.runRecordsOf([taskId(1), taskId(2)]));
    expect(byTasks).toEqual(unwrap(open.storage.runRecords([runId(1)])));
    expect(byTasks.tasks).toHaveLength(2);
  });

  test('are found by the beginning of an id, in any case, ten at most', () => {
    const open = openStorage();
    const tasks = Array.from({ length: 23 }, (_, index) => aTask(index + 1));
    save(open, { runs: [aRun(1), aRun(12)], tasks });
    expect(unwrap(open.storage.findTaskIds('TASK-0002'))).toEqual([20, 21, 22, 23].map(taskId));
    expect(unwrap(open.storage.findTaskIds('task-00007'))).toEqual([taskId(7)]);
    expect(unwrap(open.storage.findTaskIds('task'))).toHaveLength(10);
    expect(unwrap(open.storage.findTaskIds('tas%'))).toEqual([]);
    expect(unwrap(open.storage.findRunIds('run-00001'))).toEqual([runId(12)]);
    expect(open.storage.findTaskIds('tas')).toMatchObject({ ok: false, error: { code: 'invalid-argument' } });
  });
});

describe('the last sequence', () => {
  test('is the greatest ever given, also of tasks that are forgotten', () => {
    let open = openStorage();
    expect(unwrap(open.storage.lastTaskSequence())).toBe(0);
    save(open, { runs: [aRun()], tasks: [anEndedTask(5), anEndedTask(3)] });
    expect(unwrap(open.storage.lastTaskSequence())).toBe(5);
    unwrap(open.storage.forgetTasksBefore(START_MS + DAY_MS));
    open = reopened(open);
    expect(unwrap(open.storage.runs(10))).toEqual([]);
    expect(unwrap(open.storage.lastTaskSequence())).toBe(5);
  });
});

describe('tasks that are forgotten', () => {
  test('go by whole runs that were over before, and their attempts are told', () => {
    const open = openStorage();
    const cutMs = START_MS + DAY_MS;
    save(open, {
      runs: [1, 2, 3, 4].map((number) => aRun(number)),
      tasks: [
        anEndedTask(1, { endedAtMs: cutMs - 1 }),
        anEndedTask(2, { runId: runId(2) }),
        anEndedTask(3, { runId: runId(2), endedAtMs: cutMs }),
        anEndedTask(4, { runId: runId(3) }),
        aTask(5, { runId: runId(3), state: 'parked' }),
        anEndedTask(6, { runId: runId(4), state: 'cancelled', startedAtMs: null }),
      ],
      attempts: [anAttempt(1, 1), anAttempt(1, 2), anAttempt(2), anAttempt(4)],
    });
    expect(unwrap(open.storage.forgetTasksBefore(cutMs))?.toSorted()).toEqual([`${taskId(1)}.1`, `${taskId(1)}.2`]);
    expect(
      unwrap(open.storage.runs(10))
        .map((run) => run.runId)
        .toSorted(),
    ).toEqual([runId(2), runId(3)]);
    const database = openReadable(join(open.dataDir, 'fleet.db'));
    const count = (table: string) => database.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
    expect(['tasks', 'task_specs', 'attempts'].map(count)).toEqual([4, 4, 2]);
    database.close();
    expect(unwrap(open.storage.forgetTasksBefore(cutMs))).toEqual([]);
  });
});

describe('why an attempt is where it is', () => {
  const explanation = anExplanation({ others: [anExplanation().chosen], rejected: [{ filter: 'critical', count: 3 }] });

  test('is kept at length, whatever becomes of the attempt, and goes with its run', () => {
    const open = openStorage();
    const attempt = anAttempt(1, 1, { explanation, state: 'placed' });
    save(open, { runs: [aRun()], tasks: [aTask(1)], attempts: [attempt] });
    const ended = { ...attempt, state: 'succeeded', end: END, endedAtMs: START_MS + 1_000 } as const;
    save(open, { tasks: [anEndedTask(1)], attempts: [ended] });
    const again = reopened(open);
    expect(unwrap(again.storage.runRecords([runId(1)])).attempts).toEqual([ended]);
    unwrap(again.storage.forgetTasksBefore(START_MS + 2_000));
    const database = openReadable(join(again.dataDir, 'fleet.db'));
    expect(database.prepare('SELECT count(*) FROM placement_explanations').pluck().get()).toBe(0);
    database.close();
  });

  test('is not known of what an older Labwatch placed', () => {
    const open = openStorage();
    save(open, { runs: [aRun()], tasks: [aTask(1, { state: 'running' })], attempts: [anAttempt(1)] });
    expect(openRecords(reopened(open)).attempts[0]?.explanation).toBeNull();
  });
});

test('attempts that are over come back with what was asked for, those that ended last, in the order of their ends', () => {
  const open = openStorage();
  const endedAt = (sequence: number, endedAtMs: number) =>
    anAttempt(sequence, 1, { state: 'failed', end: END, usage: USAGE, endedAtMs: START_MS + endedAtMs });
  save(open, {
    runs: [aRun()],
    tasks: [aTask(1), aTask(2), aTask(3, {}, { type: 'pytest' }), aTask(4)],
    attempts: [endedAt(1, 300), endedAt(2, 100), endedAt(3, 200), anAttempt(4)],
  });
  const ended = unwrap(open.storage.endedAttempts(2));
  expect(ended.map(({ endedAtMs }) => endedAtMs)).toEqual([START_MS + 200, START_MS + 300]);
  expect(ended[0]).toMatchObject({ workerId: RIG, state: 'failed', end: END, usage: USAGE, spec: { type: 'pytest' } });
  expect(open.storage.endedAttempts(0)).toMatchObject({ ok: false, error: { code: 'invalid-argument' } });
});

describe('while they could not be kept', () => {
  test('tasks are refused with a sentence, and those there are can be read: the folder is a newer Labwatch’s', () => {
    const open = openStorage();
    save(open, { runs: [aRun()], tasks: [aTask(1)] });
    open.storage.close();
    const path = join(open.dataDir, 'fleet.db');
    const bytes = readFileSync(path);
    // The header's user_version (sqlite.org/fileformat2.html, 1.3).
    bytes.writeUInt32BE(9_000, 60);
    writeFileSync(path, bytes);
    const later = openStorage({ dataDir: open.dataDir });
    for (const answer of [
      later.storage.saveTasks(records({ tasks: [aTask(2)] })),
      later.storage.forgetTasksBefore(START_MS),
      later.storage.saveAdmission(later.opened.localWorker.workerId, 'paused'),
    ]) {
      expect(answer).toMatchObject({
        ok: false,
        error: { code: 'read-only', message: expect.stringMatching(/newer Labwatch/) },
      });
    }
    expect(openRecords(later).tasks).toEqual([aTask(1)]);
  });

  test('tasks are refused: there is no folder to keep them in', () => {
    const dataDir = join(temporaryFolder(), 'file');
    writeFileSync(dataDir, '');
    const { storage } = openStorage({ dataDir });
    expect(storage.saveTasks(records({ runs: [aRun()], tasks: [aTask(1)] }))).toMatchObject({
      ok: false,
      error: { code: 'storage', message: expect.stringMatching(/cannot be written now, so tasks/) },
    });
    expect(unwrap(storage.tasks({ limit: 10 })).tasks).toEqual([]);
  });
});

describe('the daily backup', () => {
  test('covers tasks: a torn fleet.db comes back with those of the backup', () => {
    const open = openStorage();
    save(open, { runs: [aRun()], tasks: [aTask(1)], attempts: [anAttempt(1)] });
    unwrap(open.storage.saveAdmission(open.opened.localWorker.workerId, 'draining'));
    open.settle();
    expect(readdirSync(join(open.dataDir, 'backups'))).toEqual(['fleet-2026-03-03.db']);
    open.storage.close();
    truncateSync(join(open.dataDir, 'fleet.db'), 6_000);
    const restored = openStorage({ dataDir: open.dataDir, clock: open.clock });
    expect(restored.opened.notices).toMatchObject([{ kind: 'fleet-restored' }]);
    expect(openRecords(restored)).toEqual(records({ runs: [aRun()], tasks: [aTask(1)], attempts: [anAttempt(1)] }));
    expect(restored.opened.localWorker.admission).toBe('draining');
    save(restored, { tasks: [aTask(2)] });
    expect(unwrap(restored.storage.lastTaskSequence())).toBe(2);
  });
});

describe('whether a worker takes new tasks', () => {
  test('is open at first, and kept over restarts, for this machine as well', () => {
    let open = openStorage();
    const { workerId } = open.opened.localWorker;
    expect(open.opened.localWorker.admission).toBe('open');
    for (const admission of ['paused', 'draining', 'open'] as const) {
      unwrap(open.storage.saveAdmission(workerId, admission));
      open = reopened(open);
      expect(open.opened.localWorker.admission).toBe(admission);
      expect(open.opened.workers[0]?.admission).toBe(admission);
    }
    expect(open.storage.saveAdmission(RIG, 'paused')).toMatchObject({ ok: false, error: { code: 'not-found' } });
  });
});

describe('attempts that succeeded', () => {
  test('are told again page by page, as far as they teach what to expect, the newest that are asked for', () => {
    const open = openStorage();
    const tasks = [1, 2, 3, 4].map((number) => aTask(number, {}, { command: ['make', `${number}`], type: 'build' }));
    const long = aTask(5, {}, { command: ['x'.repeat(5_000)] });
    const attempts = [
      anAttempt(1, 1, { state: 'succeeded', startedAtMs: START_MS, endedAtMs: START_MS + 500, usage: USAGE }),
      anAttempt(2, 1, { state: 'failed' }),
      anAttempt(3, 1, { state: 'lost' }),
      anAttempt(3, 2, { state: 'succeeded' }),
      anAttempt(4, 1, { state: 'running' }),
      anAttempt(5, 1, { state: 'succeeded' }),
    ];
    save(open, { runs: [aRun()], tasks: [...tasks, long], attempts });
    const again = reopened(open);
    const first = unwrap(again.storage.pastAttempts(0, 1));
    const { command, isShell, type, needs } = tasks[0]!.spec;
    expect(first).toEqual({
      attempts: [
        {
          workerId: RIG,
          startedAtMs: START_MS,
          endedAtMs: START_MS + 500,
          usage: USAGE,
          spec: { command, isShell, type, needs },
        },
      ],
      nextAfter: 1,
    });
    const second = unwrap(again.storage.pastAttempts(1, 10));
    expect(second.attempts.map(({ spec }) => spec.command)).toEqual([['make', '3']]);
    expect(second.nextAfter).toBeNull();
    expect(again.storage.pastAttempts(0, 0)).toMatchObject({ error: { code: 'invalid-argument' } });
  });
});
