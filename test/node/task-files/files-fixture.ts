/** Files of tasks in a data folder of their own. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { FetchedFile } from '../../../src/core/tasks/attempt.ts';
import type { AttemptId } from '../../../src/core/tasks/task.ts';
import type { TaskFiles } from '../../../src/engine/ports.ts';
import { systemClock } from '../../../src/node/system-clock.ts';
import { createTaskFiles, type TaskFilesOptions } from '../../../src/node/task-files/task-files.ts';
import { tempFolder } from '../../support/temp-folder.ts';

export const ATTEMPT = '0123456789.1' as AttemptId;
export const OTHER = '0123456789.2' as AttemptId;

export interface OpenFiles {
  readonly files: TaskFiles;
  readonly dataDir: string;
  readonly logged: readonly string[];
}

export function openFiles(options: Partial<TaskFilesOptions> = {}): OpenFiles {
  const dataDir = options.dataDir ?? join(tempFolder(), 'data');
  const logged: string[] = [];
  const line = (message: string): void => void logged.push(message);
  const log = { info: line, warn: line, error: line };
  return { files: createTaskFiles({ clock: systemClock, log, ...options, dataDir }), dataDir, logged };
}

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
export const sumOf = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

export function fetched(path: string, content: string): FetchedFile {
  return { path, bytes: bytesOf(content).length, sha256: sumOf(content) };
}

/** Writes a file with its folders. */
export function put(path: string, content: string | Uint8Array, mode = 0o644): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content, { mode });
  return path;
}

/** Every file below `folder`, by its path there, `/` between names. */
export function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();
}

/** Every mode below `folder`, each once: `d700`, `f600`. */
export function modesBelow(folder: string): readonly string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const modes = entries.map((entry) => {
    const mode = statSync(join(entry.parentPath, entry.name)).mode & 0o777;
    return `${entry.isDirectory() ? 'd' : 'f'}${mode.toString(8)}`;
  });
  return [...new Set(modes)].toSorted();
}

/** As if everything below `folder` had last changed at `atMs`. */
export function age(folder: string, atMs: number): void {
  for (const path of filesBelow(folder)) utimesSync(join(folder, path), atMs / 1_000, atMs / 1_000);
}
