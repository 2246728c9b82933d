/** The one place where a failure's code becomes words and an exit code. The message says the rest. */
import type { Failure, FailureCode } from './result.ts';

const HEADINGS: Readonly<Record<FailureCode, string>> = {
  'invalid-argument': 'That does not fit',
  'not-found': 'Not found',
  'not-permitted': 'Not permitted',
  'read-only': 'Read-only',
  'disk-full': 'The disk is full',
  storage: 'Storage trouble',
  unavailable: 'Not reachable',
  timeout: 'No answer in time',
  internal: 'Something broke',
};

/** What the command line answers to its caller: 0 is success, 1 the work failed, 2 usage, 3 nobody to talk to. */
export type ExitCode = 0 | 1 | 2 | 3;

/** Two or three words for a card or a toast; `message` goes below. */
export function failureHeading(failure: Failure): string {
  return HEADINGS[failure.code];
}

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
