/** `kill -9` at any moment: what was acknowledged is there, whole and once, and the upkeep goes on where it was. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openReadable } from '../../../src/node/storage/connection.ts';
import { CPU, createTestClock, openStorage, temporaryFolder, unwrap, WORKER } from './storage-fixture.ts';
import { valueAt, WRITER_EVENT, WRITER_START_MS } from './writer-sequence.ts';

const WRITER = fileURLToPath(new URL('./writer-process.ts', import.meta.url));
const TASK_WRITER = fileURLToPath(new URL('./task-writer-process.ts', import.meta.url));

interface Writer {
  readonly child: ChildProcess;
  /** Resolves with the number of ticks (or tasks) the writer was told are stored, once that is at least `least`. */
  storedAtLeast(least: number): Promise<number>;
  lastStored(): number;
}

function startWriter(dataDir: string, first: number, script = WRITER): Writer {
  const child = spawn(process.execPath, [script, dataDir, String(first)], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let last = 0;
  let waiting: { readonly least: number; readonly resolve: (stored: number) => void } | null = null;
  createInterface({ input: child.stdout! }).on('line', (line) => {
    last = Number(line);
    if (waiting !== null && last >= waiting.least) waiting.resolve(last);
  });
  return {
    child,
    lastStored: () => last,
    storedAtLeast: (least) =>
      new Promise((resolve, reject) => {
        waiting = { least, resolve };
        child.once('exit', (code) => reject(new Error(`The writer ended by itself (${code}).`)));
        if (last >= least) resolve(last);
      }),
  };
}

async function killWriter(writer: Writer): Promise<number> {
  const exited = once(writer.child, 'exit');
  writer.child.kill('SIGKILL');
  await exited;
  return writer.lastStored();
}

function ticksStored(dataDir: string): readonly number[] {
  const open = openStorage({ dataDir, clock: createTestClock(WRITER_START_MS) });
  const values: number[] = [];
  const windowMs = 5_000 * 1_000;
  for (let fromMs = WRITER_START_MS; ; fromMs += windowMs) {
    const request = { workerId: WORKER, seriesKeys: [CPU], fromMs, toMs: fromMs + windowMs, maxPoints: 5_000 };
    const [series] = unwrap(open.storage.history(request)).series;
    if (series === undefined || series.mean.length === 0) break;
    expect(series.resolution).toBe('raw');
    values.push(...series.mean);
  }
  expect(open.notices()).toEqual([]);
  open.storage.close();
  return values;
}

describe('a store killed with SIGKILL', () => {
  test('has every acknowledged tick, whichever moment it was, again and again', async () => {
    const dataDir = temporaryFolder();
    let acknowledged = 0;
    for (const ticksMore of [50, 300, 700, 1_200]) {
      const writer = startWriter(dataDir, acknowledged);
      await writer.storedAtLeast(acknowledged + ticksMore);
      acknowledged = await killWriter(writer);
      const values = ticksStored(dataDir);
      expect(values.length).toBeGreaterThanOrEqual(acknowledged);
      expect(values).toEqual(values.map((_, index) => valueAt(index)));
      acknowledged = values.length;
    }
  });

  test('goes on with rollups and packing where it was, to the same result as without', async () => {
    const dataDir = temporaryFolder();
    const writer = startWriter(dataDir, 0);
    await writer.storedAtLeast(2_400);
    await killWriter(writer);
    const clock = createTestClock(WRITER_START_MS + 24 * 3_600_000);
    const open = openStorage({ dataDir, clock });
    open.settle();
    const database = openReadable(join(dataDir, 'metrics.db'));
    const rows = database.prepare('SELECT at_ms, count, max FROM samples_1m WHERE series = ? ORDER BY at_ms').all(CPU);
    const left = database.prepare('SELECT (SELECT count(*) FROM ticks) + (SELECT count(*) FROM pending)').pluck().get();
    database.close();
    expect(left).toBe(0);
    expect(rows.length).toBeGreaterThanOrEqual(40);
    rows.slice(0, 40).forEach((row, minute) => {
      const values = Array.from({ length: 60 }, (_, second) => valueAt(minute * 60 + second));
      expect(row).toEqual({ at_ms: WRITER_START_MS + minute * 60_000, count: 60, max: Math.max(...values) });
    });
  });

  test('has the settings and events that were acknowledged', async () => {
    const dataDir = temporaryFolder();
    const writer = startWriter(dataDir, 0);
    await writer.storedAtLeast(100);
    await killWriter(writer);
    const open = openStorage({ dataDir });
    expect(open.opened.settings.level).toBe('detailed');
    expect(unwrap(open.storage.events(WORKER, 0, Number.MAX_SAFE_INTEGER))).toEqual([WRITER_EVENT]);
  });

  test('has every task that was acknowledged, whole, again and again', async () => {
    const dataDir = temporaryFolder();
    let acknowledged = 0;
    for (const more of [40, 200, 500]) {
      const writer = startWriter(dataDir, acknowledged, TASK_WRITER);
      await writer.storedAtLeast(acknowledged + more);
      acknowledged = await killWriter(writer);
      const open = openStorage({ dataDir });
      const { tasks, attempts } = unwrap(open.storage.openTasks());
      expect(tasks.length).toBeGreaterThanOrEqual(acknowledged);
      expect(tasks.map((task) => task.sequence)).toEqual(tasks.map((_, index) => index + 1));
      expect(attempts.map((attempt) => attempt.taskId)).toEqual(tasks.map((task) => task.taskId));
      expect(open.notices()).toEqual([]);
      open.storage.close();
      acknowledged = tasks.length;
    }
  });

  test('really was killed in the midst of writing: its log is still there', async () => {
    const dataDir = temporaryFolder();
    const writer = startWriter(dataDir, 0);
    await writer.storedAtLeast(300);
    await killWriter(writer);
    expect(existsSync(join(dataDir, 'metrics.db-wal'))).toBe(true);
    expect(statSync(join(dataDir, 'metrics.db-wal')).size).toBeGreaterThan(0);
  });
});
