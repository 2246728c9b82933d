/** Each migration is one step in one transaction, and what an older version stored is there after all of them. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { openWritable, type WritableDatabase } from '../../../src/node/storage/connection.ts';
import { latestVersion, migrate, type Schema } from '../../../src/node/storage/migrations/migration.ts';
import { FLEET_SCHEMA, METRICS_SCHEMA } from '../../../src/node/storage/migrations/schemas.ts';
import { CPU, openStorage, temporaryFolder, unwrap, WORKER } from './storage-fixture.ts';

function openAt(path: string, schema: Schema, version: number): WritableDatabase {
  const database = openWritable(path, { synchronous: 'NORMAL', cacheKibibytes: 512 });
  migrate(database, schema, version);
  expect(database.pragma('user_version', { simple: true })).toBe(version);
  return database;
}

const folders = fileURLToPath(new URL('../../../src/node/storage/migrations', import.meta.url));

describe.each([
  ['metrics', METRICS_SCHEMA],
  ['fleet', FLEET_SCHEMA],
])('the migrations of %s.db', (name, schema) => {
  test('rise by tens, one a file, each named by its number', () => {
    const versions = schema.migrations.map((migration) => migration.version);
    expect(versions).toEqual(versions.map((_, index) => (index + 1) * 10));
    const files = readdirSync(join(folders, name)).toSorted();
    expect(files.map((file) => Number(file.slice(0, 3)))).toEqual(versions);
  });

  test('lead to the same schema step by step and at once', () => {
    const read = (database: WritableDatabase): unknown =>
      database.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY name').all();
    const stepwise = openAt(join(temporaryFolder(), 'a.db'), schema, 10);
    for (const { version } of schema.migrations) migrate(stepwise, schema, version);
    const atOnce = openAt(join(temporaryFolder(), 'b.db'), schema, latestVersion(schema));
    expect(read(stepwise)).toEqual(read(atOnce));
    stepwise.close();
    atOnce.close();
  });

  test('that fail half-way leave the version before, whole', () => {
    const database = openAt(join(temporaryFolder(), 'c.db'), schema, 10);
    const broken: Schema = {
      ...schema,
      migrations: [...schema.migrations.slice(0, 1), { version: 20, sql: 'CREATE TABLE half (a); CREATE TABL' }],
    };
    expect(() => migrate(database, broken)).toThrow();
    expect(database.pragma('user_version', { simple: true })).toBe(10);
    expect(database.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'half'").pluck().get()).toBe(0);
    database.close();
  });
});

test('samples and settings of the first version are there in the newest', () => {
  const dataDir = temporaryFolder();
  const metrics = openAt(join(dataDir, 'metrics.db'), METRICS_SCHEMA, 10);
  metrics.prepare('INSERT INTO workers VALUES (1, ?)').run(WORKER);
  metrics.prepare("INSERT INTO series VALUES (1, 1, ?, ?, '{}', '1', 0.0001)").run(CPU, CPU);
  metrics.prepare("INSERT INTO layouts VALUES (1, 1, x'01')").run();
  metrics.prepare("INSERT INTO ticks VALUES (1, 1772532000000, 1, x'a83f')").run();
  metrics.close();
  const fleet = openAt(join(dataDir, 'fleet.db'), FLEET_SCHEMA, 10);
  fleet.prepare("INSERT INTO workers VALUES (?, 'rig-01', 1, 0)").run(WORKER);
  fleet.prepare("INSERT INTO settings VALUES ('level', '\"intensive\"', 0)").run();
  fleet.close();
  const open = openStorage({ dataDir });
  const identity = { workerId: WORKER, name: 'rig-01', isLocal: true };
  expect(open.opened.localWorker).toEqual({ ...identity, admission: 'open', remote: null });
  expect(open.opened.settings.level).toBe('intensive');
  const range = { fromMs: 1_772_532_000_000, toMs: 1_772_532_001_000, maxPoints: 10 };
  const { series } = unwrap(open.storage.history({ workerId: WORKER, seriesKeys: [CPU], ...range }));
  expect([...(series[0]?.mean ?? [])]).toEqual([0.4052]);
});
