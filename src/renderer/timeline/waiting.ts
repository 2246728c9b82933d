/** The tasks that wait, kept current; and whether there is any task at all. */
import { useEffect, useMemo, useState } from 'react';
import type { TaskView } from '../../core/tasks/view.ts';
import { call } from '../api.ts';
import { EVERY_TASK } from '../state/task-place.ts';
import { followTasks } from '../tasks/live-tasks.ts';
import { useTaskList } from '../tasks/task-list.ts';
import { MOST_WAITING_ROWS, nextInLine } from './queue.ts';

const WAITING = { ...EVERY_TASK, group: 'waiting' } as const;
const PARKED = { ...EVERY_TASK, group: 'parked' } as const;
/** Of a longer queue, the newest of these are looked through for those that come next. */
const MOST_LOOKED_AT = 1_000;

export interface Waiting {
  /** Those with a row, the next one first. */
  readonly shown: readonly TaskView[];
  readonly count: number;
  /** There are still more. */
  readonly isMore: boolean;
}

export function useWaiting(): Waiting {
  const { list, more } = useTaskList(WAITING);
  const { list: parkedList } = useTaskList(PARKED);
  const tasks = list.status === 'ready' ? list.tasks : NO_TASKS;
  const parked = parkedList.status === 'ready' ? parkedList.tasks : NO_TASKS;
  const isMore = list.status === 'ready' && list.nextBefore !== null && list.failure === null;
  useEffect(() => {
    if (isMore && tasks.length < MOST_LOOKED_AT) more();
  }, [isMore, tasks.length, more]);
  return useMemo(() => {
    const all = [...tasks, ...parked];
    return { shown: nextInLine(all).slice(0, MOST_WAITING_ROWS), count: all.length, isMore };
  }, [tasks, parked, isMore]);
}

const NO_TASKS: readonly TaskView[] = [];

/** Null while it is not known; true where the app does not answer, for then its attempts say why. */
export function useAnyTask(): boolean | null {
  const [hasAny, setHasAny] = useState<boolean | null>(null);
  useEffect(() => {
    let isCurrent = true;
    const look = async () => {
      const answer = await call('tasks:find', { limit: 1 });
      if (isCurrent) setHasAny(!answer.ok || answer.value.tasks.length > 0);
    };
    void look();
    const stop = followTasks({
      changed: ({ tasks }) => {
        if (tasks.length > 0) setHasAny(true);
      },
      missed: () => void look(),
    });
    return () => {
      isCurrent = false;
      stop();
    };
  }, []);
  return hasAny;
}
