/** Databases of a newer Labwatch are read, never written, and the person is told. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { CPU, openStorage, START_MS, ticksEachSecond, unwrap, WORKER } from './storage-fixture.ts';

const request = { workerId: WORKER, seriesKeys: [CPU], fromMs: START_MS, toMs: START_MS + 600_000, maxPoints: 5_000 };

function folderFromTheFuture(...files: readonly string[]): string {
  const open = openStorage();
  open.append({ ticks: ticksEachSecond(START_MS, 60) });
  open.append({ events: [{ atMs: START_MS, kind: 'started', message: 'Started.' }] });
  unwrap(open.storage.saveSetting('level', 'detailed'));
  open.storage.close();
  for (const file of files) {
    const database = new SqliteDatabase(join(open.dataDir, file));
    database.exec('CREATE TABLE invented_later (a INTEGER)');
    database.pragma('user_version = 9000');
    database.close();
  }
  return open.dataDir;
}

const digest = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

describe('a data folder of a newer Labwatch', () => {
  test('is read, not written; new samples stay in memory and writes answer read-only', () => {
    const dataDir = folderFromTheFuture('metrics.db', 'fleet.db');
    const before = ['metrics.db', 'fleet.db'].map((file) => digest(join(dataDir, file)));
    const open = openStorage({ dataDir });
    expect(open.opened.notices.map((notice) => notice.kind)).toEqual(['newer-schema', 'newer-schema']);
    expect(open.opened.settings.level).toBe('detailed');
    open.append({ ticks: ticksEachSecond(START_MS + 60_000, 30) });
    open.append({ events: [{ atMs: START_MS + 1, kind: 'stopped', message: 'Stopped.' }] });
    expect(unwrap(open.storage.history(request)).series[0]?.atMs).toHaveLength(90);
    expect(unwrap(open.storage.events(WORKER, 0, START_MS + 10))).toHaveLength(2);
    expect(open.storage.saveSetting('level', 'basic')).toMatchObject({ ok: false, error: { code: 'read-only' } });
    expect(open.storage.saveUiState({})).toMatchObject({ ok: false, error: { code: 'read-only' } });
    open.clock.advance(7_200_000);
    open.settle();
    expect(unwrap(open.storage.history(request)).series[0]?.atMs).toHaveLength(90);
    open.storage.close();
    expect(['metrics.db', 'fleet.db'].map((file) => digest(join(dataDir, file)))).toEqual(before);
  });

  test('only one file newer leaves the other in full use', () => {
    const dataDir = folderFromTheFuture('fleet.db');
    const open = openStorage({ dataDir });
    expect(open.opened.notices).toEqual([{ kind: 'newer-schema', atMs: START_MS, file: join(dataDir, 'fleet.db') }]);
    open.append({ ticks: ticksEachSecond(START_MS + 60_000, 30) });
    open.storage.close();
    expect(unwrap(openStorage({ dataDir }).storage.history(request)).series[0]?.atMs).toHaveLength(90);
  });
});
