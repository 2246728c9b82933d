/**
 * A full disk and a folder that may not be written: Labwatch goes on in memory, says so, and stores it all when it can.
 *
 * Each test mounts a small file system of its own, which takes root on Linux; without it the tests fail and say so.
 */
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { openWritable } from '../../../src/node/storage/connection.ts';
import { migrate } from '../../../src/node/storage/migrations/migration.ts';
import { FLEET_SCHEMA } from '../../../src/node/storage/migrations/schemas.ts';
import { fillUp, mount, smallDisk } from './small-disk.ts';
import {
  CPU,
  MEMORY,
  type OpenStorage,
  openStorage,
  START_MS,
  ticksEachSecond,
  unwrap,
  WORKER,
} from './storage-fixture.ts';
import { aRun, aTask, records } from './task-records.ts';

const request = {
  workerId: WORKER,
  seriesKeys: [CPU, MEMORY],
  fromMs: START_MS,
  toMs: START_MS + 5_000_000,
  maxPoints: 5_000,
};

function valuesOf(open: OpenStorage): readonly number[] {
  return [...(unwrap(open.storage.history(request)).series[0]?.mean ?? [])];
}

/** Deliveries of a minute each, from minute `first` on, until `end` or until `isEnough`. Returns the minute it came to. */
function appendMinutes(open: OpenStorage, first: number, end: number, isEnough = () => false): number {
  let minute = first;
  for (; minute < end && !isEnough(); minute += 1) {
    open.append({ ticks: ticksEachSecond(START_MS + minute * 60_000, 60, (second) => second / 60) });
  }
  return minute;
}

const isMemoryOnly = (open: OpenStorage) => (): boolean =>
  open.notices().some((notice) => notice.kind === 'memory-only');

describe('a disk that fills up', () => {
  test('loses nothing: what does not fit is kept in memory, seen by reads, and stored when there is room', () => {
    const dataDir = smallDisk(900);
    const open = openStorage({ dataDir });
    fillUp(dataDir);
    const filled = appendMinutes(open, 0, 80, isMemoryOnly(open));
    expect(open.notices()).toMatchObject([{ kind: 'memory-only', reason: 'The disk is full.' }]);
    const end = appendMinutes(open, filled, filled + 10);
    expect(valuesOf(open)).toHaveLength(end * 60);
    expect(unwrap(open.storage.usage()).sampleCount).toBe(end * 60 * 2);

    open.clock.advance(2_000);
    open.settle();
    expect(isMemoryOnly(open)()).toBe(true);
    expect(valuesOf(open)).toHaveLength(end * 60);

    mount(['-o', 'remount,size=20000k', dataDir]);
    open.clock.advance(2_000);
    open.settle();
    expect(open.notices()).toEqual([]);
    const before = valuesOf(open);
    appendMinutes(open, end, end + 1);
    open.storage.close();

    const again = openStorage({ dataDir });
    expect(valuesOf(again)).toHaveLength((end + 1) * 60);
    expect(valuesOf(again).slice(0, end * 60)).toEqual(before);
    expect(valuesOf(again).slice(0, 60)).toEqual(
      Array.from({ length: 60 }, (_, second) => Number((second / 60).toFixed(4))),
    );
  });

  test('says that a setting could not be kept, and keeps the one before', () => {
    const dataDir = smallDisk(700);
    const open = openStorage({ dataDir });
    unwrap(open.storage.saveSetting('level', 'basic'));
    fillUp(dataDir);
    let result = open.storage.saveUiState({ note: '' });
    for (let size = 1; result.ok && size < 20; size += 1)
      result = open.storage.saveUiState({ note: 'x'.repeat(size * 50_000) });
    expect(result).toMatchObject({ ok: false, error: { code: 'disk-full' } });
    const setting = open.storage.saveSetting('level', 'intensive');
    expect(open.storage.open()).toMatchObject({ value: { settings: { level: setting.ok ? 'intensive' : 'basic' } } });
  });

  test('takes no task that it could not keep, says so, and goes on with those it has', () => {
    const dataDir = smallDisk(900);
    const open = openStorage({ dataDir });
    unwrap(open.storage.saveTasks(records({ runs: [aRun()], tasks: [aTask(1)] })));
    fillUp(dataDir);
    let saved = 1;
    let answer = open.storage.saveTasks(records({}));
    while (answer.ok && saved < 100) {
      answer = open.storage.saveTasks(records({ tasks: [aTask(saved + 1, {}, { stdin: 'x'.repeat(50_000) })] }));
      if (answer.ok) saved += 1;
    }
    expect(answer).toMatchObject({
      ok: false,
      error: { code: 'disk-full', message: expect.stringMatching(/disk is full/) },
    });
    const together = open.storage.saveTogether(
      [1, 2, 3].map(() => records({ tasks: [aTask(999, {}, { stdin: 'y'.repeat(90_000) })] })),
    );
    expect(together.map((one) => (one.ok ? null : one.error.code))).toEqual(['disk-full', 'disk-full', 'disk-full']);
    expect(unwrap(open.storage.openTasks()).tasks).toHaveLength(saved);
    mount(['-o', 'remount,size=20000k', dataDir]);
    unwrap(open.storage.saveTasks(records({ tasks: [aTask(1, { state: 'placed' })] })));
    open.storage.close();
    const again = openStorage({ dataDir });
    expect(unwrap(again.storage.openTasks()).tasks).toHaveLength(saved);
    expect(unwrap(again.storage.openTasks()).tasks[0]?.state).toBe('placed');
  });

  test('keeps events in memory too, and stores them later', () => {
    const dataDir = smallDisk(700);
    const open = openStorage({ dataDir });
    fillUp(dataDir);
    const events = Array.from({ length: 400 }, (_, index) => ({
      atMs: START_MS + index,
      kind: 'level-changed' as const,
      message: `${index} ${'x'.repeat(2_000)}`,
    }));
    for (const event of events) open.append({ events: [event] });
    expect(unwrap(open.storage.events(WORKER, START_MS, START_MS + 1_000))).toEqual(events);
    mount(['-o', 'remount,size=20000k', dataDir]);
    open.clock.advance(2_000);
    open.settle();
    open.storage.close();
    expect(unwrap(openStorage({ dataDir }).storage.events(WORKER, START_MS, START_MS + 1_000))).toEqual(events);
  });

  test('for longer than the memory holds, gives up the oldest samples and says how many', () => {
    const dataDir = smallDisk(700);
    const open = openStorage({ dataDir, overflowMaxBytes: 400_000 });
    fillUp(dataDir);
    const filled = appendMinutes(open, 0, 80, isMemoryOnly(open));
    const onDisk = (filled - 1) * 60;
    const end = appendMinutes(open, filled, filled + 700);
    const { series } = unwrap(open.storage.history({ ...request, toMs: START_MS + end * 60_000, maxPoints: 5_000 }));
    const kept = [...(series[0]?.count ?? [])].reduce((sum, count) => sum + count, 0);
    expect(kept).toBeLessThan(end * 60);
    expect(kept).toBeGreaterThan(onDisk + 1_000);
    const newest = unwrap(
      open.storage.history({ ...request, fromMs: START_MS + (end - 1) * 60_000, toMs: START_MS + end * 60_000 }),
    );
    expect(newest.series[0]?.atMs).toHaveLength(60);
    expect(open.logged).toContain('The memory for metrics is full: the oldest samples were dropped.');
  });
});

describe('a folder that may not be written', () => {
  test('from the first start on: runs in memory as one worker, and moves in when it may', () => {
    const dataDir = smallDisk(20_000);
    mount(['-o', 'remount,ro', dataDir]);
    const open = openStorage({ dataDir });
    expect(open.opened.notices.map((notice) => notice.kind)).toContain('memory-only');
    open.append({ ticks: ticksEachSecond(START_MS, 120) });
    open.append({ events: [{ atMs: START_MS, kind: 'started', message: 'Started.' }] });
    expect(valuesOf(open)).toHaveLength(120);
    mount(['-o', 'remount,rw', dataDir]);
    open.clock.advance(2_000);
    open.settle();
    expect(open.notices()).toEqual([]);
    open.storage.close();
    const again = openStorage({ dataDir });
    expect(again.opened.localWorker).toEqual(open.opened.localWorker);
    expect(valuesOf(again)).toHaveLength(120);
    expect(unwrap(again.storage.events(WORKER, 0, START_MS + 1))).toHaveLength(1);
  });

  test('with a history in it: still shows it, keeps new samples in memory, refuses settings', async () => {
    const dataDir = smallDisk(20_000);
    const before = openStorage({ dataDir });
    before.append({ ticks: ticksEachSecond(START_MS, 60) });
    unwrap(before.storage.saveSetting('level', 'detailed'));
    before.storage.close();
    // A sync of the log may still be under way in the thread pool.
    await vi.waitFor(() => mount(['-o', 'remount,ro', dataDir]));
    const open = openStorage({ dataDir });
    expect(open.opened.localWorker).toEqual(before.opened.localWorker);
    expect(open.opened.settings.level).toBe('detailed');
    expect(valuesOf(open)).toHaveLength(60);
    open.append({ ticks: ticksEachSecond(START_MS + 60_000, 60) });
    expect(valuesOf(open)).toHaveLength(120);
    expect(open.storage.saveSetting('level', 'basic').ok).toBe(false);
    mount(['-o', 'remount,rw', dataDir]);
    open.clock.advance(2_000);
    open.settle();
    expect(open.notices()).toEqual([]);
    expect(unwrap(open.storage.saveSetting('level', 'basic')).level).toBe('basic');
    open.storage.close();
    expect(valuesOf(openStorage({ dataDir }))).toHaveLength(120);
  });

  test('left by the version before, which knew no remote workers: is read as it is', async () => {
    const dataDir = smallDisk(20_000);
    const before = openWritable(join(dataDir, 'fleet.db'), { synchronous: 'FULL', cacheKibibytes: 512 });
    migrate(before, FLEET_SCHEMA, 20);
    before.prepare("INSERT INTO workers VALUES (?, 'rig-01', 1, 0)").run(WORKER);
    before.prepare("INSERT INTO settings VALUES ('level', '\"detailed\"', 0)").run();
    before.close();
    await vi.waitFor(() => mount(['-o', 'remount,ro', dataDir]));
    const open = openStorage({ dataDir });
    const identity = { workerId: WORKER, name: 'rig-01', isLocal: true };
    expect(open.opened.workers).toEqual([{ ...identity, admission: 'open', remote: null }]);
    expect(unwrap(open.storage.openTasks())).toEqual({ runs: [], tasks: [], attempts: [] });
    expect(open.opened.settings.level).toBe('detailed');
    expect(unwrap(open.storage.isRemovedKey('any'))).toBe(false);
    const invitation = { invitationId: 'a', secret: 'b', expiresAtMs: START_MS + 1, usedAtMs: null };
    expect(open.storage.saveInvitation(invitation)).toMatchObject({ ok: false, error: { code: 'storage' } });
    mount(['-o', 'remount,rw', dataDir]);
    open.clock.advance(2_000);
    open.settle();
    expect(open.storage.saveInvitation(invitation)).toMatchObject({ ok: true });
  });
});
