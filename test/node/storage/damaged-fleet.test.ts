/** A torn fleet.db is restored from its newest good backup; a folder without one begins afresh as the same worker. */
import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listBackups } from '../../../src/node/storage/fleet-backup.ts';
import { createTestClock, openStorage, START_MS, unwrap } from './storage-fixture.ts';

const DAY = 86_400_000;

/** A folder whose fleet.db was backed up on two days, the level being set to something else each day. */
function folderWithBackups() {
  const open = openStorage();
  unwrap(open.storage.saveSetting('level', 'basic'));
  open.settle();
  open.clock.advance(DAY);
  unwrap(open.storage.saveSetting('level', 'detailed'));
  open.settle();
  unwrap(open.storage.saveSetting('level', 'intensive'));
  open.storage.close();
  return { dataDir: open.dataDir, local: open.opened.localWorker, clock: open.clock };
}

const fleetFile = (dataDir: string): string => join(dataDir, 'fleet.db');

describe('a torn fleet.db', () => {
  test.each([
    ['cut short', (path: string) => truncateSync(path, 6_000)],
    ['overwritten', (path: string) => writeFileSync(path, Buffer.alloc(30_000, 7))],
    [
      'with noise in a page',
      (path: string) => {
        const content = readFileSync(path);
        content.fill(0xa5, 2 * 4_096, 5 * 4_096);
        writeFileSync(path, content);
      },
    ],
  ])('%s: comes back from the newest backup, and the person is told', (_, spoil) => {
    const { dataDir, local } = folderWithBackups();
    spoil(fleetFile(dataDir));
    const spoilt = readFileSync(fleetFile(dataDir));
    const open = openStorage({ dataDir });
    expect(open.opened.localWorker).toEqual(local);
    expect(open.opened.settings.level).toBe('detailed');
    expect(open.opened.notices).toEqual([
      {
        kind: 'fleet-restored',
        atMs: START_MS,
        movedTo: expect.stringContaining('fleet.db.set-aside'),
        backupAtMs: Date.UTC(2026, 2, 4),
      },
    ]);
    const notice = open.opened.notices[0];
    const kept = readFileSync(notice?.kind === 'fleet-restored' ? notice.movedTo : '');
    // SQLite itself may have touched the header while looking.
    expect(kept.subarray(4_096).equals(spoilt.subarray(4_096))).toBe(true);
    expect(unwrap(open.storage.saveSetting('theme', 'dark')).theme).toBe('dark');
  });

  test('comes back from the backup before, when the newest is torn too', () => {
    const { dataDir } = folderWithBackups();
    truncateSync(fleetFile(dataDir), 6_000);
    truncateSync(listBackups(join(dataDir, 'backups'))[0]?.path ?? '', 5_000);
    const open = openStorage({ dataDir });
    expect(open.opened.settings.level).toBe('basic');
    expect(open.opened.notices).toMatchObject([{ kind: 'fleet-restored', backupAtMs: Date.UTC(2026, 2, 3) }]);
  });

  test('without any backup begins afresh as the same local worker, so that its history stays its own', () => {
    const { dataDir, local } = folderWithBackups();
    truncateSync(fleetFile(dataDir), 6_000);
    rmSync(join(dataDir, 'backups'), { recursive: true });
    const open = openStorage({ dataDir });
    expect(open.opened.localWorker).toEqual(local);
    expect(open.opened.settings.level).toBe('standard');
    expect(open.opened.notices).toMatchObject([{ kind: 'fleet-restored', backupAtMs: null }]);
  });
});

describe('the daily backup', () => {
  test('is made once a day, and a week of them is kept', () => {
    const open = openStorage({ clock: createTestClock() });
    for (let day = 0; day < 10; day += 1) {
      open.settle();
      open.clock.advance(DAY / 2);
      open.settle();
      open.clock.advance(DAY / 2);
    }
    const names = readdirSync(join(open.dataDir, 'backups')).toSorted();
    expect(names).toEqual([6, 7, 8, 9, 10, 11, 12].map((day) => `fleet-2026-03-${String(day).padStart(2, '0')}.db`));
  });

  test('is there from the first minute on', () => {
    const open = openStorage();
    open.settle();
    expect(existsSync(join(open.dataDir, 'backups', 'fleet-2026-03-03.db'))).toBe(true);
  });
});
