/**
 * What the app tells of tasks while the view is open: patches in order, pulses of what runs, and the word to ask anew
 * when a patch was missed.
 */
import type { AttemptPulse } from '../../core/tasks/attempt.ts';
import type { AttemptId } from '../../core/tasks/task.ts';
import type { TaskCounts, TaskPatch } from '../../core/tasks/view.ts';
import type { Disposable } from '../../core/time.ts';
import { call, on } from '../api.ts';
import { isWindowVisible, onVisibility } from '../state/beat.ts';
import { createStore } from '../state/store.ts';

export interface TaskFollower {
  changed(patch: TaskPatch): void;
  /** What is shown may be old: ask for all of it again. */
  missed(): void;
}

type Pulses = ReadonlyMap<AttemptId, AttemptPulse>;
const NO_PULSES: Pulses = new Map();

/** Null before the app told. */
export const taskCounts = createStore<TaskCounts | null>(null);
/** Of this second. */
export const taskPulses = createStore<Pulses>(NO_PULSES);

const followers = new Set<TaskFollower>();
/** Null while it is asked for. */
let revision: number | null = null;
let early: TaskPatch[] = [];

export function followTasks(follower: TaskFollower): () => void {
  followers.add(follower);
  return () => followers.delete(follower);
}

/** Listens until disposed. */
export function startLiveTasks(): Disposable {
  const stops = [
    on('tasks:patch', receive),
    on('tasks:pulses', (pulses) => {
      if (isWindowVisible()) taskPulses.set(new Map(pulses.map((pulse) => [pulse.attemptId, pulse])));
    }),
    // Nothing is sent to a hidden window.
    onVisibility((isVisible) => {
      if (isVisible) void askAnew();
    }),
  ];
  void countFromNow();
  return {
    dispose() {
      for (const stop of stops) stop();
      revision = null;
      taskPulses.set(NO_PULSES);
    },
  };
}

async function askAnew(): Promise<void> {
  await countFromNow();
  for (const follower of [...followers]) follower.missed();
}

/** The revision first, then what is shown: what changes in between comes as a patch, and laying it over again is harmless. */
async function countFromNow(): Promise<void> {
  revision = null;
  early = [];
  const answer = await call('tasks:summary');
  if (!answer.ok) return;
  revision = answer.value.revision;
  taskCounts.set(answer.value.counts);
  for (const patch of early.splice(0)) receive(patch);
}

function receive(patch: TaskPatch): void {
  if (!isWindowVisible()) return;
  if (revision === null) {
    early.push(patch);
    return;
  }
  if (patch.revision <= revision) return;
  if (patch.revision !== revision + 1) {
    void askAnew();
    return;
  }
  revision = patch.revision;
  taskCounts.set(patch.counts);
  for (const follower of [...followers]) follower.changed(patch);
}
