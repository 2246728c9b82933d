/** A power cut takes at most the last second: what a sync covered is there, whatever became of the log's end. */
import { copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { openWritable } from '../../../src/node/storage/connection.ts';
import { createLogSync } from '../../../src/node/storage/log-sync.ts';
import { createTestClock, temporaryFolder } from './storage-fixture.ts';

function openLog() {
  const path = join(temporaryFolder(), 'some.db');
  const database = openWritable(path, { synchronous: 'NORMAL', cacheKibibytes: 512 });
  onTestFinished(() => void database.close());
  database.exec('CREATE TABLE numbers (value INTEGER)');
  const insert = database.prepare('INSERT INTO numbers VALUES (?)');
  const clock = createTestClock();
  const onSynced = vi.fn();
  const sync = createLogSync(path, clock, onSynced);
  onTestFinished(() => sync.close());
  return { path, database, clock, onSynced, sync, commit: (value: number) => void insert.run(value) };
}

describe('the sync of the log', () => {
  test('comes with the first commit, then no sooner than nine tenths of a second after the last, and only when there is news', async () => {
    const { clock, onSynced, sync, commit } = openLog();
    commit(1);
    sync.committed();
    await vi.waitFor(() => expect(onSynced).toHaveBeenCalledTimes(1));
    commit(2);
    sync.committed();
    sync.syncIfDue();
    clock.advance(899);
    sync.syncIfDue();
    clock.advance(1);
    sync.syncIfDue();
    await vi.waitFor(() => expect(onSynced).toHaveBeenCalledTimes(2));
    clock.advance(10_000);
    sync.syncIfDue();
    await new Promise((resolve) => setImmediate(resolve));
    expect(onSynced).toHaveBeenCalledTimes(2);
  });

  test('leaves a log from which everything synced comes back, though its end is torn', async () => {
    const { path, onSynced, sync, commit } = openLog();
    for (let value = 0; value < 200; value += 1) commit(value);
    sync.committed();
    await vi.waitFor(() => expect(onSynced).toHaveBeenCalled());
    const syncedBytes = statSync(`${path}-wal`).size;
    for (let value = 200; value < 400; value += 1) commit(value);
    const log = readFileSync(`${path}-wal`);
    for (const end of [syncedBytes, syncedBytes + 1_000, syncedBytes + 9_000, log.length]) {
      const copy = join(temporaryFolder(), 'after-power-cut.db');
      copyFileSync(path, copy);
      const torn = Buffer.concat([log.subarray(0, end), Buffer.alloc(3_000, 0x5a)]);
      torn.fill(0, Math.max(syncedBytes, end - 700), end);
      writeFileSync(`${copy}-wal`, torn);
      const database = openWritable(copy, { synchronous: 'NORMAL', cacheKibibytes: 512 });
      const values = database.prepare('SELECT value FROM numbers ORDER BY value').pluck().all();
      database.close();
      expect(values.length).toBeGreaterThanOrEqual(200);
      expect(values).toEqual(values.map((_, index) => index));
    }
  });
});
