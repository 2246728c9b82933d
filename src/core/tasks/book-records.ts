/**
 * The records behind the task book, with everything that must follow each change of one: queue, counts, limits, who waits
 * for whom, what takes room on a worker. It knows no rule about what should change.
 */
import type { WorkerId } from '../fleet/worker.ts';
import { createPredictor } from '../scheduling/predict.ts';
import { shapeOf } from '../scheduling/predict-keys.ts';
import { createExpectations, type Expectations } from './expectations.ts';
import { createExpectedDurations, type ExpectedDurations } from './expected-durations.ts';
import { createGroupLimits, type GroupLimits } from './group-limits.ts';
import { createOccupancy, type Occupancy } from './occupancy.ts';
import { createOffered, type Offered } from './offered.ts';
import { createTaskQueue, type TaskQueue, type Waiting } from './queue.ts';
import type { TaskChange, TaskEffect } from './stimulus.ts';
import {
  type Attempt,
  type AttemptId,
  isAttemptOver,
  isTaskOver,
  type Run,
  type RunId,
  TASK_STATES,
  type Task,
  type TaskId,
  type TaskRecords,
  type TaskState,
} from './task.ts';

export interface TaskEntry extends Waiting {
  task: Task;
  readonly run: RunEntry;
  /** Oldest first. */
  readonly attempts: Attempt[];
  readonly after: TaskEntry[];
  readonly dependents: TaskEntry[];
  /** How many of `after` have not succeeded. */
  unmet: number;
  isCounted: boolean;
}

export interface RunEntry {
  readonly run: Run;
  readonly tasks: TaskEntry[];
  readonly counts: Record<TaskState, number>;
}

/** A worker as it was when tasks were last placed. */
export interface KnownWorker {
  readonly name: string;
  readonly isReachable: boolean;
  readonly takesTasks: boolean;
  readonly cores: number;
  readonly gpus: number;
}

export interface BookRecords {
  readonly runs: ReadonlyMap<RunId, RunEntry>;
  readonly tasks: ReadonlyMap<TaskId, TaskEntry>;
  readonly queue: TaskQueue<TaskEntry>;
  readonly groups: GroupLimits;
  readonly occupancy: Occupancy;
  readonly offered: Offered;
  readonly expectations: Expectations;
  readonly expectedDurations: ExpectedDurations;
  readonly counts: Readonly<Record<TaskState, number>>;
  readonly workers: Map<WorkerId, KnownWorker>;
  /** Runs that are known already are left as they are. Throws for records that do not belong together. */
  add(records: TaskRecords, sinceMs: number): void;
  remove(run: RunEntry): void;
  entryOf(attemptId: AttemptId): TaskEntry | undefined;
  setTask(entry: TaskEntry, changes: Partial<Task>): void;
  /** Replaces the attempt, or adds it as the newest of its task. */
  setAttempt(entry: TaskEntry, attempt: Attempt): void;
  effect(effect: TaskEffect): void;
  /** What changed since the last time, each record once. */
  takeChange(): TaskChange;
}

export function createBookRecords(predictor = createPredictor()): BookRecords {
  const runs = new Map<RunId, RunEntry>();
  const tasks = new Map<TaskId, TaskEntry>();
  const entriesByAttempt = new Map<AttemptId, TaskEntry>();
  const queue = createTaskQueue<TaskEntry>();
  const groups = createGroupLimits();
  const occupancy = createOccupancy();
  const expectations = createExpectations(predictor);
  const counts = noCounts();
  const changedTasks = new Map<TaskId, Task>();
  const changedAttempts = new Map<AttemptId, Attempt>();
  let effects: TaskEffect[] = [];

  function addTask(task: Task, run: RunEntry, sinceMs: number): TaskEntry {
    if (tasks.has(task.taskId)) throw new Error(`A task came twice: ${JSON.stringify(task)}`);
    const entry: TaskEntry = {
      task,
      run,
      attempts: [],
      after: [],
      dependents: [],
      unmet: 0,
      line: null,
      isCounted: !isTaskOver(task.state) || (task.endedAtMs ?? 0) >= sinceMs,
    };
    tasks.set(task.taskId, entry);
    run.tasks.push(entry);
    run.counts[task.state] += 1;
    // What ended since the start was counted before it was evicted.
    if (!isTaskOver(task.state)) counts[task.state] += 1;
    groups.moved(task.spec, null, task.state);
    return entry;
  }

  function moved(entry: TaskEntry, before: TaskState, after: TaskState): void {
    queue.leave(entry);
    if (after === 'queued') queue.join(entry, lineKey(entry));
    entry.run.counts[before] -= 1;
    entry.run.counts[after] += 1;
    if (entry.isCounted) counts[before] -= 1;
    counts[after] += 1;
    entry.isCounted = true;
    groups.moved(entry.task.spec, before, after);
    if (before === 'succeeded') for (const dependent of entry.dependents) dependent.unmet += 1;
    if (after === 'succeeded') for (const dependent of entry.dependents) dependent.unmet -= 1;
  }

  return {
    runs,
    tasks,
    queue,
    groups,
    occupancy,
    offered: createOffered(occupancy),
    expectations,
    expectedDurations: createExpectedDurations(expectations),
    counts,
    workers: new Map(),
    add(records, sinceMs) {
      const fresh = records.runs.filter(({ runId }) => !runs.has(runId));
      const entries = new Map(fresh.map((run) => [run.runId, { run, tasks: [], counts: noCounts() } as RunEntry]));
      for (const [runId, entry] of entries) runs.set(runId, entry);
      const added = records.tasks.flatMap((task) => {
        const run = entries.get(task.runId);
        if (run === undefined && !runs.has(task.runId))
          throw new Error(`A task without a run: ${JSON.stringify(task)}`);
        return run === undefined ? [] : [addTask(task, run, sinceMs)];
      });
      for (const run of entries.values()) linkTasks(run);
      for (const attempt of [...records.attempts].sort((one, other) => one.number - other.number)) {
        const entry = tasks.get(attempt.taskId);
        if (entry === undefined) throw new Error(`An attempt without a task: ${JSON.stringify(attempt)}`);
        if (!entries.has(entry.task.runId)) continue;
        entry.attempts.push(attempt);
        entriesByAttempt.set(attempt.attemptId, entry);
        if (!isAttemptOver(attempt.state)) occupancy.set(attempt, true);
      }
      for (const entry of added) if (entry.task.state === 'queued') queue.join(entry, lineKey(entry));
    },
    remove(run) {
      runs.delete(run.run.runId);
      for (const { task, attempts } of run.tasks) {
        tasks.delete(task.taskId);
        groups.moved(task.spec, task.state, null);
        for (const attempt of attempts) {
          entriesByAttempt.delete(attempt.attemptId);
          occupancy.set(attempt, false);
        }
      }
    },
    entryOf: (attemptId) => entriesByAttempt.get(attemptId),
    setTask(entry, changes) {
      const before = entry.task;
      entry.task = { ...before, ...changes };
      changedTasks.set(before.taskId, entry.task);
      if (before.state !== entry.task.state) moved(entry, before.state, entry.task.state);
    },
    setAttempt(entry, attempt) {
      const place = entry.attempts.findIndex(({ attemptId }) => attemptId === attempt.attemptId);
      const before = entry.attempts[place];
      if (before === undefined) entry.attempts.push(attempt);
      else entry.attempts[place] = attempt;
      const isOver = isAttemptOver(attempt.state);
      if (before === undefined) expectations.placed(attempt, entry.task.spec);
      else if (isOver && !isAttemptOver(before.state)) expectations.ended(attempt, entry.task);
      entriesByAttempt.set(attempt.attemptId, entry);
      changedAttempts.set(attempt.attemptId, attempt);
      occupancy.set(attempt, !isOver);
    },
    effect(effect) {
      effects.push(effect);
    },
    takeChange() {
      const changed = { runs: [], tasks: [...changedTasks.values()], attempts: [...changedAttempts.values()] };
      const change: TaskChange = { changed, effects };
      changedTasks.clear();
      changedAttempts.clear();
      effects = [];
      return change;
    },
  };
}

function noCounts(): Record<TaskState, number> {
  return Object.fromEntries(TASK_STATES.map((state) => [state, 0])) as Record<TaskState, number>;
}

function linkTasks(run: RunEntry): void {
  const byName = new Map(run.tasks.map((entry) => [entry.task.spec.name, entry]));
  for (const entry of run.tasks) {
    for (const name of entry.task.spec.after) {
      const earlier = byName.get(name);
      if (earlier === undefined) throw new Error(`No task “${name}” for ${JSON.stringify(entry.task)} to come after`);
      entry.after.push(earlier);
      earlier.dependents.push(entry);
      if (earlier.task.state !== 'succeeded') entry.unmet += 1;
    }
  }
}

/** Workers on which this task ended badly before. */
export function avoidedWorkers({ attempts }: TaskEntry): ReadonlySet<WorkerId> {
  const isBad = ({ state }: Attempt) => state === 'failed' || state === 'timed-out' || state === 'lost';
  return new Set(attempts.filter(isBad).map(({ workerId }) => workerId));
}

/** Everything on which it depends whether a task can be placed now, and what is expected of it. */
function lineKey(entry: TaskEntry): string {
  const { spec, runId } = entry.task;
  const program = spec.isShell ? null : spec.command[0];
  const limited = entry.run.run.maxParallel === null ? null : runId;
  return JSON.stringify([
    spec.needs,
    program,
    limited,
    spec.group,
    shapeOf(spec),
    spec.type,
    [...avoidedWorkers(entry)].sort(),
  ]);
}
