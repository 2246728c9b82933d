/** Reads every page of a database and says what is wrong with it. */
import type { ReadableDatabase } from './connection.ts';
import { describe, faultKind } from './fault.ts';

/** One sentence on the first damage found, or null. Takes about a second for each gigabyte that is cached. */
export function damageIn(database: ReadableDatabase): string | null {
  try {
    const answer = String(database.pragma('quick_check(1)', { simple: true }));
    return answer === 'ok' ? null : answer.replaceAll('\n', ' ');
  } catch (error) {
    if (faultKind(error) !== 'damaged') throw error;
    return describe(error);
  }
}
