/** Files that tasks bring: what lies beside the plan when it is submitted is what every attempt gets. */
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tempFolder } from '../../support/temp-folder.ts';
import { fillUp, mount, smallDisk } from '../storage/small-disk.ts';
import { unwrap } from '../storage/storage-fixture.ts';
import { age, filesBelow, modesBelow, openFiles, put, sumOf, textOf } from './files-fixture.ts';

const LIMIT = 2 ** 20;
const HOUR_MS = 3_600_000;

const bring = (...names: readonly string[]) => names.map((name) => ({ from: name, to: `in/${name}` }));

describe('a file that a task brings', () => {
  test('is copied: what happens to it afterwards changes nothing', async () => {
    const { files, dataDir } = openFiles();
    const plan = tempFolder();
    put(join(plan, 'data.bin'), 'first');
    put(join(plan, 'run.sh'), '#!/bin/sh\n', 0o755);
    const taken = unwrap(await files.take(plan, bring('data.bin', './run.sh'), LIMIT));
    expect(taken).toEqual([
      { to: 'in/data.bin', bytes: 5, sha256: sumOf('first'), isExecutable: false },
      { to: 'in/./run.sh', bytes: 10, sha256: sumOf('#!/bin/sh\n'), isExecutable: true },
    ]);
    writeFileSync(join(plan, 'data.bin'), 'second');
    rmSync(join(plan, 'run.sh'));
    expect(textOf(unwrap(await files.readTaken(sumOf('first'), 0, 100)))).toBe('first');
    expect(modesBelow(dataDir)).toEqual(['d700', 'f600']);
  });

  test('is read piece by piece, and ends where it ends', async () => {
    const { files } = openFiles();
    const plan = tempFolder();
    const content = Buffer.from(Array.from({ length: 700_000 }, (_, index) => (index * 7) % 251));
    put(join(plan, 'big'), content);
    const [file] = unwrap(await files.take(plan, bring('big'), LIMIT));
    const pieces: Uint8Array[] = [];
    for (let at = 0; ; at += 300_000) {
      const piece = unwrap(await files.readTaken(file?.sha256 ?? '', at, 300_000));
      if (piece.length === 0) break;
      pieces.push(piece);
    }
    expect(pieces.map((piece) => piece.length)).toEqual([300_000, 300_000, 100_000]);
    expect(Buffer.concat(pieces).equals(content)).toBe(true);
  });

  test('is there once, however many bring it', async () => {
    const { files, dataDir } = openFiles();
    const plan = tempFolder();
    put(join(plan, 'a'), 'same');
    put(join(plan, 'b'), 'same');
    put(join(plan, 'empty'), '');
    const taken = unwrap(await files.take(plan, bring('a', 'b', 'empty'), LIMIT));
    expect(taken.map((file) => file.bytes)).toEqual([4, 4, 0]);
    expect(unwrap(await files.take(plan, bring('a'), LIMIT))).toHaveLength(1);
    expect(filesBelow(dataDir)).toEqual([sumOf(''), sumOf('same')].map((sum) => `tasks/brought/${sum}`).toSorted());
  });

  test('may be a link: that is its owner’s choice', async () => {
    const { files } = openFiles();
    const plan = tempFolder();
    symlinkSync(put(join(tempFolder(), 'elsewhere'), 'linked'), join(plan, 'link'));
    expect(unwrap(await files.take(plan, bring('link'), LIMIT))[0]?.sha256).toBe(sumOf('linked'));
  });

  test.each([
    ['that is not there', 'missing.bin', 'not-found', /missing\.bin is not there/],
    ['that is a folder', 'folder', 'invalid-argument', /only files can be brought/],
    ['that is a pipe', 'pipe', 'invalid-argument', /only files can be brought/],
    ['that is too large', 'large', 'invalid-argument', /large has 1.*MiB, and at most 1.*MiB/],
    ['outside of the plan’s folder', '../other', 'invalid-argument', /lies outside of/],
    ['named by its whole path', '/etc/hostname', 'invalid-argument', /lies outside of/],
  ])('%s is refused with the reason, and nothing of it is kept', async (_, from, code, message) => {
    const { files, dataDir } = openFiles();
    const plan = join(tempFolder(), 'plan');
    mkdirSync(join(plan, 'folder'), { recursive: true });
    put(join(plan, 'large'), Buffer.alloc(LIMIT + 1));
    put(join(plan, '..', 'other'), 'x');
    expect(spawnSync('mkfifo', [join(plan, 'pipe')]).status).toBe(0);
    expect(await files.take(plan, [{ from, to: 'x' }], LIMIT)).toMatchObject({
      ok: false,
      error: { code, message: expect.stringMatching(message) },
    });
    expect(filesBelow(dataDir)).toEqual([]);
  });

  test('that changes while it is read is refused', async () => {
    const { files, dataDir } = openFiles();
    const plan = tempFolder();
    const path = put(join(plan, 'log'), '');
    truncateSync(path, 64 * 2 ** 20);
    const taking = files.take(plan, bring('log'), 2 ** 30);
    const writing = setInterval(() => appendFileSync(path, 'more'), 1);
    const answer = await taking;
    clearInterval(writing);
    expect(answer).toMatchObject({ ok: false, error: { message: expect.stringMatching(/changed while it was read/) } });
    expect(filesBelow(dataDir)).toEqual([]);
  });

  test('that does not fit on the disk is refused, and leaves room for what does', async () => {
    const dataDir = smallDisk(600);
    const { files } = openFiles({ dataDir });
    const plan = tempFolder();
    put(join(plan, 'large'), Buffer.alloc(900_000, 1));
    put(join(plan, 'small'), 'fits');
    expect(await files.take(plan, bring('large'), LIMIT)).toMatchObject({
      ok: false,
      error: { code: 'disk-full', message: 'A copy of large cannot be kept: the disk is full. Free some space.' },
    });
    expect(unwrap(await files.take(plan, bring('small'), LIMIT))).toHaveLength(1);
    fillUp(dataDir);
    mount(['-o', 'remount,ro', dataDir]);
    expect(await files.take(plan, bring('large'), LIMIT)).toMatchObject({ ok: false, error: { code: 'read-only' } });
  });
});

describe('files that were taken', () => {
  test('go when no open task needs them, an hour after they were last taken', async () => {
    const { files, dataDir } = openFiles();
    const plan = tempFolder();
    const brought = join(dataDir, 'tasks', 'brought');
    for (const name of ['needed', 'old', 'again']) put(join(plan, name), name);
    unwrap(await files.take(plan, bring('needed', 'old', 'again'), LIMIT));
    put(join(brought, 'draft-left-by-a-crash'), 'half');
    await files.keepTaken(new Set());
    expect(filesBelow(brought)).toHaveLength(4);
    age(brought, Date.now() - 2 * HOUR_MS);
    unwrap(await files.take(plan, bring('again'), LIMIT));
    await files.keepTaken(new Set([sumOf('needed')]));
    expect(filesBelow(brought)).toEqual([sumOf('needed'), sumOf('again')].toSorted());
  });

  test('that are gone, or were never there, are not-found', async () => {
    const { files } = openFiles();
    expect(await files.readTaken(sumOf('x'), 0, 10)).toMatchObject({ ok: false, error: { code: 'not-found' } });
    for (const name of ['../../fleet.db', '', `${sumOf('x')}/`, 'A'.repeat(64)]) {
      expect(await files.readTaken(name, 0, 10)).toMatchObject({ ok: false, error: { code: 'invalid-argument' } });
    }
    await files.keepTaken(new Set());
  });
});

test('a file where the data folder should be is an answer, not an end', async () => {
  const { files, dataDir } = openFiles();
  put(dataDir, 'a file where the folder should be');
  const plan = tempFolder();
  put(join(plan, 'a'), 'a');
  const answer = await files.take(plan, bring('a'), LIMIT);
  expect(answer).toMatchObject({ ok: false, error: { code: 'storage' } });
  await files.keepTaken(new Set());
});
