/** What the store answers about tasks. A change that would be forgotten is refused: a task accepted is a task accounted for. */
import { fail, type Result } from '../../core/result.ts';
import type { TaskRecords } from '../../core/tasks/task.ts';
import { MOST_ATTEMPTS } from '../../core/tasks/view.ts';
import type { TaskStore } from '../../engine/ports.ts';
import { attempt } from './fault.ts';
import type { FleetDatabase } from './fleet-database.ts';
import type { FleetHome } from './fleet-home.ts';

export type TaskAnswers = {
  readonly [Name in keyof TaskStore]: (...args: Parameters<TaskStore[Name]>) => Awaited<ReturnType<TaskStore[Name]>>;
} & {
  /** Many changes in one transaction: each whole or not at all, with an answer of its own, on disk when it is ok. */
  saveTogether(batch: readonly TaskRecords[]): readonly Result<null>[];
};

/** Tasks, or runs, that one question may ask for at most. */
const LIMIT_MAX = 1_000;

/** Ended attempts, of which much is learned at the start. */
const MOST_ENDED = 10_000;

/** Fewer characters of an id fit too many. */
const START_LEAST = 4;

export function createTaskAnswers(fleet: () => FleetHome, mayForgetByAge: () => boolean): TaskAnswers {
  const tasks = (): FleetDatabase['tasks'] => fleet().database().tasks;

  function change<Value>(work: (known: FleetDatabase['tasks']) => Value): Result<Value> {
    const database = attempt(() => fleet().forKeeps('tasks can neither be taken nor go on'));
    if (!database.ok) return database;
    const kept = database.value;
    return kept.ok ? attempt(() => work(kept.value.tasks)) : kept;
  }

  function saveTogether(batch: readonly TaskRecords[]): readonly Result<null>[] {
    const answers = change((known) => known.saveTogether(batch));
    return answers.ok ? answers.value : batch.map(() => answers);
  }

  return {
    saveTogether,
    saveTasks: (changed) => saveTogether([changed])[0] as Result<null>,
    openTasks: () => attempt(() => tasks().openRecords()),
    runRecords: (runIds) => attempt(() => tasks().recordsOf(runIds)),
    runRecordsOf: (taskIds) => attempt(() => tasks().recordsOfTasks(taskIds)),
    endedAttempts: (limit) => withLimit(limit, MOST_ENDED, () => tasks().endedAttempts(limit)),
    findTaskIds: (start) => withStart(start, (beginning) => tasks().findTaskIds(beginning)),
    findRunIds: (start) => withStart(start, (beginning) => tasks().findRunIds(beginning)),
    tasks: (query) => withLimit(query.limit, LIMIT_MAX, () => tasks().page(query)),
    attemptsBetween: (query) => withLimit(query.limit, MOST_ATTEMPTS, () => tasks().attemptsBetween(query)),
    runs: (limit) => withLimit(limit, LIMIT_MAX, () => tasks().newestRuns(limit)),
    pastAttempts: (afterSequence, limit) =>
      withLimit(limit, LIMIT_MAX, () => tasks().pastAttempts(afterSequence, limit)),
    lastTaskSequence: () => attempt(() => tasks().lastSequence()),
    forgetTasksBefore: (atMs) => change((known) => (mayForgetByAge() ? known.forgetBefore(atMs) : null)),
  };
}

/** Ids are small letters; people type them as they like. */
function withStart<Value>(start: string, find: (start: string) => Value): Result<Value> {
  if (start.length < START_LEAST) {
    return fail('invalid-argument', `Give ${START_LEAST} characters of the id at least.`);
  }
  return attempt(() => find(start.toLowerCase()));
}

function withLimit<Value>(limit: number, most: number, find: () => Value): Result<Value> {
  if (Number.isInteger(limit) && limit >= 1 && limit <= most) return attempt(find);
  return fail('invalid-argument', `The limit must be a whole number from 1 to ${most}.`);
}
