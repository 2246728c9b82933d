/** The databases and their backups are their user's alone, whatever the umask, also those that an older Labwatch left open. */
import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openStorage, START_MS, ticksEachSecond, unwrap } from './storage-fixture.ts';

/** Modes of every database, log, index and backup in the folder. */
function modesIn(dataDir: string): Readonly<Record<string, string>> {
  const names = readdirSync(dataDir, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => statSync(join(dataDir, name)).isFile());
  return Object.fromEntries(files.map((name) => [name, (statSync(join(dataDir, name)).mode & 0o777).toString(8)]));
}

function withUmask(mask: number): void {
  const before = process.umask(mask);
  onTestFinished(() => void process.umask(before));
}

/** Written to, so that logs and indexes are there, and backed up. */
function openUsed(dataDir?: string) {
  const open = openStorage(dataDir === undefined ? {} : { dataDir });
  open.append({ ticks: ticksEachSecond(START_MS, 10) });
  unwrap(open.storage.saveSetting('theme', 'dark'));
  open.settle();
  return open;
}

const PRIVATE = {
  'metrics.db': '600',
  'metrics.db-wal': '600',
  'metrics.db-shm': '600',
  'fleet.db': '600',
  'fleet.db-wal': '600',
  'fleet.db-shm': '600',
  'backups/fleet-2026-03-03.db': '600',
};

test('new databases, their logs and backups have mode 0600 whatever the umask', () => {
  withUmask(0);
  expect(modesIn(openUsed().dataDir)).toEqual(PRIVATE);
});

test('databases and backups that others could read are closed to them when they are opened', () => {
  withUmask(0);
  const open = openUsed();
  open.storage.close();
  for (const name of Object.keys(modesIn(open.dataDir))) chmodSync(join(open.dataDir, name), 0o644);
  expect(modesIn(openUsed(open.dataDir).dataDir)).toEqual(PRIVATE);
});

test('a database that is set aside is closed to others as well', () => {
  const open = openUsed();
  open.storage.close();
  writeFileSync(join(open.dataDir, 'fleet.db'), Buffer.alloc(30_000, 7));
  chmodSync(join(open.dataDir, 'fleet.db'), 0o644);
  const modes = modesIn(openUsed(open.dataDir).dataDir);
  const aside = Object.keys(modes).filter((name) => name.includes('set-aside'));
  expect(aside).toHaveLength(1);
  expect(new Set(Object.values(modes))).toEqual(new Set(['600']));
});
