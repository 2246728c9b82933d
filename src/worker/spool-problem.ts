/** What keeps the spool from the disk, in a sentence. */
import { type Failure, fail } from '../core/result.ts';

const MEANWHILE = 'Samples that cannot be sent now stay in memory, five minutes of them.';

export function spoolProblem(folder: string, { code, message }: NodeJS.ErrnoException): Failure {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return fail('disk-full', `No space left for ${folder}. ${MEANWHILE}`).error;
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return fail('not-permitted', `${folder} cannot be written (${code}). ${MEANWHILE}`).error;
    default:
      return fail('storage', `${folder} cannot be used: ${message}. ${MEANWHILE}`).error;
  }
}
