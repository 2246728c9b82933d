/** The system's errors about files, as sentences. */
import { type Failure, fail } from '../../core/result.ts';

/** `what` is the subject of the sentence: `The output of a task`. A bug (an error that is not the system's) is thrown on. */
export function fileFailure(error: unknown, what: string): { readonly ok: false; readonly error: Failure } {
  const { code, message } = error as NodeJS.ErrnoException;
  if (typeof code !== 'string') throw error;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return fail('disk-full', `${what} cannot be kept: the disk is full. Free some space.`);
    case 'EROFS':
      return fail('read-only', `${what} cannot be kept: the disk is read-only.`);
    case 'EACCES':
    case 'EPERM':
      return fail('not-permitted', `${what} cannot be kept or read (${message}). Check the rights.`);
    default:
      return fail('storage', `${what} cannot be kept or read (${message}).`);
  }
}

export function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
