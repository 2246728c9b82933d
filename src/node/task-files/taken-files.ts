/**
 * Files that tasks bring, copied when the plan is submitted: what the person changes afterwards changes nothing. Named by
 * their SHA-256, so that a file that many tasks bring is there once.
 */
import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, rename, rm, stat, unlink, utimes } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { formatBytes } from '../../core/metrics/format.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { OrderedFile } from '../../core/tasks/attempt.ts';
import type { BroughtFile } from '../../core/tasks/task.ts';
import { type Clock, HOUR_MS } from '../../core/time.ts';
import type { TaskFiles } from '../../engine/ports.ts';
import { fileFailure, isMissing } from './file-failure.ts';
import { makeFolder, namesIn, PRIVATE_FILE, syncNames } from './folders.ts';

/** Hashed on the main thread: about a millisecond of it at a time. */
const CHUNK_BYTES = 512 * 1024;

/** A file may have been taken for a task that is not saved yet; a draft that is older was left by a crash. */
const KEPT_FOR_MS = HOUR_MS;

const SHA256 = /^[0-9a-f]{64}$/;

export function createTakenFiles(brought: string, clock: Clock): Pick<TaskFiles, 'take' | 'readTaken' | 'keepTaken'> {
  async function takeOne(folder: string, file: BroughtFile, limitBytes: number): Promise<Result<OrderedFile>> {
    const path = resolve(folder, file.from);
    const inside = relative(folder, path);
    if (inside.startsWith('..') || isAbsolute(inside)) {
      return fail(
        'invalid-argument',
        `${file.from} lies outside of ${folder}. Put it there, beside the plan, or a link to it.`,
      );
    }
    let source: FileHandle;
    try {
      // Not blocking: a pipe would wait for whoever writes into it.
      source = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    } catch (error) {
      if (isMissing(error)) return fail('not-found', `${file.from} is not there (${path}).`);
      return fileFailure(error, file.from);
    }
    try {
      return await copy(source, file, limitBytes);
    } catch (error) {
      return fileFailure(error, `A copy of ${file.from}`);
    } finally {
      await source.close();
    }
  }

  async function copy(source: FileHandle, { from, to }: BroughtFile, limitBytes: number): Promise<Result<OrderedFile>> {
    const before = await source.stat();
    if (!before.isFile())
      return fail('invalid-argument', `${from} is a folder or a device: only files can be brought.`);
    if (before.size > limitBytes) {
      const sizes = `${formatBytes(before.size)}, and at most ${formatBytes(limitBytes)} can be brought`;
      return fail('invalid-argument', `${from} has ${sizes}. Raise the limit in the plan, or make the file smaller.`);
    }
    const draft = join(brought, `draft-${randomUUID()}`);
    try {
      const { bytes, sha256 } = await copyInto(draft, source, before.size);
      const after = await source.stat();
      if (bytes !== before.size || after.size !== before.size || after.mtimeMs !== before.mtimeMs) {
        return fail(
          'invalid-argument',
          `${from} changed while it was read. Submit the plan again when it is complete.`,
        );
      }
      await publish(draft, sha256, bytes);
      const isExecutable = process.platform !== 'win32' && (before.mode & 0o111) !== 0;
      return ok({ to, bytes, sha256, isExecutable });
    } finally {
      await rm(draft, { force: true });
    }
  }

  /** A file of the same name has the same bytes, all of them: names are given to whole files alone. */
  async function publish(draft: string, sha256: string, bytes: number): Promise<void> {
    const path = join(brought, sha256);
    const known = await stat(path).catch(() => null);
    if (known?.size === bytes) await utimes(path, clock.nowMs() / 1_000, clock.nowMs() / 1_000);
    else await rename(draft, path);
  }

  return {
    async take(folder, files, limitBytes) {
      const taken: OrderedFile[] = [];
      try {
        await makeFolder(brought);
        for (const file of files) {
          const one = await takeOne(folder, file, limitBytes);
          if (!one.ok) return one;
          taken.push(one.value);
        }
        if (taken.length > 0) await syncNames(join(brought, 'any'), brought);
        return ok(taken);
      } catch (error) {
        return fileFailure(error, 'What the tasks bring');
      }
    },
    async readTaken(sha256, offset, maxBytes) {
      if (!SHA256.test(sha256)) return fail('invalid-argument', 'This is no SHA-256 sum.');
      try {
        return ok(await readPiece(join(brought, sha256), offset, maxBytes));
      } catch (error) {
        if (isMissing(error)) {
          return fail('not-found', 'A file that the task brings is no longer kept. Submit the plan again.');
        }
        return fileFailure(error, 'A file that the task brings');
      }
    },
    async keepTaken(needed) {
      const oldestMs = clock.nowMs() - KEPT_FOR_MS;
      for (const name of await namesIn(brought).catch(() => [])) {
        if (needed.has(name)) continue;
        const path = join(brought, name);
        const found = await stat(path).catch(() => null);
        // What cannot be removed now is met again the next time.
        if (found !== null && found.mtimeMs < oldestMs) await unlink(path).catch(() => {});
      }
    },
  };
}

/** On disk when it resolves. Stops behind `size`: a file that grows is noticed, not followed. */
async function copyInto(draft: string, source: FileHandle, size: number) {
  const target = await open(draft, 'wx', PRIVATE_FILE);
  try {
    const hash = createHash('sha256');
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, size + 1));
    let bytes = 0;
    while (bytes <= size) {
      const { bytesRead } = await source.read(buffer, 0, buffer.length, bytes);
      if (bytesRead === 0) break;
      const chunk = buffer.subarray(0, bytesRead);
      hash.update(chunk);
      await target.writeFile(chunk);
      bytes += bytesRead;
    }
    await target.datasync();
    return { bytes, sha256: hash.digest('hex') };
  } finally {
    await target.close();
  }
}

async function readPiece(path: string, offset: number, maxBytes: number): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const left = (await file.stat()).size - offset;
    const buffer = Buffer.alloc(Math.max(0, Math.min(maxBytes, left)));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
