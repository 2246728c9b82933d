/** Where the Tasks view stands: whose tasks it shows, and which one is open. Others send it there before it is loaded. */
import type { WorkerId } from '../../core/fleet/worker.ts';
import type { RunId, TaskId } from '../../core/tasks/task.ts';
import type { TaskFilter } from '../tasks/task-filter.ts';
import { createStore } from './store.ts';
import { changeUi } from './ui.ts';

export interface TaskPlace {
  /** The same object while it is the same: what is listed hangs on it. */
  readonly filter: TaskFilter;
  readonly taskId: TaskId | null;
}

export const EVERY_TASK: TaskFilter = { runId: null, workerId: null, group: 'all', search: '' };

export const taskPlace = createStore<TaskPlace>({ filter: EVERY_TASK, taskId: null });

export function openTask(taskId: TaskId | null): void {
  taskPlace.set({ ...taskPlace.get(), taskId });
}

export function changeTaskFilter(change: Partial<TaskFilter>): void {
  const { filter, taskId } = taskPlace.get();
  taskPlace.set({ filter: { ...filter, ...change }, taskId });
}

export function goToRun(runId: RunId): void {
  goTo({ filter: { ...EVERY_TASK, runId }, taskId: null });
}

export function goToTasksOf(workerId: WorkerId): void {
  goTo({ filter: { ...EVERY_TASK, workerId }, taskId: null });
}

export function goToTask(taskId: TaskId): void {
  goTo({ filter: EVERY_TASK, taskId });
}

function goTo(place: TaskPlace): void {
  taskPlace.set(place);
  changeUi({ view: 'tasks' });
}
