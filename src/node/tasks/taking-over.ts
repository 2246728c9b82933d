/** Attempts as they are first held: from an order that just came, or from what an earlier process left. */
import { readdir } from 'node:fs/promises';
import type { AttemptOrder } from '../../core/tasks/attempt.ts';
import type { AttemptId } from '../../core/tasks/task.ts';
import type { Log } from '../../engine/ports.ts';
import { isAttemptId } from '../task-files/folders.ts';
import { type AttemptPlace, isThere, readOrder, readReport, readStart, removePlace } from './attempt-place.ts';
import type { TaskUser } from './command-environment.ts';
import { acceptedReport, type HeldAttempt } from './held-attempt.ts';

export function heldWith(place: AttemptPlace, order: AttemptOrder | null): HeldAttempt {
  return {
    place,
    order,
    report: acceptedReport(place),
    start: null,
    meter: null,
    isLaunched: false,
    isCancelled: false,
    isEnding: false,
  };
}

/** What an earlier process left: ended, running or not yet begun. Removes what was never whole. */
export async function takeOver(
  folder: string,
  placeFor: (attemptId: AttemptId) => AttemptPlace,
  user: TaskUser | null,
  log: Log,
): Promise<readonly HeldAttempt[]> {
  const found: HeldAttempt[] = [];
  for (const name of await readdir(folder)) {
    if (!isAttemptId(name)) continue;
    const place = placeFor(name);
    const report = await readReport(place);
    const order = await readOrder(place);
    if (report !== null) found.push({ ...heldWith(place, order), report, isEnding: true });
    else if (order === null) {
      log.warn('An attempt whose order is not whole was removed.', { attemptId: name });
      await removePlace(place, user);
    } else {
      const start = await readStart(place);
      const isCancelled = await isThere(place.cancelFile);
      found.push({ ...heldWith(place, order), start, isCancelled, isLaunched: start !== null });
    }
  }
  return found;
}
