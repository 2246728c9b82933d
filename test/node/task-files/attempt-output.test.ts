/** Output of attempts: bytes as they were written, at their offsets, the newest of them. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AttemptId } from '../../../src/core/tasks/task.ts';
import type { TaskFiles } from '../../../src/engine/ports.ts';
import { fillUp, mount, smallDisk } from '../storage/small-disk.ts';
import { unwrap } from '../storage/storage-fixture.ts';
import { ATTEMPT, bytesOf, modesBelow, OTHER, openFiles, textOf } from './files-fixture.ts';

/** Everything that is kept, from `offset` on, and where it begins. */
async function readAll(files: TaskFiles, offset = 0): Promise<{ readonly from: number; readonly text: string }> {
  const first = unwrap(await files.readOutput(ATTEMPT, offset, 7));
  let text = textOf(first.bytes);
  for (;;) {
    const piece = unwrap(await files.readOutput(ATTEMPT, first.fromOffset + text.length, 7));
    if (piece.bytes.length === 0) return { from: first.fromOffset, text };
    if (piece.fromOffset !== first.fromOffset + text.length) return { from: first.fromOffset, text };
    text += textOf(piece.bytes);
  }
}

async function append(files: TaskFiles, fromOffset: number, text: string): Promise<void> {
  unwrap(await files.appendOutput(ATTEMPT, fromOffset, bytesOf(text)));
}

describe('output', () => {
  test('is read as it was written, and is there for the next process', async () => {
    const { files, dataDir } = openFiles();
    const bytes = Uint8Array.of(0, 255, 10, 27, 91, 0xed, 0xa0, 0x80);
    unwrap(await files.appendOutput(ATTEMPT, 0, bytes));
    await append(files, 8, 'next');
    unwrap(await files.settle(ATTEMPT));
    const later = openFiles({ dataDir }).files;
    expect(await later.outputBytes(ATTEMPT)).toBe(12);
    expect(unwrap(await later.readOutput(ATTEMPT, 0, 8))).toEqual({
      fromOffset: 0,
      bytes: Buffer.from(bytes),
      keptBytes: 12,
    });
    expect(modesBelow(dataDir)).toEqual(['d700', 'f600']);
  });

  test('that nobody wrote is empty', async () => {
    const { files } = openFiles();
    expect(await files.outputBytes(ATTEMPT)).toBe(0);
    const none = { fromOffset: 0, bytes: Buffer.alloc(0), keptBytes: 0 };
    expect(unwrap(await files.readOutput(ATTEMPT, 0, 10))).toEqual(none);
    unwrap(await files.settle(ATTEMPT));
  });

  test('asked for beyond its end is empty, from there', async () => {
    const { files } = openFiles();
    await append(files, 0, 'abc');
    expect(unwrap(await files.readOutput(ATTEMPT, 3, 10))).toMatchObject({ fromOffset: 3, keptBytes: 3 });
    expect(unwrap(await files.readOutput(ATTEMPT, 9, 10))).toMatchObject({ fromOffset: 9, keptBytes: 3 });
  });

  test('past its limit loses its oldest bytes, and says where it begins', async () => {
    const { files } = openFiles({ outputLimitBytes: 160 });
    const whole = Array.from({ length: 100 }, (_, index) => `line ${String(index).padStart(3, '0')}\n`).join('');
    for (let at = 0; at < whole.length; at += 9) await append(files, at, whole.slice(at, at + 9));
    expect(await files.outputBytes(ATTEMPT)).toBe(900);
    const { from, text } = await readAll(files);
    expect(from).toBeGreaterThanOrEqual(740);
    expect(from).toBeLessThanOrEqual(750);
    expect(text).toBe(whole.slice(from));
    expect(await readAll(files, 800)).toEqual({ from: 800, text: whole.slice(800) });
  });

  test('shows a gap where the worker dropped bytes, also where that was all it had', async () => {
    const { files } = openFiles();
    await append(files, 0, 'begin');
    await append(files, 100, 'later');
    expect(await readAll(files)).toEqual({ from: 0, text: 'begin' });
    expect(unwrap(await files.readOutput(ATTEMPT, 5, 100))).toEqual({
      fromOffset: 100,
      bytes: Buffer.from('later'),
      keptBytes: 105,
    });
    await append(files, 200, '');
    expect(await files.outputBytes(ATTEMPT)).toBe(200);
    await append(files, 200, 'end');
    expect(await readAll(files, 150)).toEqual({ from: 200, text: 'end' });
  });

  test('with a gap before each byte does not become a file for each of them', async () => {
    const { files, dataDir } = openFiles();
    for (let at = 0; at < 400; at += 2) await append(files, at, 'x');
    const kept = readdirSync(join(dataDir, 'tasks', 'output', ATTEMPT));
    expect(kept.length).toBeLessThanOrEqual(64);
    expect(await files.outputBytes(ATTEMPT)).toBe(399);
    expect(await readAll(files, 396)).toEqual({ from: 396, text: 'x' });
  });

  test('that comes again is kept once', async () => {
    const { files } = openFiles();
    await append(files, 0, 'abcdef');
    await append(files, 0, 'abc');
    await append(files, 4, 'efgh');
    await append(files, 8, '');
    expect(await readAll(files)).toEqual({ from: 0, text: 'abcdefgh' });
  });

  test('of pieces that are handed over at once keeps their order', async () => {
    const { files } = openFiles({ outputLimitBytes: 1_600 });
    const pieces = Array.from({ length: 40 }, (_, index) => String(index % 10).repeat(10));
    await Promise.all(pieces.map((piece, index) => append(files, index * 10, piece)));
    expect(await readAll(files)).toEqual({ from: 0, text: pieces.join('') });
  });

  test('is always the newest of what was written, whatever its pieces', async () => {
    const limit = 64;
    const { files } = openFiles({ outputLimitBytes: limit });
    const pieces = fc.array(fc.record({ gap: fc.constantFrom(0, 0, 0, 5), bytes: fc.nat(90) }), { maxLength: 12 });
    let count = 0;
    await fc.assert(
      fc.asyncProperty(pieces, async (writes) => {
        count += 1;
        const id = `0123456789.${count}` as AttemptId;
        const written = new Map<number, number>();
        let end = 0;
        for (const { gap, bytes } of writes) {
          const from = end + (bytes === 0 ? 0 : gap);
          const piece = Uint8Array.from({ length: bytes }, (_, index) => (from + index) % 256);
          unwrap(await files.appendOutput(id, from, piece));
          for (const [index, byte] of piece.entries()) written.set(from + index, byte);
          end = from + bytes;
        }
        expect(await files.outputBytes(id)).toBe(end);
        const kept: number[] = [];
        for (let at = 0; at < end; ) {
          const { fromOffset, bytes } = unwrap(await files.readOutput(id, at, 50));
          for (const [index, byte] of bytes.entries()) expect(byte).toBe(written.get(fromOffset + index));
          kept.push(...Array.from(bytes, (_, index) => fromOffset + index));
          at = fromOffset + bytes.length;
        }
        expect(kept.length).toBeLessThanOrEqual(limit);
        expect(kept).toEqual([...written.keys()].slice(written.size - kept.length));
        // A sixteenth at most goes too early.
        expect(kept.length).toBeGreaterThanOrEqual(Math.min(written.size, limit - limit / 16));
      }),
      { numRuns: 60 },
    );
  });

  test.each(['../x.1', '', '0123456789', 'UPPER.1', '0123456789.1/..', 'a\0.1'])(
    'of an attempt called %j is neither written nor read',
    async (name) => {
      const { files, dataDir } = openFiles();
      const id = name as AttemptId;
      const refused = { ok: false, error: { code: 'invalid-argument' } };
      expect(await files.appendOutput(id, 0, bytesOf('x'))).toMatchObject(refused);
      expect(await files.readOutput(id, 0, 10)).toMatchObject(refused);
      expect(await files.outputBytes(id)).toBe(0);
      await files.remove([id]);
      expect(() => readdirSync(join(dataDir, 'tasks'))).toThrow(/ENOENT/);
    },
  );

  test('is refused at an offset that is none', async () => {
    const { files } = openFiles();
    for (const offset of [-1, 0.5, Number.NaN]) {
      expect(await files.appendOutput(ATTEMPT, offset, bytesOf('x'))).toMatchObject({
        ok: false,
        error: { code: 'invalid-argument' },
      });
    }
  });

  test('on a disk that is full says so, and goes on where it stopped when there is room', async () => {
    const dataDir = smallDisk(600);
    const { files } = openFiles({ dataDir });
    await append(files, 0, 'begin');
    fillUp(dataDir);
    const whole = `begin${'x'.repeat(99_995)}`;
    expect(await files.appendOutput(ATTEMPT, 5, bytesOf(whole.slice(5)))).toMatchObject({
      ok: false,
      error: {
        code: 'disk-full',
        message: 'The output of a task cannot be kept: the disk is full. Free some space.',
      },
    });
    expect(textOf(unwrap(await files.readOutput(ATTEMPT, 0, 5)).bytes)).toBe('begin');
    mount(['-o', 'remount,size=20000k', dataDir]);
    const kept = await files.outputBytes(ATTEMPT);
    expect(kept).toBeGreaterThanOrEqual(5);
    await append(files, kept, whole.slice(kept));
    expect(textOf(unwrap(await files.readOutput(ATTEMPT, 0, 200_000)).bytes)).toBe(whole);
  });
});

test('removing an attempt takes its output and leaves that of others', async () => {
  const { files } = openFiles();
  await append(files, 0, 'mine');
  unwrap(await files.appendOutput(OTHER, 0, bytesOf('other')));
  await files.remove([ATTEMPT, '9999999999.9' as AttemptId]);
  expect(await files.outputBytes(ATTEMPT)).toBe(0);
  expect(await files.outputBytes(OTHER)).toBe(5);
});
