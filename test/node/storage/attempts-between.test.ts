/** What ran when, as the store answers it: attempts of which some part lies in a range, newest first and bounded. */
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { workerId } from '../../../src/core/fleet/worker.ts';
import type { Attempt } from '../../../src/core/tasks/task.ts';
import type { AttemptQuery } from '../../../src/core/tasks/view.ts';
import { openReadable } from '../../../src/node/storage/connection.ts';
import { RANGES } from '../../../src/node/storage/fleet-tasks-statements.ts';
import { type OpenStorage, openStorage, START_MS, unwrap } from './storage-fixture.ts';
import { anAttempt, aRun, aTask, RIG, records } from './task-records.ts';

const OTHER = workerId('other');

function between(open: OpenStorage, query: Partial<AttemptQuery> = {}) {
  return unwrap(open.storage.attemptsBetween({ fromMs: 0, toMs: START_MS + 1e9, limit: 10_000, ...query }));
}

/** One attempt of a task each, in the order given. */
function withAttempts(...changes: readonly Partial<Attempt>[]): OpenStorage {
  const open = openStorage();
  const tasks = changes.map((_, index) => aTask(index + 1, {}, { name: `task ${index + 1}`, type: 'pytest' }));
  const attempts = changes.map((change, index) => anAttempt(index + 1, 1, change));
  unwrap(open.storage.saveTasks(records({ runs: [aRun()], tasks, attempts })));
  return open;
}

const over = (placedAtMs: number, endedAtMs: number, workerOf = RIG): Partial<Attempt> => {
  return { placedAtMs, startedAtMs: placedAtMs, endedAtMs, state: 'succeeded', workerId: workerOf };
};

describe('attempts in a range', () => {
  test('tell what they are attempts at, where and when', () => {
    const open = withAttempts(over(START_MS + 10, START_MS + 900));
    expect(between(open)).toEqual({
      attempts: [
        {
          attemptId: 'task-00001.1',
          taskId: 'task-00001',
          runName: 'nightly',
          name: 'task 1',
          type: 'pytest',
          number: 1,
          workerId: RIG,
          state: 'succeeded',
          placedAtMs: START_MS + 10,
          startedAtMs: START_MS + 10,
          endedAtMs: START_MS + 900,
        },
      ],
      isCut: false,
      removedWorkers: [],
    });
  });

  test('are all attempts of a task, not only its newest', () => {
    const open = openStorage();
    const attempts = [1, 2].map((number) => anAttempt(1, number, { state: 'lost', endedAtMs: START_MS + number }));
    unwrap(open.storage.saveTasks(records({ runs: [aRun()], tasks: [aTask(1)], attempts })));
    expect(between(open).attempts.map(({ number }) => number)).toEqual([2, 1]);
  });

  test('are those that overlap it, those that are not over first and then by their end', () => {
    const span = fc.record({
      from: fc.integer({ min: 0, max: 100 }),
      lasted: fc.option(fc.integer({ min: 0, max: 60 })),
      isOther: fc.boolean(),
    });
    const asked = fc.record({
      from: fc.integer({ min: 0, max: 100 }),
      long: fc.integer({ min: 1, max: 80 }),
      limit: fc.integer({ min: 1, max: 12 }),
      isOfOther: fc.boolean(),
    });
    const cases = fc.tuple(fc.array(span, { maxLength: 30 }), fc.array(asked, { minLength: 10, maxLength: 10 }));
    const byEnd = (one: number, other: number) => other - one || 0;
    fc.assert(
      fc.property(cases, ([spans, questions]) => {
        const endOf = ({ from, lasted }: (typeof spans)[number]) => (lasted === null ? Infinity : from + lasted);
        const all = spans.map((one) => ({
          ...over(one.from, 0, one.isOther ? OTHER : RIG),
          endedAtMs: one.lasted === null ? null : endOf(one),
        }));
        const open = withAttempts(...all);
        for (const { from, long, limit, isOfOther } of questions) {
          const worker = isOfOther ? { workerId: OTHER } : {};
          const answer = between(open, { fromMs: from, toMs: from + long, limit, ...worker });
          const fitting = spans
            .filter((one) => (!isOfOther || one.isOther) && one.from < from + long && endOf(one) >= from)
            .map(endOf)
            .sort(byEnd);
          const ends = answer.attempts.map(({ endedAtMs }) => endedAtMs ?? Infinity);
          expect(ends).toEqual(fitting.slice(0, limit));
          expect(answer.isCut).toBe(fitting.length > limit);
        }
        open.storage.close();
      }),
      { numRuns: 8 },
    );
  });

  test('name workers that were removed since, and no others', () => {
    const open = withAttempts(over(10, 20), over(10, 20, OTHER));
    const lastSeen = { atMs: 1, address: '', agentVersion: '', platform: '', runsTasks: true };
    const enrolment = { workerId: OTHER, name: 'rig-09', publicKey: 'k', level: 'standard' as const, lastSeen };
    unwrap(open.storage.enrol({ ...enrolment, invitationId: null, dialledAt: null }));
    expect(between(open).removedWorkers).toEqual([]);
    unwrap(open.storage.removeWorker(OTHER));
    expect(between(open).removedWorkers).toEqual([{ workerId: OTHER, name: 'rig-09' }]);
  });

  test.each([0, 10_001, 1.5])('are at most ten thousand: %d are refused', (limit) => {
    const answer = openStorage().storage.attemptsBetween({ fromMs: 0, toMs: 1, limit });
    expect(answer).toMatchObject({ ok: false, error: { code: 'invalid-argument' } });
  });

  test('are found along the index of ends, which also says where they ran', () => {
    const open = openStorage();
    const database = openReadable(join(open.dataDir, 'fleet.db'));
    const planOf = (sql: string) => {
      const rows = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all({ from: 0, to: 1, worker: null, limit: 1 });
      return (rows as readonly { readonly detail: string }[]).map((row) => row.detail);
    };
    expect(planOf(RANGES.open)[0]).toBe('SEARCH a USING INDEX attempts_by_end (ended_at_ms=? AND placed_at_ms<?)');
    expect(planOf(RANGES.ended)[0]).toBe('SEARCH a USING INDEX attempts_by_end (ended_at_ms>?)');
    for (const sql of Object.values(RANGES)) expect(planOf(sql).join('\n')).not.toMatch(/TEMP B-TREE|SCAN/);
    database.close();
  });
});
