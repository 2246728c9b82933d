/** A metrics.db that is torn or foreign is set aside under a new name, a fresh one begun, and the person told. */
import {
  copyFileSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { openReadable } from '../../../src/node/storage/connection.ts';
import { damageIn } from '../../../src/node/storage/damage.ts';
import { checkInThread } from '../../../src/node/storage/full-check.ts';
import {
  CPU,
  MEMORY,
  type OpenStorage,
  openStorage,
  START_MS,
  temporaryFolder,
  ticksEachSecond,
  unwrap,
  WORKER,
} from './storage-fixture.ts';

const request = {
  workerId: WORKER,
  seriesKeys: [CPU, MEMORY],
  fromMs: START_MS,
  toMs: START_MS + 3_600_000,
  maxPoints: 5_000,
};

function pointsOf(open: OpenStorage): number {
  return unwrap(open.storage.history(request)).series[0]?.atMs.length ?? 0;
}

/** A folder with an hour of history, closed properly. */
function folderWithHistory(): string {
  const open = openStorage();
  open.append({ ticks: ticksEachSecond(START_MS, 3_600, (index) => ((index * 7_919) % 1_000) / 1_000) });
  open.clock.advance(2 * 3_600_000);
  open.settle();
  open.storage.close();
  return open.dataDir;
}

function setAsideFiles(dataDir: string): readonly string[] {
  return readdirSync(dataDir).filter((name) => name.startsWith('metrics.db.set-aside'));
}

function expectFreshBeginning(dataDir: string, spoilt: Buffer): void {
  const open = openStorage({ dataDir });
  expect(open.notices()).toEqual([
    { kind: 'metrics-set-aside', atMs: expect.any(Number), movedTo: expect.any(String), reason: expect.any(String) },
  ]);
  expect(open.opened.notices).toEqual(open.notices());
  const notice = open.notices()[0];
  const movedTo = notice?.kind === 'metrics-set-aside' ? notice.movedTo : '';
  expect(readFileSync(movedTo).equals(spoilt)).toBe(true);
  open.append({ ticks: ticksEachSecond(START_MS, 10) });
  expect(pointsOf(open)).toBe(10);
  open.storage.close();
  const again = openStorage({ dataDir });
  expect(again.notices()).toEqual([]);
  expect(pointsOf(again)).toBe(10);
}

describe('a metrics.db that is not one of ours', () => {
  test.each([
    ['text', () => Buffer.from('time,value\n2026-03-03,1\n'.repeat(500))],
    ['noise', () => Buffer.from(Array.from({ length: 20_000 }, (_, index) => (index * 7_919) % 256))],
    ['a few bytes', () => Buffer.from('SQL')],
    ['a header and nothing else', () => Buffer.from(`SQLite format 3\0${'\0'.repeat(84)}`, 'latin1')],
  ])('%s: is set aside unharmed', (_, content) => {
    const dataDir = temporaryFolder();
    writeFileSync(join(dataDir, 'metrics.db'), content());
    expectFreshBeginning(dataDir, content());
  });

  test("another program's database: is set aside unharmed", () => {
    const dataDir = temporaryFolder();
    const foreign = new SqliteDatabase(join(dataDir, 'metrics.db'));
    foreign.exec('PRAGMA application_id = 77; CREATE TABLE music (title TEXT); PRAGMA user_version = 3');
    foreign.close();
    expectFreshBeginning(dataDir, readFileSync(join(dataDir, 'metrics.db')));
  });
});

describe('a metrics.db that was ours', () => {
  test('cut short: is set aside', () => {
    const dataDir = folderWithHistory();
    truncateSync(join(dataDir, 'metrics.db'), statSync(join(dataDir, 'metrics.db')).size - 20_000);
    expectFreshBeginning(dataDir, readFileSync(join(dataDir, 'metrics.db')));
  });

  test('its schema page overwritten: is set aside', () => {
    const dataDir = folderWithHistory();
    overwrite(join(dataDir, 'metrics.db'), 100, 3_900);
    expectFreshBeginning(dataDir, readFileSync(join(dataDir, 'metrics.db')));
  });

  test('its pages overwritten: is set aside when a question meets them, and the question answered', () => {
    const dataDir = folderWithHistory();
    overwriteAllButTheFirst(join(dataDir, 'metrics.db'));
    const open = openStorage({ dataDir });
    expect(pointsOf(open)).toBe(0);
    expect(open.notices()).toMatchObject([{ kind: 'metrics-set-aside' }]);
    open.append({ ticks: ticksEachSecond(START_MS, 10) });
    expect(pointsOf(open)).toBe(10);
  });

  test('its pages overwritten: is set aside when a delivery meets them, and the delivery stored', () => {
    const dataDir = folderWithHistory();
    overwriteAllButTheFirst(join(dataDir, 'metrics.db'));
    const open = openStorage({ dataDir });
    open.append({ ticks: ticksEachSecond(START_MS, 10) });
    expect(open.notices()).toMatchObject([{ kind: 'metrics-set-aside' }]);
    expect(pointsOf(open)).toBe(10);
  });

  test('pages overwritten where no question goes: is found by the check after an unclean end', async () => {
    const { dataDir, ...before } = openStorage();
    before.append({ ticks: ticksEachSecond(START_MS, 3_600, (index) => ((index * 7_919) % 1_000) / 1_000) });
    before.clock.advance(2 * 3_600_000);
    before.settle();
    // As after `kill -9`: copied while the log is still there.
    const killed = temporaryFolder();
    for (const name of ['metrics.db', 'metrics.db-wal', 'fleet.db', 'fleet.db-wal']) {
      copyFileSync(join(dataDir, name), join(killed, name));
    }
    const database = new SqliteDatabase(join(killed, 'metrics.db'));
    database.pragma('wal_checkpoint(TRUNCATE)');
    const page = database
      .prepare("SELECT max(pageno) FROM dbstat WHERE name = 'rollups_1m' AND pagetype = 'leaf'")
      .pluck()
      .get();
    database.close();
    overwrite(join(killed, 'metrics.db'), ((page as number) - 1) * 4_096, 4_096);
    writeFileSync(join(killed, 'metrics.db-wal'), Buffer.alloc(32));
    const checks: Promise<string | null>[] = [];
    const open = openStorage({
      dataDir: killed,
      checkFile: (path) => {
        const check = checkInThread(path);
        checks.push(check);
        return check;
      },
    });
    expect(open.notices()).toEqual([]);
    open.clock.advance(60_000);
    open.settle();
    expect(checks).toHaveLength(1);
    expect(await checks[0]).toEqual(expect.any(String));
    expect(open.notices()).toMatchObject([{ kind: 'metrics-set-aside' }]);
    expect(setAsideFiles(killed).length).toBeGreaterThan(0);
  });

  test.each([
    ['its head', "x'0709'"],
    ['its columns', 'substr(columns, 1, length(columns) - 500)'],
  ])('a packed row with %s spoilt costs its own ten minutes, not the history', (_, spoilt) => {
    const dataDir = folderWithHistory();
    const database = new SqliteDatabase(join(dataDir, 'metrics.db'));
    const place = database.prepare('SELECT min(place) FROM packed').pluck().get();
    database.prepare(`UPDATE packed SET columns = ${spoilt} WHERE place = ?`).run(place);
    database.close();
    const open = openStorage({ dataDir });
    const [cpu, memory] = unwrap(open.storage.history(request)).series;
    const whole = [cpu?.atMs.length, memory?.atMs.length].filter((length) => length === 3_600);
    expect(whole.length).toBeLessThan(2);
    expect([cpu?.atMs.length, memory?.atMs.length].every((length) => length === 3_600 || length === 3_000)).toBe(true);
    expect(open.notices()).toEqual([]);
  });

  test('sound, it is left alone by all of this', () => {
    const dataDir = folderWithHistory();
    const open = openStorage({ dataDir });
    expect(pointsOf(open)).toBe(3_600);
    expect(open.notices()).toEqual([]);
    const database = openReadable(join(dataDir, 'metrics.db'));
    expect(damageIn(database)).toBeNull();
    database.close();
    expect(setAsideFiles(dataDir)).toEqual([]);
    expect(existsSync(join(dataDir, 'metrics.db'))).toBe(true);
  });
});

/** The schema pages stay, so that the file still opens. */
function overwriteAllButTheFirst(path: string): void {
  const database = new SqliteDatabase(path, { readonly: true });
  const schemaPages = database.prepare("SELECT pageno FROM dbstat WHERE name = 'sqlite_schema'").pluck().all();
  const pages = database.pragma('page_count', { simple: true }) as number;
  database.close();
  for (let page = 3; page <= pages; page += 1)
    if (!schemaPages.includes(page)) overwrite(path, (page - 1) * 4_096, 4_096);
}

/** Noise over part of a file. */
function overwrite(path: string, offset: number, length: number): void {
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.from(Array.from({ length }, (_, index) => (index * 31 + 7) % 256)), 0, length, offset);
}
