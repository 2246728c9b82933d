/** The tasks that fit a filter, page by page and newest first, kept as they are now. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Failure } from '../../core/result.ts';
import type { TaskView } from '../../core/tasks/view.ts';
import { SECOND_MS } from '../../core/time.ts';
import { call } from '../api.ts';
import { createStore, type Store } from '../state/store.ts';
import { followTasks } from './live-tasks.ts';
import { mergeTasks, queryOf, type TaskFilter } from './task-filter.ts';

export type TaskListState =
  | { readonly status: 'loading' }
  | { readonly status: 'error'; readonly failure: Failure }
  | {
      readonly status: 'ready';
      readonly tasks: readonly TaskView[];
      /** Null: nothing older is left. */
      readonly nextBefore: number | null;
      /** Why older ones could not be read. */
      readonly failure: Failure | null;
    };

const LOADING: TaskListState = { status: 'loading' };
const PAGE = 200;
const MOST_AT_ONCE = 1_000;

interface TaskList {
  readonly state: Store<TaskListState>;
  reload(): void;
  /** Loads the next page, if there is one and none is on its way. */
  more(): void;
  dispose(): void;
}

function createTaskList(filter: TaskFilter): TaskList {
  const state = createStore<TaskListState>(LOADING);
  let isDisposed = false;
  let isUnderWay = false;
  let isReloadWanted = false;
  /** Changes since the question was asked: its answer may be older than they are. */
  let meanwhile: TaskView[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;

  const lay = (changes: readonly TaskView[]) => {
    const now = state.get();
    if (now.status !== 'ready') return;
    const { tasks, isAskingNeeded } = mergeTasks(now.tasks, changes, filter, now.nextBefore === null);
    state.set({ ...now, tasks });
    if (isAskingNeeded) timer ??= setTimeout(reload, SECOND_MS);
  };
  const ask = async (beforeSequence: number | null) => {
    isUnderWay = true;
    meanwhile = [];
    const now = state.get();
    const shown = now.status === 'ready' ? now.tasks : [];
    const limit = beforeSequence === null ? Math.min(Math.max(PAGE, shown.length), MOST_AT_ONCE) : PAGE;
    const query = queryOf(filter, limit);
    const answer = await call('tasks:find', beforeSequence === null ? query : { ...query, beforeSequence });
    isUnderWay = false;
    if (isDisposed) return;
    const latest = state.get();
    if (answer.ok) {
      const { tasks, nextBefore } = answer.value;
      const before = beforeSequence !== null && latest.status === 'ready' ? latest.tasks : [];
      state.set({ status: 'ready', tasks: [...before, ...tasks], nextBefore, failure: null });
      lay(meanwhile);
    } else if (beforeSequence !== null && latest.status === 'ready') {
      state.set({ ...latest, failure: answer.error });
    } else {
      state.set({ status: 'error', failure: answer.error });
    }
    if (isReloadWanted) reload();
  };
  function reload(): void {
    clearTimeout(timer);
    timer = undefined;
    if (isDisposed) return;
    isReloadWanted = isUnderWay;
    if (isUnderWay) return;
    if (state.get().status === 'error') state.set(LOADING);
    void ask(null);
  }
  const stop = followTasks({
    changed({ tasks }) {
      if (isUnderWay) meanwhile.push(...tasks);
      lay(tasks);
    },
    missed: reload,
  });
  reload();
  return {
    state,
    reload,
    more() {
      const now = state.get();
      if (!isUnderWay && now.status === 'ready' && now.nextBefore !== null) void ask(now.nextBefore);
    },
    dispose() {
      isDisposed = true;
      clearTimeout(timer);
      stop();
    },
  };
}

interface Use {
  readonly list: TaskListState;
  readonly reload: () => void;
  readonly more: () => void;
}

/** What was shown stays until the tasks of a new filter are here. `filter` must be the same object while it is the same. */
export function useTaskList(filter: TaskFilter): Use {
  const [list, setList] = useState<TaskListState>(LOADING);
  const current = useRef<TaskList | null>(null);
  useEffect(() => {
    const tasks = createTaskList(filter);
    current.current = tasks;
    const stop = tasks.state.subscribe(() => setList(tasks.state.get()));
    return () => {
      stop();
      tasks.dispose();
    };
  }, [filter]);
  const reload = useCallback(() => current.current?.reload(), []);
  const more = useCallback(() => current.current?.more(), []);
  return { list, reload, more };
}
