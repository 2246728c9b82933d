/** What of the files of tasks goes by itself: by age, and by what all of them weigh together. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { AttemptId } from '../../../src/core/tasks/task.ts';
import { unwrap } from '../storage/storage-fixture.ts';
import { age, bytesOf, fetched, type OpenFiles, openFiles } from './files-fixture.ts';

const DAY_MS = 86_400_000;
const NOW_MS = Date.now();
const NO_BOUND = { notBeforeMs: 0, maxBytes: Number.MAX_SAFE_INTEGER };
const NONE: ReadonlySet<AttemptId> = new Set();

const attempt = (number: number): AttemptId => `0123456789.${number}` as AttemptId;

/** Attempts 1 to 4 with output and a fetched file of 100 bytes each, a day between them, the last one of now. */
async function withFourAttempts(): Promise<OpenFiles> {
  const open = openFiles();
  for (const number of [1, 2, 3, 4]) {
    const id = attempt(number);
    const content = String(number).repeat(100);
    unwrap(await open.files.appendOutput(id, 0, bytesOf(content)));
    unwrap(await open.files.appendFetched(id, fetched('a', content), 0, bytesOf(content)));
    for (const kind of ['output', 'fetched']) {
      age(join(open.dataDir, 'tasks', kind, id), NOW_MS - (4 - number) * DAY_MS);
    }
  }
  return open;
}

/** Numbers of the attempts whose output, and whose fetched files, are still there. */
async function left({ files }: OpenFiles) {
  const numbers = [1, 2, 3, 4];
  const bytes = await Promise.all(numbers.map((number) => files.outputBytes(attempt(number))));
  return {
    output: numbers.filter((_, index) => (bytes[index] ?? 0) > 0),
    fetched: numbers.filter((number) => files.fetchedFolder(attempt(number)) !== null),
  };
}

describe('files of tasks', () => {
  test('go when they have not changed for as long as they are kept, each kind by its own bound', async () => {
    const open = await withFourAttempts();
    await open.files.trim({ ...NO_BOUND, notBeforeMs: NOW_MS - 1.5 * DAY_MS }, NO_BOUND, NONE);
    expect(await left(open)).toEqual({ output: [3, 4], fetched: [1, 2, 3, 4] });
    await open.files.trim(NO_BOUND, { ...NO_BOUND, notBeforeMs: NOW_MS - 0.5 * DAY_MS }, NONE);
    expect(await left(open)).toEqual({ output: [3, 4], fetched: [4] });
  });

  test('go past their size, the oldest first, and no more than has to', async () => {
    const open = await withFourAttempts();
    await open.files.trim({ ...NO_BOUND, maxBytes: 399 }, { ...NO_BOUND, maxBytes: 200 }, NONE);
    expect(await left(open)).toEqual({ output: [2, 3, 4], fetched: [3, 4] });
    await open.files.trim({ ...NO_BOUND, maxBytes: 300 }, { ...NO_BOUND, maxBytes: 200 }, NONE);
    expect(await left(open)).toEqual({ output: [2, 3, 4], fetched: [3, 4] });
  });

  test('of attempts that are not over stay, and count', async () => {
    const open = await withFourAttempts();
    const running = new Set([attempt(1), attempt(3)]);
    await open.files.trim({ notBeforeMs: NOW_MS + DAY_MS, maxBytes: 0 }, { ...NO_BOUND, maxBytes: 200 }, running);
    expect(await left(open)).toEqual({ output: [1, 3], fetched: [1, 3] });
  });

  test('that are only half there weigh and go as well', async () => {
    const open = openFiles();
    const file = fetched('a', 'x'.repeat(100));
    unwrap(await open.files.appendFetched(attempt(1), file, 0, bytesOf('x'.repeat(60))));
    await open.files.trim(NO_BOUND, { ...NO_BOUND, maxBytes: 60 }, NONE);
    expect(await open.files.fetchedBytes(attempt(1), file)).toBe(60);
    await open.files.trim(NO_BOUND, { ...NO_BOUND, maxBytes: 59 }, NONE);
    expect(await open.files.fetchedBytes(attempt(1), file)).toBe(0);
  });

  test('need not be there at all', async () => {
    const open = openFiles();
    await open.files.trim(NO_BOUND, NO_BOUND, NONE);
    expect(open.logged).toEqual([]);
  });
});
