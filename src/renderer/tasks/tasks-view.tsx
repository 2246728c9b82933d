/** All tasks, newest first, and beside them the one that is open. */
import { useEffect, useRef } from 'react';
import type { TaskId } from '../../core/tasks/task.ts';
import { onSearchKey } from '../frame/search-key.ts';
import { openNewTask } from '../new-task/new-task-state.ts';
import { useStore } from '../state/store.ts';
import { changeTaskFilter, EVERY_TASK, openTask, taskPlace } from '../state/task-place.ts';
import { ui } from '../state/ui.ts';
import { useEscape } from '../ui/escape.ts';
import { EmptyState, ErrorState, LoadingState } from '../ui/view-state.tsx';
import { startLiveTasks } from './live-tasks.ts';
import { RunBar } from './run-bar.tsx';
import { useRuns } from './runs.ts';
import { isFiltered } from './task-filter.ts';
import { type TaskListState, useTaskList } from './task-list.ts';
import { TaskPage } from './task-page.tsx';
import { TaskTable } from './task-table.tsx';
import { TaskToolbar } from './task-toolbar.tsx';
import '../fleet/fleet.css';
import './tasks.css';

/** The focus goes back to the table where it would go with the page. */
function close(): void {
  const hasFocus = document.activeElement?.closest('.task-page') != null;
  openTask(null);
  if (hasFocus) document.querySelector<HTMLElement>('.task-grid')?.focus();
}

export function TasksView() {
  useEffect(() => {
    const live = startLiveTasks();
    return () => void live.dispose();
  }, []);
  const openTaskId = useStore(taskPlace, ({ taskId }) => taskId);
  const isWide = useStore(ui, ({ isTaskWide }) => isTaskWide);
  useEscape(openTaskId !== null, close);
  return (
    <div className="tasks" data-wide={isWide && openTaskId !== null}>
      <TaskSide openTaskId={openTaskId} />
      {openTaskId === null ? null : <TaskPage key={openTaskId} taskId={openTaskId} onClose={close} />}
    </div>
  );
}

function TaskSide({ openTaskId }: { readonly openTaskId: TaskId | null }) {
  const filter = useStore(taskPlace, (place) => place.filter);
  const { list, reload, more } = useTaskList(filter);
  const runs = useRuns();
  const run = runs.find(({ runId }) => runId === filter.runId);
  const searchField = useRef<HTMLInputElement>(null);
  useEffect(() => onSearchKey(() => searchField.current?.focus()), []);
  const isNothingYet = list.status === 'ready' && list.tasks.length === 0 && !isFiltered(filter);
  return (
    <section className="task-side" aria-label="Tasks">
      {isNothingYet ? null : <TaskToolbar filter={filter} runs={runs} searchField={searchField} />}
      {run === undefined ? null : <RunBar run={run} />}
      <TaskList
        // Other tasks are looked at from the first on.
        key={Object.values(filter).join('\n')}
        list={list}
        isNothingYet={isNothingYet}
        openTaskId={openTaskId}
        onReload={reload}
        onMore={more}
      />
    </section>
  );
}

interface ListProps {
  readonly list: TaskListState;
  readonly isNothingYet: boolean;
  readonly openTaskId: TaskId | null;
  readonly onReload: () => void;
  readonly onMore: () => void;
}

function TaskList({ list, isNothingYet, openTaskId, onReload, onMore }: ListProps) {
  if (list.status === 'loading') return <LoadingState what="the tasks" />;
  if (list.status === 'error') return <ErrorState what="The tasks" failure={list.failure} onRetry={onReload} />;
  if (isNothingYet) return <NoTasksYet />;
  if (list.tasks.length === 0) {
    return (
      <EmptyState
        title="No task matches"
        action={
          <button type="button" className="button" onClick={() => changeTaskFilter(EVERY_TASK)}>
            Show all tasks
          </button>
        }
      >
        No task has this state and these words, in the runs and on the workers chosen above.
      </EmptyState>
    );
  }
  return (
    <TaskTable
      tasks={list.tasks}
      hasMore={list.nextBefore !== null}
      failure={list.failure}
      openTaskId={openTaskId}
      onOpen={turnTask}
      onMore={onMore}
    />
  );
}

/** A second click on the open one closes it, as in the fleet. */
function turnTask(taskId: TaskId): void {
  openTask(taskPlace.get().taskId === taskId ? null : taskId);
}

function NoTasksYet() {
  return (
    <EmptyState
      title="No tasks yet"
      action={
        <button type="button" className="button primary" aria-haspopup="dialog" onClick={() => openNewTask()}>
          New task
        </button>
      }
    >
      Drop a plan file here, press New task, or run <code>labwatch submit plan.json</code>. Labwatch picks a worker that
      has what the task needs, and keeps what it wrote and what it used.
    </EmptyState>
  );
}
