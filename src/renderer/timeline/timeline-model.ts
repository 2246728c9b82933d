/** What the parts of the timeline share: the stretch of time, the lanes, what is pointed at, chosen, and reached by keys. */
import type { AttemptId, TaskId } from '../../core/tasks/task.ts';
import type { TaskView } from '../../core/tasks/view.ts';
import { createStore, type Store } from '../state/store.ts';
import { heightOf, type Lane } from './lanes.ts';
import type { Piece } from './pieces.ts';
import { queueHeight } from './queue.ts';
import { liveViewport, type Span, type Viewport } from './viewport.ts';

/** Above the queue. */
export const AXIS_HEIGHT = 30;
/** Below the last lane. */
const BOTTOM_ROOM = 24;

export interface Selected {
  readonly taskId: TaskId;
  /** Null: a task that waits. */
  readonly attemptId: AttemptId | null;
}

export type Hovered = { readonly x: number; readonly y: number } & (
  | { readonly kind: 'piece'; readonly lane: Lane; readonly row: number; readonly piece: Piece }
  | { readonly kind: 'waiting'; readonly task: TaskView }
);

export interface PlotSize {
  readonly width: number;
  readonly height: number;
}

export interface TimelineModel {
  readonly viewport: Store<Viewport>;
  readonly lanes: Store<readonly Lane[]>;
  /** Of the tasks that wait, those with a row. */
  readonly waiting: Store<readonly TaskView[]>;
  readonly hovered: Store<Hovered | null>;
  readonly selected: Store<Selected | null>;
  /** The bar that the keys stand on. */
  readonly current: Store<AttemptId | null>;
  readonly plot: Store<PlotSize>;
  readonly scrolledPixels: Store<number>;
}

export function createTimelineModel(durationMs: number, nowMs: number): TimelineModel {
  return {
    viewport: createStore(liveViewport(durationMs, nowMs)),
    lanes: createStore<readonly Lane[]>([]),
    waiting: createStore<readonly TaskView[]>([]),
    hovered: createStore<Hovered | null>(null),
    selected: createStore<Selected | null>(null),
    current: createStore<AttemptId | null>(null),
    plot: createStore<PlotSize>({ width: 0, height: 0 }),
    scrolledPixels: createStore(0),
  };
}

/** Axis and queue, which stay where they are while lanes are scrolled. */
export function headHeight(waiting: readonly TaskView[]): number {
  return AXIS_HEIGHT + queueHeight(waiting.length);
}

export function contentHeight(lanes: readonly Lane[], waiting: readonly TaskView[]): number {
  return headHeight(waiting) + heightOf(lanes) + BOTTOM_ROOM;
}

export function timeAt({ fromMs, toMs }: Span, { width }: PlotSize, x: number): number {
  return fromMs + (x / Math.max(1, width)) * (toMs - fromMs);
}

export function pixelAt({ fromMs, toMs }: Span, { width }: PlotSize, atMs: number): number {
  return ((atMs - fromMs) / (toMs - fromMs)) * width;
}
