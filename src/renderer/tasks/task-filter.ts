/** Which tasks the list shows, and how changes are laid over what is shown. Pure. */
import type { WorkerId } from '../../core/fleet/worker.ts';
import type { RunId, TaskState } from '../../core/tasks/task.ts';
import type { TaskQuery, TaskView } from '../../core/tasks/view.ts';

export type StateGroup = 'all' | 'waiting' | 'running' | 'parked' | 'succeeded' | 'failed' | 'cancelled';

/** Null: every state. */
export const STATES_OF: Readonly<Record<StateGroup, readonly TaskState[] | null>> = {
  all: null,
  waiting: ['blocked', 'queued'],
  running: ['placed', 'running'],
  parked: ['parked'],
  succeeded: ['succeeded'],
  failed: ['failed'],
  cancelled: ['cancelled'],
};

export interface TaskFilter {
  /** Only this run's tasks. */
  readonly runId: RunId | null;
  /** Only tasks whose newest attempt is on this worker. */
  readonly workerId: WorkerId | null;
  readonly group: StateGroup;
  readonly search: string;
}

export function isFiltered({ runId, workerId, group, search }: TaskFilter): boolean {
  return runId !== null || workerId !== null || group !== 'all' || search !== '';
}

export function queryOf({ runId, workerId, group, search }: TaskFilter, limit: number): TaskQuery {
  const states = STATES_OF[group];
  return {
    limit,
    ...(runId === null ? {} : { runId }),
    ...(workerId === null ? {} : { workerId }),
    ...(states === null ? {} : { states }),
    ...(search === '' ? {} : { search }),
  };
}

/** All but the search, which also looks into commands and so is the app's to answer. */
function belongs(task: TaskView, { runId, workerId, group }: TaskFilter): boolean {
  const states = STATES_OF[group];
  return (
    (runId === null || task.runId === runId) &&
    (workerId === null || task.workerId === workerId) &&
    (states === null || states.includes(task.state))
  );
}

export interface Merged {
  /** Newest first, by `sequence`. */
  readonly tasks: readonly TaskView[];
  /** Tasks came of which only the app knows whether the search finds them. */
  readonly isAskingNeeded: boolean;
}

/**
 * Lays changed and new tasks over those shown. `isComplete`: nothing older is left to load; else what is older than the
 * last one shown comes with its page.
 */
export function mergeTasks(
  shown: readonly TaskView[],
  changes: readonly TaskView[],
  filter: TaskFilter,
  isComplete: boolean,
): Merged {
  const tasks = [...shown];
  let isAskingNeeded = false;
  for (const change of changes) {
    const place = placeOf(tasks, change.sequence);
    const isShown = tasks[place]?.sequence === change.sequence;
    const isWanted = belongs(change, filter);
    if (isShown) tasks.splice(place, 1, ...(isWanted ? [change] : []));
    else if (!isWanted || (place === tasks.length && !isComplete)) continue;
    else if (filter.search === '') tasks.splice(place, 0, change);
    else isAskingNeeded = true;
  }
  return { tasks, isAskingNeeded };
}

/** Where a task of this sequence stands, or would stand. */
function placeOf(tasks: readonly TaskView[], sequence: number): number {
  let low = 0;
  let high = tasks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tasks[middle] as TaskView).sequence > sequence) low = middle + 1;
    else high = middle;
  }
  return low;
}
