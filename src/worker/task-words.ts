/** On what terms this machine runs tasks, in words. */
import { userInfo } from 'node:os';
import { type TaskTerms, termsWords } from '../core/tasks/terms.ts';

export function taskWords(terms: TaskTerms | null): string {
  return termsWords(terms, ownName());
}

function ownName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user without an entry, as in some containers.
    return `user ${process.getuid?.() ?? '?'}`;
  }
}
