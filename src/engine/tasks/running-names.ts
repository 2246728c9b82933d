/** What runs on each worker, for its tile: told when it changes. */
import type { WorkerId } from '../../core/fleet/worker.ts';
import type { TaskBook } from '../../core/tasks/book.ts';

/** A tile has room for so many. */
const MOST_NAMES = 3;

export interface RunningNames {
  look(workerId: WorkerId): void;
}

export function createRunningNames(
  book: Pick<TaskBook, 'openAttemptsOn' | 'task'>,
  tell: (workerId: WorkerId, names: readonly string[], count: number) => void,
): RunningNames {
  const told = new Map<WorkerId, string>();

  return {
    look(workerId) {
      const running = book.openAttemptsOn(workerId).filter(({ state }) => state === 'running');
      const names = running.slice(0, MOST_NAMES).flatMap(({ taskId }) => book.task(taskId)?.spec.name ?? []);
      const now = JSON.stringify([running.length, names]);
      if ((told.get(workerId) ?? NOTHING) === now) return;
      if (now === NOTHING) told.delete(workerId);
      else told.set(workerId, now);
      tell(workerId, names, running.length);
    },
  };
}

const NOTHING = JSON.stringify([0, []]);
