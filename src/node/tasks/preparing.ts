/** From an order to what a supervisor is told: folders, files and input in their places; or the sentence why it cannot begin. */
import { existsSync, lchownSync, mkdirSync, renameSync } from 'node:fs';
import { rm, stat, writeFile } from 'node:fs/promises';
import { fail, ok, type Result } from '../../core/result.ts';
import type { AttemptOrder } from '../../core/tasks/attempt.ts';
import { listed } from '../../core/tasks/words.ts';
import { fileFailure } from '../task-files/file-failure.ts';
import type { AttemptPlace } from './attempt-place.ts';
import type { BroughtFiles } from './brought-files.ts';
import { commandEnvironment, type TaskUser, withoutSteering } from './command-environment.ts';
import type { GroupFor } from './control-groups.ts';
import type { Launch } from './order-line.ts';
import { mayRun, programPath } from './program.ts';

export interface Surroundings {
  readonly brought: BroughtFiles;
  readonly base: Readonly<Record<string, string>>;
  readonly user: TaskUser | null;
  readonly groupFor: GroupFor | null;
  readonly programs: readonly string[] | null;
}

/** May be done again after it was cut short. */
export async function prepare(
  order: AttemptOrder,
  place: AttemptPlace,
  surroundings: Surroundings,
): Promise<Result<Launch>> {
  try {
    return await prepared(order, place, surroundings);
  } catch (error) {
    return fileFailure(error, 'The scratch folder of a task');
  }
}

async function prepared(
  order: AttemptOrder,
  place: AttemptPlace,
  { brought, base, user, groupFor, programs }: Surroundings,
): Promise<Result<Launch>> {
  const { attemptId, command, timeoutMs, graceMs, outputLimitBytes } = order;
  const planned = programs === null ? order.env : withoutSteering(order.env);
  const env = commandEnvironment(base, { ...order, env: planned }, place.scratch);
  const [word = ''] = command;
  if (![...command, ...Object.keys(env), ...Object.values(env), order.cwd ?? ''].every(isPlain)) {
    return fail('invalid-argument', 'No argument, variable or folder can hold a zero byte.');
  }
  const wrongName = Object.keys(env).find((name) => name === '' || name.includes('='));
  if (wrongName !== undefined) {
    return fail('invalid-argument', `No variable can be called “${wrongName}”. Rename it.`);
  }
  if (programs !== null && !mayRun(programs, word, await programPath(word, base.PATH ?? ''))) {
    return fail(
      'not-permitted',
      `${word} is not among the programs that this machine's owner allows (${listed(programs)}).`,
    );
  }
  const objection = await objectionToFolder(order.cwd);
  if (objection !== null) return fail('not-found', objection);
  const missing = await fillScratch(order.files, place, brought, user);
  if (missing !== null) return fail('not-found', missing);
  if (order.stdin !== null) await writeFile(place.stdinFile, order.stdin, { mode: 0o600 });
  return ok({
    attemptId,
    folder: place.folder,
    cwd: order.cwd ?? place.scratch,
    program: await programPath(word, env.PATH ?? ''),
    command,
    env,
    stdinFile: order.stdin === null ? null : place.stdinFile,
    timeoutMs,
    graceMs,
    outputLimitBytes,
    group: groupFor?.(attemptId) ?? null,
  });
}

/**
 * It is filled where only the agent may enter, then put in its place, and given to its user last: another task of that
 * user could plant links in it, and root would follow them. So it is whole where it is there, and never filled again.
 */
async function fillScratch(
  files: AttemptOrder['files'],
  { scratch, draft }: AttemptPlace,
  brought: BroughtFiles,
  user: TaskUser | null,
): Promise<string | null> {
  if (files.length === 0) mkdirSync(scratch, { recursive: true, mode: 0o700 });
  else if (!existsSync(scratch)) {
    await rm(draft, { recursive: true, force: true });
    mkdirSync(draft, { mode: 0o700 });
    const missing = await brought.place(files, draft, user);
    if (missing !== null) return missing;
    renameSync(draft, scratch);
  }
  if (user !== null) lchownSync(scratch, user.uid, user.gid);
  return null;
}

function isPlain(text: string): boolean {
  return !text.includes('\0');
}

async function objectionToFolder(cwd: string | null): Promise<string | null> {
  if (cwd === null) return null;
  if (!cwd.startsWith('/')) return `The working folder ${cwd} must be an absolute path.`;
  const found = await stat(cwd).catch(() => null);
  if (found === null) return `The working folder ${cwd} is not on this machine. Make it, or name another one.`;
  return found.isDirectory() ? null : `The working folder ${cwd} is a file. Name a folder.`;
}
