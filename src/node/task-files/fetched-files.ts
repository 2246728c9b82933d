/**
 * Files that tasks left and their plans fetch. A file appears under its name when it is whole and its sum is right; before,
 * it is a draft beside. None is executable here.
 */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { appendFile, lstat, rename, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, ok, type Result } from '../../core/result.ts';
import type { FetchedFile } from '../../core/tasks/attempt.ts';
import type { AttemptId } from '../../core/tasks/task.ts';
import type { TaskFiles } from '../../engine/ports.ts';
import { fetchedPath } from './fetched-path.ts';
import { fileFailure, isMissing } from './file-failure.ts';
import { isAttemptId, makeFolder, namesIn, PRIVATE_FILE, syncFile, syncNames, type TaskFolders } from './folders.ts';
import type { TakeTurn } from './turns.ts';

/** Where a file goes: its draft in a folder of its attempt, then the folders and the name that its worker gave it. */
interface Place {
  readonly draftFolder: string;
  readonly draft: string;
  readonly folder: string;
  readonly names: readonly string[];
}

export function createFetchedFiles(
  folders: TaskFolders,
  inTurn: TakeTurn,
): Pick<TaskFiles, 'appendFetched' | 'fetchedBytes' | 'fetchedFolder'> {
  function placeOf(attemptId: AttemptId, file: FetchedFile): Result<Place> {
    if (!isAttemptId(attemptId)) return fail('invalid-argument', 'This is no id of an attempt.');
    const names = fetchedPath(file.path, process.platform);
    if (!names.ok) return names;
    const draftFolder = join(folders.fetching, attemptId);
    // Another version of the file is another draft.
    const draftName = createHash('sha256').update(`${file.path}\0${file.sha256}`).digest('hex');
    const folder = join(folders.fetched, attemptId);
    return ok({ draftFolder, draft: join(draftFolder, draftName), folder, names: names.value });
  }

  function guarded<Value>(attemptId: AttemptId, file: FetchedFile, work: (place: Place) => Promise<Result<Value>>) {
    return inTurn(attemptId, async (): Promise<Result<Value>> => {
      const place = placeOf(attemptId, file);
      if (!place.ok) return place;
      try {
        return await work(place.value);
      } catch (error) {
        return fileFailure(error, `The fetched file ${file.path}`);
      }
    });
  }

  /** Renames the draft into its place, if it is what the worker promised. */
  async function complete(place: Place, file: FetchedFile): Promise<Result<null>> {
    const { draft, draftFolder, folder, names } = place;
    if ((await sumOf(draft)) !== file.sha256) {
      await rm(draft, { force: true });
      return fail('invalid-argument', `${file.path} did not arrive as it was sent.`);
    }
    const path = join(folder, ...names);
    const parent = await makeParents(folder, names.slice(0, -1));
    if (parent === null || (await isOtherName(parent, path, names.at(-1) ?? ''))) {
      return fail('invalid-argument', `${file.path} cannot be kept beside another file of that name.`);
    }
    await syncFile(draft);
    await rename(draft, path);
    await syncNames(path, folders.fetched);
    await rmdir(draftFolder).catch(() => {});
    return ok(null);
  }

  return {
    appendFetched: (attemptId, file, offset, bytes) =>
      guarded(attemptId, file, async (place) => {
        const { draft, draftFolder } = place;
        const kept = await keptOf(place, file);
        if (kept === null) return ok(null);
        if (offset > kept || offset < 0 || offset + bytes.length > file.bytes) {
          return fail('invalid-argument', `The piece of ${file.path} does not go on where the file ends (${kept}).`);
        }
        await makeFolder(draftFolder);
        // A piece that comes again adds what is new of it.
        await appendFile(draft, bytes.subarray(Math.min(bytes.length, kept - offset)), { mode: PRIVATE_FILE });
        return (await stat(draft)).size < file.bytes ? ok(null) : complete(place, file);
      }),
    async fetchedBytes(attemptId, file) {
      const kept = await guarded(attemptId, file, async (place) => ok((await keptOf(place, file)) ?? file.bytes));
      return kept.ok ? kept.value : 0;
    },
    fetchedFolder(attemptId) {
      const folder = join(folders.fetched, attemptId);
      return isAttemptId(attemptId) && existsSync(folder) ? folder : null;
    },
  };
}

/** Bytes of the draft; null when the file is whole and in its place. */
async function keptOf({ draft, folder, names }: Place, file: FetchedFile): Promise<number | null> {
  const whole = await found(join(folder, ...names));
  if (whole?.isFile() === true && whole.size === file.bytes) return null;
  return (await found(draft))?.size ?? 0;
}

/** Makes the folders one by one, through no link. Null where a file has the name of one. */
async function makeParents(root: string, names: readonly string[]): Promise<string | null> {
  let folder = root;
  await makeFolder(folder);
  for (const name of names) {
    folder = join(folder, name);
    const there = await found(folder);
    if (there === null) await makeFolder(folder);
    else if (!there.isDirectory()) return null;
  }
  return folder;
}

/** Something is there that is no earlier version: a folder, or, where case does not count, a file of another spelling. */
async function isOtherName(parent: string, path: string, name: string): Promise<boolean> {
  const there = await found(path);
  if (there === null) return false;
  return there.isDirectory() || !(await namesIn(parent)).includes(name);
}

async function found(path: string) {
  try {
    return await lstat(path);
  } catch (error) {
    // ENOTDIR: what should be a folder on the way is a file.
    if (isMissing(error) || (error as NodeJS.ErrnoException).code === 'ENOTDIR') return null;
    throw error;
  }
}

async function sumOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
