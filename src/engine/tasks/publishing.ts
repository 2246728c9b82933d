/** Tells those who look what changed: tasks and runs at most four times a second, what running attempts use once. */
import type { AttemptPulse } from '../../core/tasks/attempt.ts';
import type { Attempt, AttemptId, TaskId } from '../../core/tasks/task.ts';
import type { AttemptView, RunView, TaskCounts, TaskPatch, TaskView } from '../../core/tasks/view.ts';
import { type Clock, type Disposable, SECOND_MS } from '../../core/time.ts';
import { listeners } from '../listeners.ts';
import type { Timers } from '../ports.ts';

const PATCH_INTERVAL_MS = 250;
/** What follows from a change at once (a task that was queued is placed) is told with it. */
const PATCH_DELAY_MS = 20;
/** More tasks than this come with the next patches: a run of ten thousand must not stop the window. */
const TASKS_PER_PATCH = 1_000;
/** What a task waits for changes with everything that ends; it is looked at this often while that goes on. */
const WAITS_INTERVAL_MS = 2 * SECOND_MS;
const MOST_WAITS = 1_000;

export interface PublishingOptions {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly counts: () => TaskCounts;
  /** Null for a task that is no longer known. */
  readonly viewOf: (taskId: TaskId) => PublishedTask | null;
  /** Tasks that wait, and for what. */
  readonly waits: () => readonly (readonly [TaskId, string])[];
}

interface PublishedTask {
  readonly task: TaskView;
  readonly run: RunView;
  /** All of the task's. */
  readonly attempts: () => readonly AttemptView[];
}

export interface Publishing extends Disposable {
  /** What tasks wait for may have changed. */
  placed(): void;
  changed(taskIds: Iterable<TaskId>, attempts?: readonly Attempt[]): void;
  pulsed(pulses: readonly AttemptPulse[]): void;
  revision(): number;
  onPatch(listener: (patch: TaskPatch) => void): Disposable;
  onPulses(listener: (pulses: readonly AttemptPulse[]) => void): Disposable;
  dispose(): void;
}

export function createPublishing({ clock, timers, counts, viewOf, waits }: PublishingOptions): Publishing {
  const patchListeners = listeners<[TaskPatch]>();
  const pulseListeners = listeners<[readonly AttemptPulse[]]>();
  /** With those of its attempts that changed. */
  const changed = new Map<TaskId, Set<AttemptId>>();
  const pulses = new Map<AttemptId, AttemptPulse>();
  let revision = 0;
  let publishedAtMs = Number.NEGATIVE_INFINITY;
  let toldWaits: ReadonlyMap<TaskId, string> = new Map();
  let patchTimer: Disposable | null = null;
  let waitsTimer: Disposable | null = null;
  let pulseTimer: Disposable | null = null;

  function publishSoon(): void {
    const waitMs = Math.max(PATCH_DELAY_MS, publishedAtMs + PATCH_INTERVAL_MS - clock.monotonicMs());
    patchTimer ??= timers.after(waitMs, publish);
  }

  /** Revisions rise while nobody listens, so that who comes back notices the gap. */
  function publish(): void {
    patchTimer = null;
    publishedAtMs = clock.monotonicMs();
    revision += 1;
    if (patchListeners.isEmpty()) changed.clear();
    else tellChanged();
    if (changed.size > 0) publishSoon();
  }

  function tellChanged(): void {
    const tasks: TaskView[] = [];
    const runs = new Map<string, RunView>();
    const attempts: AttemptView[] = [];
    for (const [taskId, moved] of changed) {
      if (tasks.length === TASKS_PER_PATCH) break;
      changed.delete(taskId);
      const view = viewOf(taskId);
      if (view === null) continue;
      tasks.push(view.task);
      runs.set(view.run.runId, view.run);
      if (moved.size > 0) attempts.push(...view.attempts().filter(({ attemptId }) => moved.has(attemptId)));
    }
    patchListeners.tell({ revision, tasks, runs: [...runs.values()], attempts, counts: counts() });
  }

  function lookAtWaits(): void {
    waitsTimer = null;
    if (patchListeners.isEmpty()) return;
    const now = new Map(waits().slice(0, MOST_WAITS));
    for (const [taskId, reason] of now) if (toldWaits.get(taskId) !== reason) note(taskId);
    toldWaits = now;
    if (changed.size > 0) publishSoon();
  }

  function note(taskId: TaskId): Set<AttemptId> {
    const noted = changed.get(taskId) ?? new Set();
    changed.set(taskId, noted);
    return noted;
  }

  function tellPulses(): void {
    pulseTimer = null;
    const newest = [...pulses.values()];
    pulses.clear();
    pulseListeners.tell(newest);
  }

  return {
    placed() {
      waitsTimer ??= timers.after(WAITS_INTERVAL_MS, lookAtWaits);
    },
    changed(taskIds, attempts = []) {
      for (const taskId of taskIds) note(taskId);
      for (const { taskId, attemptId } of attempts) note(taskId).add(attemptId);
      if (changed.size > 0) publishSoon();
    },
    pulsed(news) {
      if (pulseListeners.isEmpty()) return;
      for (const pulse of news) pulses.set(pulse.attemptId, pulse);
      pulseTimer ??= timers.after(SECOND_MS, tellPulses);
    },
    revision: () => revision,
    onPatch: patchListeners.add,
    onPulses: pulseListeners.add,
    dispose() {
      patchTimer?.dispose();
      waitsTimer?.dispose();
      pulseTimer?.dispose();
    },
  };
}
