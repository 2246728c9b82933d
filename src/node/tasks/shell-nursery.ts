/**
 * Supervisors in sh, where there is no Perl: started from here one by one, heard through the files they write. They let
 * their command write straight into a file, which is cut here while the agent lives.
 */
import { spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { access, open, readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, ok, type Result } from '../../core/result.ts';
import type { AttemptId } from '../../core/tasks/task.ts';
import { ownIdentity } from '../process-identity.ts';
import { fileFailure } from '../task-files/file-failure.ts';
import { writeAtOnce } from './attempt-place.ts';
import { baseEnvironment } from './command-environment.ts';
import type { Nursery, NurseryOptions } from './nursery.ts';
import type { Launch } from './order-line.ts';
import { programPath } from './program.ts';
import { SHELL_SUPERVISOR_TEXT } from './shell-supervisor-text.ts';
import { shellVariables } from './shell-variables.ts';
import { parseEnd, parseStart } from './supervisor-facts.ts';

const SHELL = '/bin/sh';
/** Sixteen digits, as Perl's supervisors name their files. */
const nameOf = (offset: number): string => `output.${String(offset).padStart(16, '0')}`;

/** Only on Linux: it reads /proc. */
export async function openShellNursery({ onStart, onEnd }: NurseryOptions): Promise<Result<Nursery>> {
  if (process.platform !== 'linux') return fail('unavailable', 'Only Perl can look after tasks here.');
  try {
    await access(SHELL);
  } catch {
    return fail('unavailable', `There is no ${SHELL} here.`);
  }
  const { bootId, pidNamespace } = ownIdentity();
  const envProgram = await programPath('env', baseEnvironment(null).PATH ?? '');
  const stops = new Set<() => void>();

  function launch(order: Launch): void {
    const { folder, attemptId, timeoutMs, graceMs, cwd, stdinFile, program, command, env } = order;
    const seconds = (ms: number | null): string => (ms === null ? '' : String(ms / 1_000));
    const facts = [folder, attemptId, seconds(timeoutMs), seconds(graceMs), cwd, stdinFile ?? '/dev/null'];
    const marks = [bootId ?? '', pidNamespace ?? '', String(Date.now())];
    const variables = shellVariables(env, envProgram);
    try {
      writeAtOnce(join(folder, 'env'), variables.text);
    } catch (error) {
      notStarted(attemptId, fileFailure(error, 'The environment of a task').error.message);
      return;
    }
    const words = [...facts, ...marks, ...variables.words, program, ...command.slice(1)];
    const child = spawn(SHELL, ['-c', SHELL_SUPERVISOR_TEXT, 'labwatch-supervisor', ...words], {
      cwd: '/',
      env: baseEnvironment(null),
      stdio: 'ignore',
      detached: true,
    });
    child.unref();
    child.on('error', (error) => notStarted(attemptId, `A supervisor could not be started (${error.message}).`));
    listen(order);
  }

  function notStarted(attemptId: AttemptId, message: string): void {
    const facts = parseEnd(JSON.stringify({ how: 'not-started', endedAtMs: Date.now(), message }));
    if (facts !== null) onEnd(attemptId, facts);
  }

  function listen({ folder, attemptId }: Launch): void {
    let hasStarted = false;
    const watcher = watch(folder, () => void look());
    const stop = (): void => {
      watcher.close();
      stops.delete(stop);
    };
    stops.add(stop);
    const look = async (): Promise<void> => {
      const start = hasStarted ? null : parseStart(await readOr(join(folder, 'start')));
      if (start !== null && !hasStarted) {
        hasStarted = true;
        onStart(attemptId, start);
      }
      const end = parseEnd(await readOr(join(folder, 'end')));
      if (end === null || !stops.has(stop)) return;
      stop();
      onEnd(attemptId, end);
    };
    void look();
  }

  return ok({
    user: null,
    pid: () => null,
    launch,
    trimOutput,
    async dispose() {
      for (const stop of [...stops]) stop();
    },
  });
}

/**
 * Past the limit, half of it is kept in a file beside, and the command goes on at the beginning of its own. What it writes
 * in that moment is lost and not counted.
 */
async function trimOutput(folder: string, limitBytes: number): Promise<void> {
  const names = (await readdir(folder)).filter((name) => /^output\.\d{16}$/.test(name)).toSorted();
  const last = names.at(-1);
  if (last === undefined) return;
  const path = join(folder, last);
  const { size } = await stat(path);
  const end = Number(last.slice('output.'.length)) + size;
  const keptBytes = Math.floor(limitBytes / 2);
  if (size <= keptBytes || size + keptBytes <= limitBytes) return;
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(keptBytes), 0, keptBytes, size - keptBytes);
    await writeFile(join(folder, nameOf(end - keptBytes)), buffer.subarray(0, bytesRead), { mode: 0o600 });
  } finally {
    await file.close();
  }
  await truncate(path, 0);
  await rename(path, join(folder, nameOf(end)));
  for (const name of names.slice(0, -1)) await rm(join(folder, name), { force: true });
}

async function readOr(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
