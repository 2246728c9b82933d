/** Files that tasks left: under their own names when they are whole, and never outside of their attempt's folder. */
import { mkdirSync, readFileSync, readlinkSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FetchedFile } from '../../../src/core/tasks/attempt.ts';
import type { AttemptId } from '../../../src/core/tasks/task.ts';
import type { TaskFiles } from '../../../src/engine/ports.ts';
import { fetchedPath } from '../../../src/node/task-files/fetched-path.ts';
import { fillUp, mount, smallDisk } from '../storage/small-disk.ts';
import { unwrap } from '../storage/storage-fixture.ts';
import { ATTEMPT, bytesOf, fetched, filesBelow, modesBelow, OTHER, openFiles, put, sumOf } from './files-fixture.ts';

const folderOf = (dataDir: string, attempt: AttemptId = ATTEMPT): string => join(dataDir, 'tasks', 'fetched', attempt);

/** The whole file in pieces of `pieceBytes`. */
async function fetchAll(files: TaskFiles, file: FetchedFile, content: string, pieceBytes = 4): Promise<void> {
  const bytes = bytesOf(content);
  let at = await files.fetchedBytes(ATTEMPT, file);
  do {
    unwrap(await files.appendFetched(ATTEMPT, file, at, bytes.subarray(at, at + pieceBytes)));
    at += pieceBytes;
  } while (at < bytes.length);
}

describe('a fetched file', () => {
  test('appears under its name when it is whole, and is private and not executable', async () => {
    const { files, dataDir } = openFiles();
    const content = '#!/bin/sh\necho 1\n';
    const file = fetched('out/deep/run me.sh', content);
    expect(files.fetchedFolder(ATTEMPT)).toBeNull();
    unwrap(await files.appendFetched(ATTEMPT, file, 0, bytesOf(content.slice(0, 9))));
    expect(files.fetchedFolder(ATTEMPT)).toBeNull();
    expect(await files.fetchedBytes(ATTEMPT, file)).toBe(9);
    const later = openFiles({ dataDir }).files;
    await fetchAll(later, file, content);
    expect(later.fetchedFolder(ATTEMPT)).toBe(folderOf(dataDir));
    expect(readFileSync(join(folderOf(dataDir), 'out', 'deep', 'run me.sh'), 'utf8')).toBe(content);
    expect(await later.fetchedBytes(ATTEMPT, file)).toBe(content.length);
    expect(modesBelow(dataDir)).toEqual(['d700', 'f600']);
    expect(filesBelow(dataDir)).toHaveLength(1);
  });

  test('may be empty', async () => {
    const { files, dataDir } = openFiles();
    await fetchAll(files, fetched('done', ''), '');
    expect(statSync(join(folderOf(dataDir), 'done')).size).toBe(0);
  });

  test('that comes again changes nothing, whole or in parts', async () => {
    const { files, dataDir } = openFiles();
    const file = fetched('a', 'abcdef');
    unwrap(await files.appendFetched(ATTEMPT, file, 0, bytesOf('abcd')));
    unwrap(await files.appendFetched(ATTEMPT, file, 2, bytesOf('cde')));
    expect(await files.fetchedBytes(ATTEMPT, file)).toBe(5);
    await Promise.all([0, 1].map(() => files.appendFetched(ATTEMPT, file, 0, bytesOf('abcdef'))));
    unwrap(await files.appendFetched(ATTEMPT, file, 4, bytesOf('ef')));
    expect(readFileSync(join(folderOf(dataDir), 'a'), 'utf8')).toBe('abcdef');
  });

  test('with a piece missing, or more than was promised, is refused', async () => {
    const { files } = openFiles();
    const file = fetched('a', 'abcdef');
    const refused = { ok: false, error: { code: 'invalid-argument' } };
    expect(await files.appendFetched(ATTEMPT, file, 1, bytesOf('b'))).toMatchObject(refused);
    expect(await files.appendFetched(ATTEMPT, file, -1, bytesOf('b'))).toMatchObject(refused);
    expect(await files.appendFetched(ATTEMPT, file, 0, bytesOf('abcdefg'))).toMatchObject(refused);
    expect(await files.fetchedBytes(ATTEMPT, file)).toBe(0);
  });

  test('that did not arrive as it was sent is thrown away and fetched anew', async () => {
    const { files, dataDir } = openFiles();
    const file = fetched('a', 'right');
    expect(await files.appendFetched(ATTEMPT, file, 0, bytesOf('wrong'))).toMatchObject({
      ok: false,
      error: { code: 'invalid-argument', message: expect.stringMatching(/did not arrive as it was sent/) },
    });
    expect(filesBelow(dataDir)).toEqual([]);
    expect(await files.fetchedBytes(ATTEMPT, file)).toBe(0);
    await fetchAll(files, file, 'right');
    expect(readFileSync(join(folderOf(dataDir), 'a'), 'utf8')).toBe('right');
  });

  test('is one of several, of which two may have the same content', async () => {
    const { files, dataDir } = openFiles();
    for (const path of ['a', 'b', 'c/a']) await fetchAll(files, fetched(path, 'same'), 'same');
    expect(filesBelow(folderOf(dataDir))).toEqual(['a', 'b', 'c/a']);
  });

  test('does not take the place of a folder, nor lie below another file', async () => {
    const { files, dataDir } = openFiles();
    await fetchAll(files, fetched('a/b', 'first'), 'first');
    await fetchAll(files, fetched('c', 'second'), 'second');
    for (const path of ['a', 'c/d', 'c/d/e']) {
      expect(await files.appendFetched(ATTEMPT, fetched(path, 'x'), 0, bytesOf('x'))).toMatchObject({
        ok: false,
        error: { code: 'invalid-argument', message: `${path} cannot be kept beside another file of that name.` },
      });
    }
    expect(filesBelow(folderOf(dataDir))).toEqual(['a/b', 'c']);
  });

  test('on a disk that is full says so, and goes on when there is room', async () => {
    const dataDir = smallDisk(600);
    const { files } = openFiles({ dataDir });
    const content = 'x'.repeat(100_000);
    const file = fetched('large', content);
    fillUp(dataDir);
    expect(await files.appendFetched(ATTEMPT, file, 0, bytesOf(content))).toMatchObject({
      ok: false,
      error: { code: 'disk-full', message: expect.stringMatching(/^The fetched file large cannot be kept/) },
    });
    mount(['-o', 'remount,size=20000k', dataDir]);
    await fetchAll(files, file, content, 30_000);
    expect(statSync(join(folderOf(dataDir), 'large')).size).toBe(100_000);
  });
});

describe('the name that a worker gives a file', () => {
  const hostile = [
    '../../fleet.db',
    '/etc/passwd',
    'a/../../../x',
    'a//b',
    './a',
    'a/.',
    '..',
    '',
    '/',
    'nul\0byte',
    'x'.repeat(256),
    `${'y'.repeat(256)}/a`,
    '\ud800',
  ];

  test.each(hostile)('%j is refused, and nothing is written', async (path) => {
    const { files, dataDir } = openFiles();
    const file = { path, bytes: 1, sha256: sumOf('x') };
    expect(await files.appendFetched(ATTEMPT, file, 0, bytesOf('x'))).toMatchObject({
      ok: false,
      error: { code: 'invalid-argument', message: expect.stringMatching(/cannot be kept here/) },
    });
    expect(await files.fetchedBytes(ATTEMPT, file)).toBe(0);
    expect(() => filesBelow(dataDir)).toThrow(/ENOENT/);
  });

  test('may be strange: it is only a name', async () => {
    const { files, dataDir } = openFiles();
    const names = ['<b>&amp;.png', 'a\nb', '-rf', '~', '$(id)', '…\u202egnp.exe', '🧪/مختبر', 'C:\\x', 'con', '...'];
    for (const name of names) await fetchAll(files, fetched(name, name), name, 1_000);
    expect(filesBelow(folderOf(dataDir))).toEqual(names.toSorted());
  });

  test('longer than any path is an answer, not an end', async () => {
    const { files } = openFiles();
    const path = Array.from({ length: 40 }, () => 'd'.repeat(200)).join('/');
    expect(await files.appendFetched(ATTEMPT, fetched(path, 'x'), 0, bytesOf('x'))).toMatchObject({
      ok: false,
      error: { code: 'storage' },
    });
  });

  test('never leads out of the attempt’s folder, whatever it is', () => {
    const part = fc.oneof(fc.constantFrom('..', '.', '', '/', '\\', '\0', 'a'), fc.string({ maxLength: 5 }));
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        const checked = fetchedPath(parts.join('/'), 'linux');
        if (!checked.ok) return;
        expect(join('/root/of/all', ...checked.value).startsWith('/root/of/all/')).toBe(true);
        expect(checked.value.every((name) => !name.includes('/') && name !== '..')).toBe(true);
      }),
    );
  });

  test.each(['a\\..\\..\\x', 'C:x', 'file:stream', 'con', 'AUX.txt', 'lpt1', 'a.', 'b ', 'what?', 'a|b', 'a\u0007'])(
    'on Windows is refused as well: %j',
    (path) => {
      expect(fetchedPath(path, 'win32').ok).toBe(false);
      expect(fetchedPath(path, 'linux').ok).toBe(true);
    },
  );

  test('is not followed through a link that somebody put there', async () => {
    const { files, dataDir } = openFiles();
    const outside = put(join(dataDir, 'outside', 'kept'), 'kept');
    mkdirSync(folderOf(dataDir), { recursive: true });
    symlinkSync(join(dataDir, 'outside'), join(folderOf(dataDir), 'folder'));
    symlinkSync(outside, join(folderOf(dataDir), 'link'));
    expect((await files.appendFetched(ATTEMPT, fetched('folder/kept', 'x'), 0, bytesOf('x'))).ok).toBe(false);
    await fetchAll(files, fetched('link', 'mine'), 'mine');
    expect(readFileSync(outside, 'utf8')).toBe('kept');
    expect(readFileSync(join(folderOf(dataDir), 'link'), 'utf8')).toBe('mine');
    expect(() => readlinkSync(join(folderOf(dataDir), 'link'))).toThrow(/EINVAL/);
  });
});

test('removing an attempt takes its files, also those half there, and leaves those of others', async () => {
  const { files, dataDir } = openFiles();
  await fetchAll(files, fetched('a', 'whole'), 'whole');
  unwrap(await files.appendFetched(ATTEMPT, fetched('b', 'half'), 0, bytesOf('ha')));
  unwrap(await files.appendFetched(OTHER, fetched('a', 'other'), 0, bytesOf('other')));
  await files.remove([ATTEMPT]);
  expect(filesBelow(dataDir)).toEqual([`tasks/fetched/${OTHER}/a`]);
  expect(files.fetchedFolder(ATTEMPT)).toBeNull();
});
