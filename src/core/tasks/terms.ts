/** On what terms a worker runs tasks. */
import { listed } from './words.ts';

/** On what terms a worker runs tasks. */

/** What its owner allows. */
export interface TaskTerms {
  /** Attempts at once; null: as many as fit. */
  readonly maxParallel: number | null;
  /** Names or absolute paths of the programs it runs; null: any. */
  readonly programs: readonly string[] | null;
  /** The user under whom attempts run; null: the agent's own. */
  readonly asUser: string | null;
}

/** `runs no tasks`, or `runs tasks as lab, at most 4 at once, only pytest and python3`. `ownUser`: the agent's. */
export function termsWords(terms: TaskTerms | null, ownUser: string): string {
  if (terms === null) return 'runs no tasks';
  const { maxParallel, asUser, programs } = terms;
  const most = maxParallel === null ? 'as many at once as fit' : `at most ${maxParallel} at once`;
  const which = programs === null ? 'any program' : `only ${listed(programs)}`;
  return `runs tasks as ${asUser ?? ownUser}, ${most}, ${which}`;
}

/** For the local worker: whoever commands the app may run anything there anyway. */
export const NO_LIMITS: TaskTerms = { maxParallel: null, programs: null, asUser: null };
