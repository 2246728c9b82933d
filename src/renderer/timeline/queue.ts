/** The queue's lane: which of the waiting tasks it shows, and where. Pure. */
import type { TaskId } from '../../core/tasks/task.ts';
import type { TaskView } from '../../core/tasks/view.ts';
import { taskOutcome } from '../../core/tasks/words.ts';
import type { Span } from './viewport.ts';

/** More are counted beside them. */
export const MOST_WAITING_ROWS = 4;
export const QUEUE_BAR_HEIGHT = 20;
const PITCH = 24;
const PADDING = 10;
const LEAST_HEIGHT = 46;

/** Those that come next stand first: what may begin before what is blocked or parked, by priority, then by age. */
export function nextInLine(waiting: readonly TaskView[]): readonly TaskView[] {
  const rank = { queued: 0, parked: 1, blocked: 2 };
  const rankOf = ({ state }: TaskView) => (state in rank ? rank[state as keyof typeof rank] : 3);
  return waiting.toSorted(
    (one, other) => rankOf(one) - rankOf(other) || other.priority - one.priority || one.sequence - other.sequence,
  );
}

export function queueHeight(rows: number): number {
  return Math.max(LEAST_HEIGHT, 2 * PADDING + rows * PITCH - (PITCH - QUEUE_BAR_HEIGHT));
}

export function queueRowTop(row: number): number {
  return PADDING + row * PITCH;
}

/** What a task waits for, as one sentence. */
export function waitingReason(task: TaskView): string {
  return task.waitsFor ?? taskOutcome(task);
}

/** The waiting task under a point; `y` from the top of the lane. */
export function waitingAt(
  shown: readonly TaskView[],
  { x, y }: { readonly x: number; readonly y: number },
  { view, widthPixels, nowMs }: { readonly view: Span; readonly widthPixels: number; readonly nowMs: number },
): TaskId | null {
  const row = Math.floor((y - PADDING) / PITCH);
  const task = shown[row];
  if (task === undefined || y - queueRowTop(row) > QUEUE_BAR_HEIGHT) return null;
  const atMs = view.fromMs + (x / widthPixels) * (view.toMs - view.fromMs);
  const reachMs = (4 / widthPixels) * (view.toMs - view.fromMs);
  return atMs >= task.submittedAtMs - reachMs && atMs <= nowMs + reachMs ? task.taskId : null;
}
