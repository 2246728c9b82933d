/** Which programs the owner of a worker lets tasks run. */
import type { TaskSpec } from './task.ts';

/** What a task starts: for a line of the shell that is the shell, which can start anything. */
export function programOf({ isShell, command: [program = ''] }: Pick<TaskSpec, 'isShell' | 'command'>): string {
  return isShell ? '/bin/sh' : program;
}

/**
 * As it is written, name or absolute path: where `python` is allowed, `/tmp/python` is not. Null allows any. Without its
 * folder a shell is allowed as `sh`.
 */
export function isAllowedProgram(programs: readonly string[] | null, program: string): boolean {
  if (programs === null || programs.includes(program)) return true;
  return program === '/bin/sh' && programs.includes('sh');
}

/** As far as one can tell from afar: whether `python` is the `/usr/bin/python` that is allowed, only the worker knows. */
export function mayBeAllowed(programs: readonly string[] | null, program: string): boolean {
  if (isAllowedProgram(programs, program)) return true;
  return !program.includes('/') && programs !== null && programs.some((path) => path.endsWith(`/${program}`));
}
