/** The one place where a failure becomes the line a person reads and the exit code a program gets. */
import type { Failure } from './result.ts';

/** What the command line answers to its caller: 0 is success, 1 the work failed, 2 usage, 3 nobody to talk to. */
export type ExitCode = 0 | 1 | 2 | 3 | typeof UNABLE_EXIT;

/** Only between this machine's own agent and the app: tasks cannot be run here (EX_UNAVAILABLE, sysexits.h). */
export const UNABLE_EXIT = 69;

/** The sentence in one line, for a terminal. */
export function failureLine(failure: Failure): string {
  return failure.message.replace(/\s*\n\s*/g, ' ');
}

export function exitCodeOf(failure: Failure): ExitCode {
  switch (failure.code) {
    case 'invalid-argument':
      return 2;
    case 'unavailable':
    case 'timeout':
      return 3;
    default:
      return 1;
  }
}
