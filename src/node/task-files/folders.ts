/** Where files of tasks lie in the data folder, for its user alone. */
import { mkdir, open, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { AttemptId } from '../../core/tasks/task.ts';
import { isMissing } from './file-failure.ts';

export interface TaskFolders {
  /** Copies of files that tasks bring, named by their SHA-256. */
  readonly brought: string;
  /** A folder for each attempt, with what it wrote. */
  readonly output: string;
  /** A folder for each attempt, with the files it left, under their own names. */
  readonly fetched: string;
  /** The same for files of which not everything is there. */
  readonly fetching: string;
}

const PRIVATE_FOLDER = 0o700;
export const PRIVATE_FILE = 0o600;

export function taskFolders(dataDir: string): TaskFolders {
  const of = (name: string): string => join(dataDir, 'tasks', name);
  return { brought: of('brought'), output: of('output'), fetched: of('fetched'), fetching: of('fetching') };
}

/** Small letters only, so that two ids are two folders on every disk. */
export function isAttemptId(text: string): text is AttemptId {
  return /^[a-z0-9-]{1,64}\.\d{1,9}$/.test(text);
}

export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: PRIVATE_FOLDER });
}

/** Names in a folder; none where it is missing. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Brings a file's bytes to the platter. */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** So that a power cut takes back neither the name of `path` nor those of its folders up to `root`. Folders cannot be opened on Windows. */
export async function syncNames(path: string, root: string): Promise<void> {
  if (process.platform === 'win32') return;
  for (let folder = dirname(path); folder.length >= dirname(root).length; folder = dirname(folder)) {
    const opened = await open(folder, 'r');
    try {
      await opened.sync();
    } finally {
      await opened.close();
    }
  }
}
