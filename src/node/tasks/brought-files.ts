/**
 * Files that tasks bring, kept under their SHA-256 for as long as a task here needs them and an hour longer: the next task
 * of a run often brings the same.
 */
import { createHash } from 'node:crypto';
import { constants, createReadStream, existsSync, utimesSync } from 'node:fs';
import { chmod, copyFile, lchown, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, ok, type Result } from '../../core/result.ts';
import type { OrderedFile } from '../../core/tasks/attempt.ts';
import { HOUR_MS } from '../../core/time.ts';
import { fetchedPath } from '../task-files/fetched-path.ts';
import { fileFailure } from '../task-files/file-failure.ts';
import { createTurns } from '../task-files/turns.ts';
import type { TaskUser } from './command-environment.ts';

export interface BroughtFiles {
  missing(sha256: readonly string[]): readonly string[];
  /** The next piece, in order from 0; the last one is checked against the sum. */
  bring(sha256: string, offset: number, totalBytes: number, bytes: Uint8Array): Promise<Result<null>>;
  /**
   * Copies the files to their places below `scratch`, which only the agent may enter, for the user. Null, or the sentence
   * why it cannot be.
   */
  place(files: readonly OrderedFile[], scratch: string, user: TaskUser | null): Promise<string | null>;
  /** Removes what nobody needs and nobody asked for within the last hour. */
  keep(sha256: ReadonlySet<string>, nowMs: number): Promise<void>;
}

export function createBroughtFiles(folder: string): BroughtFiles {
  const inTurn = createTurns();
  const pathOf = (sha256: string): string => join(folder, sha256);

  async function append(sha256: string, offset: number, totalBytes: number, bytes: Uint8Array): Promise<Result<null>> {
    const draft = `${pathOf(sha256)}.draft`;
    if (isKept(sha256)) return ok(null);
    const file = await open(draft, offset === 0 ? 'w' : 'r+', 0o600);
    try {
      const { size } = await file.stat();
      if (offset > size || offset + bytes.length > totalBytes) {
        return fail('invalid-argument', 'The piece does not go on where the file ends. Send it from its beginning.');
      }
      await file.truncate(offset);
      await file.write(bytes, 0, bytes.length, offset);
      // Before it gets its name: after a power cut that would stand for a file without its bytes.
      if (offset + bytes.length === totalBytes) await file.datasync();
    } finally {
      await file.close();
    }
    if (offset + bytes.length < totalBytes) return ok(null);
    if ((await sumOf(draft)) !== sha256) {
      await rm(draft, { force: true });
      return fail('invalid-argument', 'The file did not arrive as it was sent. Send it again.');
    }
    await rename(draft, pathOf(sha256));
    return ok(null);
  }

  function isKept(sha256: string): boolean {
    if (!isSum(sha256) || !existsSync(pathOf(sha256))) return false;
    const now = new Date();
    utimesSync(pathOf(sha256), now, now);
    return true;
  }

  async function isWhole({ sha256, bytes }: OrderedFile): Promise<boolean> {
    if (!isKept(sha256)) return false;
    if ((await stat(pathOf(sha256))).size === bytes) return true;
    await rm(pathOf(sha256), { force: true });
    return false;
  }

  return {
    missing: (sha256) => sha256.filter((one) => !isKept(one)),
    bring: (sha256, offset, totalBytes, bytes) =>
      inTurn(sha256, async () => {
        if (!isSum(sha256)) return fail('invalid-argument', 'A file is named by its SHA-256 in hex.');
        try {
          return await append(sha256, offset, totalBytes, bytes);
        } catch (error) {
          return fileFailure(error, 'A file that a task brings');
        }
      }),
    async place(files, scratch, user) {
      for (const file of files) {
        const names = fetchedPath(file.to, process.platform);
        if (!names.ok) return names.error.message;
        if (!(await isWhole(file))) return `${file.to} was not brought to this machine. Retry the task.`;
        const made = await makeParents(scratch, names.value.slice(0, -1), user);
        const path = join(made, names.value.at(-1) ?? '');
        await rm(path, { force: true });
        await copyFile(pathOf(file.sha256), path, constants.COPYFILE_FICLONE);
        await chmod(path, file.isExecutable ? 0o755 : 0o644);
        if (user !== null) await lchown(path, user.uid, user.gid);
      }
      return null;
    },
    async keep(sha256, nowMs) {
      for (const name of await readdir(folder)) {
        const path = join(folder, name);
        const usedAtMs = (await stat(path).catch(() => null))?.mtimeMs ?? nowMs;
        if (!sha256.has(name) && nowMs - usedAtMs > HOUR_MS) await rm(path, { force: true });
      }
    },
  };
}

async function makeParents(scratch: string, names: readonly string[], user: TaskUser | null): Promise<string> {
  let folder = scratch;
  for (const name of names) {
    folder = join(folder, name);
    await mkdir(folder, { recursive: true });
    if (user !== null) await lchown(folder, user.uid, user.gid);
  }
  return folder;
}

function isSum(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

async function sumOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
