/** Tasks and runs of fleet.db as people look at them: pages of tasks, newest first, and runs with their counts. */
import { openCountOf, runViewOf } from '../../core/tasks/book-views.ts';
import { isTaskOver, TASK_STATES, type TaskState } from '../../core/tasks/task.ts';
import type { AttemptQuery, AttemptsBetween, RunView, TaskCounts, TaskPage, TaskQuery } from '../../core/tasks/view.ts';
import { attemptViewOf, folded, runOf, taskViewOf } from './fleet-task-rows.ts';
import type { PageFilter, prepareTaskReads } from './fleet-tasks-statements.ts';

type Reads = ReturnType<typeof prepareTaskReads>;

export function createTaskViews(reads: Reads) {
  return {
    page(query: TaskQuery): TaskPage {
      if (reads === null) return { tasks: [], nextBefore: null };
      // One more tells whether there is another page.
      const found = findSequences(reads, query, query.limit + 1);
      const shown = found.slice(0, query.limit);
      const tasks = shown.flatMap((sequence) => reads.view.all(sequence)).map(taskViewOf);
      return { tasks, nextBefore: found.length > shown.length ? (shown.at(-1) ?? null) : null };
    },
    attemptsBetween({ fromMs: from, toMs: to, workerId, limit }: AttemptQuery): AttemptsBetween {
      if (reads === null) return { attempts: [], isCut: false, removedWorkers: [] };
      const filter = { from, to, worker: workerId ?? null, limit: limit + 1 };
      const open = reads.openInRange.all(filter);
      const ended = open.length > limit ? [] : reads.endedInRange.all({ ...filter, limit: limit + 1 - open.length });
      const found = [...open, ...ended];
      const attempts = found.slice(0, limit).map(attemptViewOf);
      const workerIds = [...new Set(attempts.map((attempt) => attempt.workerId))];
      const removedWorkers = reads.removedWorkers.all(JSON.stringify(workerIds));
      return { attempts, isCut: found.length > limit, removedWorkers };
    },
    /** Newest first. */
    newestRuns(limit: number): readonly RunView[] {
      if (reads === null) return [];
      return reads.newestRuns.all(limit).map((row) => {
        const states = reads.countsOfRun.all(row.run_id);
        const counted = Object.fromEntries(states.map(({ state, count }) => [state, count]));
        const counts = Object.fromEntries(TASK_STATES.map((state) => [state, counted[state] ?? 0])) as TaskCounts;
        const lastEndMs = states.reduce((last, { endedAtMs }) => Math.max(last, endedAtMs ?? 0), 0);
        return runViewOf(runOf(row), counts, openCountOf(counts) > 0 ? null : lastEndMs);
      });
    },
  };
}

/**
 * By the index that leaves least to look at: few tasks are not over, on all workers together. A page of several states is
 * merged from a page of each.
 */
function findSequences(reads: NonNullable<Reads>, query: TaskQuery, limit: number): readonly number[] {
  const { runId = null, workerId = null, states, search = '', beforeSequence } = query;
  const filter: PageFilter = {
    before: beforeSequence ?? Number.MAX_SAFE_INTEGER,
    limit,
    run: runId,
    worker: workerId,
    states: states === undefined ? null : JSON.stringify(states),
    search: search === '' ? null : folded(search),
  };
  if (runId !== null) return reads.ofRun.all(filter);
  if (workerId !== null && (states ?? TASK_STATES).some(isTaskOver)) return reads.onWorker.all(filter);
  if (states === undefined) return reads.byAge.all(filter);
  return [...new Set<TaskState>(states)]
    .flatMap((state) => reads.inState.all({ ...filter, state }))
    .sort((one, other) => other - one)
    .slice(0, limit);
}
