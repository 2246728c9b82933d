/** A task book with workers in reach, told what happens in few words. Checks that each change lists a record once. */

import { type WorkerId, workerId } from '../../../src/core/fleet/worker.ts';
import type { Candidate } from '../../../src/core/scheduling/place.ts';
import type { AttemptEnd, AttemptReport } from '../../../src/core/tasks/attempt.ts';
import { createTaskBook } from '../../../src/core/tasks/book.ts';
import type { TaskChange, TaskEffect, TaskStimulus } from '../../../src/core/tasks/stimulus.ts';
import {
  type Attempt,
  type AttemptId,
  attemptIdOf,
  type Run,
  type Task,
  type TaskRecords,
  type TaskSpec,
} from '../../../src/core/tasks/task.ts';
import { firstFit } from '../../support/first-fit.ts';
import { aCandidate, anEnd, aReport, aRun, aTask, SUBMITTED_MS, taskIdOf } from '../../support/tasks.ts';

export const NO_RECORDS: TaskRecords = { runs: [], tasks: [], attempts: [] };

export function onWorker(number: number): WorkerId {
  return workerId(`w-${number}`);
}

export function attemptId(task: number, number = 1): AttemptId {
  return attemptIdOf(taskIdOf(task), number);
}

/** `start 1.1 w-1`: effects by the numbers of task, attempt and worker. */
export function told(effects: readonly TaskEffect[]): readonly string[] {
  return effects.map(({ kind, attemptId: id, workerId: to }) => {
    const [task = '', number] = id.split('.');
    return `${kind} ${Number(task.slice(1))}.${number} ${to}`;
  });
}

export function createLab(workers: readonly Candidate[] = [aCandidate(1), aCandidate(2)], stored = NO_RECORDS) {
  const book = createTaskBook(stored);
  let offers = workers;
  let nowMs = SUBMITTED_MS;

  function checked(change: TaskChange): TaskChange {
    for (const ids of [
      change.changed.tasks.map(({ taskId }): string => taskId),
      change.changed.attempts.map(({ attemptId: id }): string => id),
    ]) {
      if (new Set(ids).size !== ids.length) throw new Error(`A record changed twice in one change: ${ids}`);
    }
    for (const task of change.changed.tasks) {
      if (book.task(task.taskId) !== task) throw new Error(`Not in its final form: ${JSON.stringify(task)}`);
    }
    return change;
  }

  const lab = {
    book,
    passMs(durationMs: number) {
      nowMs += durationMs;
    },
    setWorkers(changed: readonly Candidate[]) {
      offers = changed;
    },
    apply(stimulus: TaskStimulus) {
      return checked(book.apply(stimulus, nowMs));
    },
    schedule() {
      return checked(book.schedule(firstFit, offers, nowMs));
    },
    /** Tasks 1, 2, 3 … of one run, and a look at what can be placed. */
    submit(specs: readonly Partial<TaskSpec>[], run: Partial<Run> = {}, first = 1) {
      const whole = aRun(run);
      const tasks = specs.map((spec, index) => aTask(first + index, spec, { runId: whole.runId }));
      lab.apply({ kind: 'submitted', run: whole, tasks });
      return lab.schedule();
    },
    report(task: number, report: Partial<AttemptReport>, number = 1, from?: WorkerId) {
      const id = attemptId(task, number);
      const holder = from ?? book.attempt(id)?.workerId ?? onWorker(1);
      return lab.apply({ kind: 'reported', workerId: holder, report: aReport({ attemptId: id, ...report }) });
    },
    begin(task: number, number = 1) {
      lab.report(task, { state: 'accepted' }, number);
      return lab.report(task, { state: 'running' }, number);
    },
    end(task: number, end: Partial<AttemptEnd> = {}, number = 1) {
      return lab.report(task, { state: 'ended', end: anEnd(end) }, number);
    },
    held(worker: number, ...attemptIds: readonly AttemptId[]) {
      return lab.apply({ kind: 'held', workerId: onWorker(worker), attemptIds: new Set(attemptIds) });
    },
    lose(worker: number) {
      return lab.apply({ kind: 'worker-lost', workerId: onWorker(worker) });
    },
    cancel(task: number) {
      return lab.apply({ kind: 'cancel', taskId: taskIdOf(task) });
    },
    retry(task: number) {
      return lab.apply({ kind: 'retry', taskId: taskIdOf(task) });
    },
    task(task: number): Task {
      const found = book.task(taskIdOf(task));
      if (found === undefined) throw new Error(`No task ${task}`);
      return found;
    },
    states: (...tasks: readonly number[]) => tasks.map((task) => lab.task(task).state),
    attempt(task: number, number = 1): Attempt {
      const found = book.attempt(attemptId(task, number));
      if (found === undefined) throw new Error(`No attempt ${task}.${number}`);
      return found;
    },
  };
  return lab;
}
