/** Which file a command's first word means here, and whether the owner lets it run. */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isAllowedProgram } from '../../core/tasks/allowed-programs.ts';

/** The path that PATH leads to; the word itself where it is a path already, or where nothing is found. */
export async function programPath(word: string, path: string): Promise<string> {
  if (word.includes('/')) return word;
  for (const folder of path.split(':')) {
    const file = join(folder === '' ? '.' : folder, word);
    if (folder.startsWith('/') && (await isExecutable(file))) return file;
  }
  return word;
}

/** `found`: what the word means under the owner's own PATH, so that a plan's PATH puts no other program in its place. */
export function mayRun(programs: readonly string[] | null, word: string, found: string): boolean {
  return isAllowedProgram(programs, word) || (programs?.includes(found) ?? true);
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
