/** The part of fleet.db that holds runs, their tasks and the attempts at them. */
import { ok, type Result } from '../../core/result.ts';
import type { EndedAttempt } from '../../core/tasks/ended-attempt.ts';
import type { PastPage } from '../../core/tasks/past-attempt.ts';
import { type AttemptId, attemptIdOf, type RunId, type TaskId, type TaskRecords } from '../../core/tasks/task.ts';
import type { ReadableDatabase, WritableDatabase } from './connection.ts';
import { failureOf, ReadOnlyError } from './fault.ts';
import {
  attemptOf,
  attemptRow,
  endedAttemptOf,
  movedTaskRow,
  pastAttemptOf,
  runOf,
  runRow,
  searchedText,
  taskOf,
  taskRow,
} from './fleet-task-rows.ts';
import { createTaskViews } from './fleet-task-views.ts';
import { prepareTaskReads, prepareTaskWrites } from './fleet-tasks-statements.ts';

/** Answers to the beginning of an id at most: more than a person compares. */
const IDS_MAX = 10;

/** Behind every id that begins alike. */
const LAST_CHARACTER = '\u{10ffff}';

export function createFleetTasks(connection: ReadableDatabase) {
  const reads = prepareTaskReads(connection);
  const writes = connection.readonly ? null : prepareTaskWrites(connection as WritableDatabase);

  function writable() {
    if (writes === null) throw new ReadOnlyError('fleet.db is open for reading only.');
    return writes;
  }

  const save = connection.transaction(({ runs, tasks, attempts }: TaskRecords): void => {
    const write = writable();
    for (const run of runs) write.insertRun.run(runRow(run));
    for (const task of tasks) {
      if (write.moveTask.run(movedTaskRow(task)).changes === 1) continue;
      write.insertTask.run(taskRow(task));
      const { sequence, spec, files } = task;
      write.insertSpec.run(sequence, searchedText(spec), JSON.stringify(spec), JSON.stringify(files));
    }
    for (const attempt of attempts) {
      write.putAttempt.run(attemptRow(attempt));
      const { taskId, number, explanation } = attempt;
      if (explanation !== null) write.insertExplanation.run(taskId, number, JSON.stringify(explanation));
    }
  });

  /** Within a transaction: whole, or nothing of it. Throws where SQLite gave up the transaction itself. */
  function saveWithin(changed: TaskRecords): Result<null> {
    try {
      save(changed);
      return ok(null);
    } catch (error) {
      if (!connection.inTransaction) throw error;
      return failureOf(error);
    }
  }

  const saveTogether = connection.transaction((batch: readonly TaskRecords[]) => batch.map(saveWithin));

  function recordsOf(runIds: readonly string[]): TaskRecords {
    if (reads === null) return { runs: [], tasks: [], attempts: [] };
    const ids = [...new Set(runIds)];
    return {
      runs: ids.flatMap((id) => reads.run.all(id)).map(runOf),
      tasks: ids.flatMap((id) => reads.tasksOfRun.all(id)).map(taskOf),
      attempts: ids.flatMap((id) => reads.attemptsOfRun.all(id)).map(attemptOf),
    };
  }

  const forget = connection.transaction((atMs: number): readonly AttemptId[] => {
    const runIds = reads?.runsOverBefore.all({ atMs }) ?? [];
    const attempts = runIds.flatMap((id) => reads?.attemptNumbersOfRun.all(id) ?? []);
    for (const id of runIds) writable().deleteRun.run(id);
    return attempts.map(({ task_id, number }) => attemptIdOf(task_id as TaskId, number));
  });

  return {
    ...createTaskViews(reads),
    /**
     * Saves them in one transaction, on disk when this returns: each of them whole or not at all, with an answer of its own.
     * Throws what keeps all of them from the disk.
     */
    saveTogether: (batch: readonly TaskRecords[]): readonly Result<null>[] => saveTogether.immediate(batch),
    endedAttempts: (limit: number): readonly EndedAttempt[] =>
      (reads?.endedAttempts.all(limit) ?? []).map(endedAttemptOf).reverse(),
    openRecords: (): TaskRecords => recordsOf(reads?.openRuns.all() ?? []),
    recordsOf,
    recordsOfTasks: (taskIds: readonly TaskId[]): TaskRecords =>
      recordsOf(taskIds.flatMap((id) => reads?.runOfTask.all(id) ?? [])),
    findTaskIds: (start: string): readonly TaskId[] =>
      (reads?.taskIds.all(start, start + LAST_CHARACTER, IDS_MAX) ?? []) as TaskId[],
    findRunIds: (start: string): readonly RunId[] =>
      (reads?.runIds.all(start, start + LAST_CHARACTER, IDS_MAX) ?? []) as RunId[],
    pastAttempts(afterSequence: number, limit: number): PastPage {
      const rows = reads?.pastAttempts.all(afterSequence, limit) ?? [];
      return {
        attempts: rows.map(pastAttemptOf),
        nextAfter: rows.length < limit ? null : (rows.at(-1)?.sequence ?? null),
      };
    },
    lastSequence: (): number => reads?.lastSequence.get() ?? 0,
    /** Forgets whole runs that were over before `atMs`. Their attempts. */
    forgetBefore: (atMs: number): readonly AttemptId[] => forget.immediate(atMs),
  };
}
