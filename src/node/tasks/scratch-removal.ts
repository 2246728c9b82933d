/** Scratch folders, removed: also where a task took away its own rights to them, and with no more rights than it has. */
import { spawn } from 'node:child_process';
import { rmdirSync } from 'node:fs';
import { chmod, lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MINUTE_MS } from '../../core/time.ts';
import { isMissing } from '../task-files/file-failure.ts';
import { baseEnvironment, type TaskUser } from './command-environment.ts';

/** A task may stop whatever runs as its user: so long is waited for a removal. */
const REMOVAL_LIMIT_MS = 10 * MINUTE_MS;

/** `user`: whose folder it is; null: the agent's own. Throws where something stays. */
export async function removeScratch(scratch: string, user: TaskUser | null): Promise<void> {
  if (isRemovedEmpty(scratch)) return;
  if (user === null) await removeAll(scratch);
  else await removeAs(user, scratch);
}

/** Most tasks leave nothing in theirs. */
function isRemovedEmpty(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    return isMissing(error);
  }
}

async function removeAll(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true });
  } catch {
    await openFolders(folder);
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function openFolders(folder: string): Promise<void> {
  const found = await lstat(folder).catch(() => null);
  if (found?.isDirectory() !== true) return;
  await chmod(folder, 0o700);
  for (const name of await readdir(folder)) await openFolders(join(folder, name));
}

/**
 * Another task of the user may put a link in the place of a folder meanwhile, which would lead root anywhere: so the user
 * itself empties it. The empty folder lies where only the agent may remove it.
 */
async function removeAs(user: TaskUser, scratch: string): Promise<void> {
  const empty = (): Promise<void> => runAs(user, 'rm', ['-rf', '--', scratch]);
  await empty();
  if (isRemovedEmpty(scratch)) return;
  await runAs(user, 'chmod', ['-R', 'u+rwX', '--', scratch]);
  await empty();
  rmdirSync(scratch);
}

function runAs(user: TaskUser, program: string, words: readonly string[]): Promise<void> {
  const { uid, gid } = user;
  return new Promise((resolve) => {
    const options = { cwd: '/', env: baseEnvironment(user), uid, gid, timeout: REMOVAL_LIMIT_MS } as const;
    const child = spawn(program, words, { ...options, killSignal: 'SIGKILL', stdio: 'ignore' });
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
}
