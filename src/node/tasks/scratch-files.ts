/** Files that a task left in its scratch folder, read without ever leaving it: links are not followed, pipes not waited for. */
import { createHash } from 'node:crypto';
import { constants, type Dirent } from 'node:fs';
import { type FileHandle, open, readdir, readlink, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { AttemptOrder, FetchedFile } from '../../core/tasks/attempt.ts';
import { type Glob, parseGlob } from '../../core/tasks/glob.ts';

const MOST_FILES = 1_000;
const CHUNK_BYTES = 256 * 1024;

export interface Fetched {
  readonly files: readonly FetchedFile[];
  /** Sentences about those that fit and stay behind. */
  readonly left: readonly string[];
}

/** Whose files may be read; null: all that the agent may read. */
type Owner = { readonly uid: number } | null;

/** Everything in `scratch` that one of the globs fits, in the order of its names. */
export async function fetchFiles(
  scratch: string,
  { fetch, fileLimitBytes }: Pick<AttemptOrder, 'fetch' | 'fileLimitBytes'>,
  owner: Owner,
): Promise<Fetched> {
  const files: FetchedFile[] = [];
  const left: string[] = [];
  if (fetch.length === 0) return { files, left };
  for await (const path of fitting(scratch, fetch.map(parseGlob), [])) {
    if (files.length >= MOST_FILES) {
      left.push(`Only the first ${MOST_FILES} files were kept. Fetch fewer, or pack them into one.`);
      break;
    }
    const file = await summed(scratch, path, fileLimitBytes, owner);
    if (typeof file === 'string') left.push(file);
    else files.push(file);
  }
  return { files, left: left.slice(0, MOST_FILES) };
}

/** Null where it is no plain file (or folder) of this folder and its owner. The caller closes it. */
export async function openInside(
  scratch: string,
  path: string,
  owner: Owner,
  is: 'isFile' | 'isDirectory' = 'isFile',
): Promise<FileHandle | null> {
  let file: FileHandle | null = null;
  try {
    file = await open(join(scratch, path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const found = await file.stat();
    // A second name of somebody else's file is no link that shows.
    const isOwn = owner === null || found.uid === owner.uid;
    if (isOwn && found[is]() && (await isInside(scratch, path, file))) return file;
  } catch {
    // Gone, a link, or not for us.
  }
  await file?.close();
  return null;
}

/** Another process of the same user may put a link in the place of a folder: where the file really lies decides. */
async function isInside(scratch: string, path: string, file: FileHandle): Promise<boolean> {
  const expected = join(await realpath(scratch), path);
  const real = process.platform === 'linux' ? await readlink(`/proc/self/fd/${file.fd}`) : await realpath(expected);
  return real === expected;
}

async function* fitting(
  scratch: string,
  globs: readonly Glob[],
  names: readonly string[],
): AsyncGenerator<string, void, undefined> {
  const entries = await entriesOf(scratch, names.join('/'));
  for (const entry of entries.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
    const path = [...names, entry.name];
    if (entry.isFile() && globs.some((glob) => glob.fits(path))) yield path.join('/');
    if (entry.isDirectory() && globs.some((glob) => glob.mayHold(path))) yield* fitting(scratch, globs, path);
  }
}

/** What is in a folder of `scratch`; nothing where a link lies in its place by now. */
async function entriesOf(scratch: string, path: string): Promise<readonly Dirent[]> {
  const folder = await openInside(scratch, path, null, 'isDirectory');
  if (folder === null) return [];
  try {
    const opened = process.platform === 'linux' ? `/proc/self/fd/${folder.fd}` : join(scratch, path);
    return await readdir(opened, { withFileTypes: true });
  } catch {
    return [];
  } finally {
    await folder.close();
  }
}

/** The file with its sum, or the sentence why it stays. */
async function summed(scratch: string, path: string, limitBytes: number, owner: Owner): Promise<FetchedFile | string> {
  const file = await openInside(scratch, path, owner);
  if (file === null) return `${path} could not be read.`;
  try {
    const { size } = await file.stat();
    if (size > limitBytes) return `${path} is too large (${size} bytes, ${limitBytes} at most).`;
    const hash = createHash('sha256');
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    let bytes = 0;
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, Math.min(CHUNK_BYTES, size - bytes), bytes);
      if (bytesRead === 0) break;
      hash.update(chunk.subarray(0, bytesRead));
      bytes += bytesRead;
    }
    return { path, bytes, sha256: hash.digest('hex') };
  } catch {
    return `${path} could not be read.`;
  } finally {
    await file.close();
  }
}
