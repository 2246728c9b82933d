/** What is forgotten, and what is let go from memory. */
import { expect, onTestFinished, test } from 'vitest';
import { ok } from '../../../src/core/result.ts';
import { DEFAULT_SETTINGS } from '../../../src/core/settings/settings.ts';
import type { AttemptId } from '../../../src/core/tasks/task.ts';
import { DAY_MS, HOUR_MS } from '../../../src/core/time.ts';
import type { FilesBound } from '../../../src/engine/ports.ts';
import { createRetention } from '../../../src/engine/tasks/retention.ts';
import { fakeTime } from '../fake-time.ts';
import { settle } from '../memory-link.ts';
import { task, taskDesk, unwrap } from './task-desk.ts';

test('once an hour: records after a year, output and files by their bounds, and never of what is not over', async () => {
  const time = fakeTime();
  const said: unknown[] = [];
  const old = '0000000000.1' as AttemptId;
  const open = '1111111111.1' as AttemptId;
  const bound = ({ notBeforeMs, maxBytes }: FilesBound) => [time.clock.nowMs() - notBeforeMs, maxBytes];
  const retention = createRetention({
    ...time,
    store: {
      async forgetTasksBefore(atMs) {
        said.push(['forget', time.clock.nowMs() - atMs]);
        return ok([old]);
      },
    },
    files: {
      remove: async (ids) => void said.push(['remove', ids]),
      trim: async (output, fetched, kept) => void said.push(['trim', bound(output), bound(fetched), [...kept]]),
      keepTaken: async (sums) => void said.push(['keep', [...sums]]),
    },
    log: { info() {}, warn() {}, error() {} },
    settings: () => ({ ...DEFAULT_SETTINGS, 'retention.fetchedDays': 7 }),
    open: () => ({ files: [{ to: 'a', bytes: 1, sha256: 'ab', isExecutable: false }], attemptIds: [open] }),
  });
  onTestFinished(() => void retention.dispose());
  time.advance(HOUR_MS);
  await settle();
  expect(said).toEqual([
    ['forget', 365 * DAY_MS],
    ['remove', [old]],
    ['trim', [30 * DAY_MS + HOUR_MS - 300_000, 5e9], [7 * DAY_MS + HOUR_MS - 300_000, 10e9], [open]],
    ['keep', ['ab']],
  ]);
  time.advance(HOUR_MS);
  await settle();
  expect(said).toHaveLength(8);
  await retention.dispose();
  expect(time.pending()).toBe(0);
});

test('while the clock cannot be believed nothing goes by its age, only what is too much', async () => {
  const time = fakeTime();
  const said: unknown[] = [];
  const retention = createRetention({
    ...time,
    store: { forgetTasksBefore: async () => ok(null) },
    files: {
      remove: async (ids) => void said.push(['remove', ids]),
      trim: async (output, fetched) => void said.push(['trim', output, fetched]),
      keepTaken: async () => void said.push(['keep']),
    },
    log: { info() {}, warn() {}, error() {} },
    settings: () => DEFAULT_SETTINGS,
    open: () => ({ files: [], attemptIds: [] }),
  });
  onTestFinished(() => void retention.dispose());
  time.advance(HOUR_MS);
  await settle();
  const notBeforeMs = Number.NEGATIVE_INFINITY;
  expect(said).toEqual([['trim', { notBeforeMs, maxBytes: 5e9 }, { notBeforeMs, maxBytes: 10e9 }]]);
});

test('runs that are over leave memory, and are shown from the store', async () => {
  const desk = await taskDesk();
  desk.link();
  const { runId } = await desk.submit([task('unit')]);
  await desk.until(() => {
    desk.agent().step();
    return desk.service().summary().counts.succeeded === 1 && desk.agent().held().length === 0;
  });
  await desk.settle();
  const read: string[] = [];
  const stored = desk.store.runRecords;
  desk.store.runRecords = (ids) => {
    read.push(...ids);
    return stored(ids);
  };
  unwrap(await desk.service().run(runId));
  expect(read).toEqual([]);
  desk.advance(60_000);
  await desk.settle();
  expect(unwrap(await desk.service().run(runId)).state).toBe('succeeded');
  expect(read).toEqual([runId]);
  expect(desk.service().summary().counts.succeeded).toBe(1);
});
