/** Of what a worker offers, only what the plan asks for is taken. */
import { expect, test } from 'vitest';
import { wantedFiles } from '../../../src/core/tasks/wanted-files.ts';

const file = (path: string, bytes = 10) => ({ path, bytes, sha256: 'ab'.repeat(32) });
const asked = { fetch: ['out/**', '*.txt'], fileLimitBytes: 100 };

test('files that the plan names are taken, however many globs they fit', () => {
  const offered = [file('a.txt'), file('out/deep/b.bin', 100), file('out/empty', 0)];
  expect(wantedFiles(asked, offered, 1_000)).toEqual({ files: offered, left: [] });
});

test('files that fit no glob of the plan, or that it finds too large, stay where they are', () => {
  const offered = [file('a.txt'), file('b.bin'), file('in/a.txt'), file('out/huge', 2 ** 53 - 1)];
  const { files, left } = wantedFiles(asked, offered, Number.MAX_SAFE_INTEGER);
  expect(files).toEqual([file('a.txt')]);
  expect(left.map(({ path }) => path)).toEqual(['b.bin', 'in/a.txt', 'out/huge']);
  expect(left.at(-1)?.sentence).toBe('out/huge is too large (8192\u00a0TiB, 100\u00a0B at most).');
});

test('nothing is taken of a task that fetches nothing', () => {
  expect(wantedFiles({ ...asked, fetch: [] }, [file('a.txt')], 1_000).files).toEqual([]);
});

test('all files of an attempt together take no more than is kept; a smaller one behind still finds room', () => {
  const { files, left } = wantedFiles(asked, [file('a.txt', 60), file('b.txt', 60), file('c.txt', 40)], 100);
  expect(files.map(({ path }) => path)).toEqual(['a.txt', 'c.txt']);
  expect(left).toEqual([
    {
      path: 'b.txt',
      sentence: 'b.txt was left out: the files of the task together are more than is kept (100\u00a0B).',
    },
  ]);
});
