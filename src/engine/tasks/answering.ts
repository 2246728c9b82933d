/** Answers people about tasks and runs: those under way from the book, older ones from the store. */

import type { WorkerId } from '../../core/fleet/worker.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { TaskBook } from '../../core/tasks/book.ts';
import type { Outlook } from '../../core/tasks/outlook.ts';
import { type AttemptId, attemptIdOf, type RunId, type TaskId } from '../../core/tasks/task.ts';
import type { OutputPiece, RunView, TaskDetail, TaskView } from '../../core/tasks/view.ts';
import type { Clock } from '../../core/time.ts';
import type { TaskFiles, TaskStore } from '../ports.ts';
import { taskOf } from './attempt-order.ts';
import type { TaskService } from './contract.ts';
import type { Lines } from './lines.ts';
import type { Pulses } from './pulses.ts';
import { readOutput } from './reading-output.ts';
import type { Recalling } from './recalling.ts';

export interface AnsweringOptions {
  readonly book: TaskBook;
  readonly store: Pick<TaskStore, 'tasks' | 'attemptsBetween' | 'runs' | 'findTaskIds' | 'findRunIds'>;
  readonly files: TaskFiles;
  readonly lines: Lines;
  readonly pulses: Pulses;
  readonly recalling: Recalling;
  readonly clock: Clock;
  readonly isEnrolled: (workerId: WorkerId) => boolean;
  /** Resolves when the disk took, or refused, what the book has now. */
  readonly tried: () => Promise<unknown>;
}

type Answers = Pick<
  TaskService,
  'find' | 'attemptsBetween' | 'runs' | 'run' | 'show' | 'output' | 'fetchedFolder' | 'resolveTask' | 'resolveRun'
>;

export interface Answering extends Answers {
  /** Of a task in the book, with what its newest attempt uses now; null for any other. */
  taskView(taskId: TaskId): TaskView | null;
}

export function createAnswering(options: AnsweringOptions): Answering {
  const { book, store, files, lines, pulses, recalling, clock, isEnrolled, tried } = options;
  let outlook: { readonly until: number; readonly value: Outlook } | null = null;

  /** Of a page of tasks, or a patch, all are seen in one look. */
  function currentOutlook(): Outlook {
    const nowMs = clock.monotonicMs();
    if (outlook === null || nowMs >= outlook.until) {
      outlook = { until: nowMs + OUTLOOK_MS, value: book.outlook(clock.nowMs()) };
    }
    return outlook.value;
  }

  function live(view: TaskView): TaskView {
    const outlookNow = isToCome(view.state) ? currentOutlook().of(view.taskId) : null;
    const pulse = pulses.of(attemptIdOf(view.taskId, view.attemptCount));
    const waitsFor = view.state === 'blocked' || view.state === 'queued' ? book.waitsFor(view.taskId) : null;
    if (pulse === undefined) return { ...view, waitsFor, outlook: outlookNow };
    return { ...view, waitsFor, outlook: outlookNow, usage: pulse.usage, outputBytes: pulse.outputBytes };
  }

  function taskView(taskId: TaskId): TaskView | null {
    const view = book.taskView(taskId);
    return view === undefined ? null : live(view);
  }

  async function run(runId: RunId): Promise<Result<RunView>> {
    const recalled = await recalling.run(runId);
    if (!recalled.ok) return recalled;
    await tried();
    const view = book.runView(runId);
    return view === undefined ? fail('not-found', 'There is no such run.') : ok(view);
  }

  async function show(taskId: TaskId): Promise<Result<TaskDetail>> {
    const recalled = await recalling.tasks([taskId]);
    if (!recalled.ok) return recalled;
    await tried();
    const view = taskView(taskId);
    const task = book.task(taskId);
    const itsRun = task && book.run(task.runId);
    if (view === null || task === undefined || itsRun === undefined) return noSuchTask();
    return ok({ view, task, run: itsRun, attempts: book.attemptsOf(taskId) });
  }

  async function output(attemptId: AttemptId, offset: number): Promise<Result<OutputPiece>> {
    const recalled = await recalling.tasks([taskOf(attemptId)]);
    if (!recalled.ok) return recalled;
    const attempt = book.attempt(attemptId);
    if (attempt === undefined) return fail('not-found', 'There is no such attempt.');
    const source = {
      attempt,
      line: lines.get(attempt.workerId) ?? null,
      pulsedBytes: pulses.of(attemptId)?.outputBytes ?? 0,
      isAwaited: isEnrolled(attempt.workerId),
    };
    return readOutput(source, files, offset);
  }

  return {
    taskView,
    async find(query) {
      const page = await store.tasks(query);
      return page.ok ? ok({ ...page.value, tasks: page.value.tasks.map(live) }) : page;
    },
    attemptsBetween: (query) => store.attemptsBetween(query),
    runs: (limit) => store.runs(limit),
    run,
    show,
    output,
    fetchedFolder(attemptId) {
      const folder = files.fetchedFolder(attemptId);
      return folder === null ? fail('not-found', 'No files were fetched of it.') : ok(folder);
    },
    resolveTask: (text) => resolve(text, 'task', store.findTaskIds),
    resolveRun: (text) => resolve(text, 'run', store.findRunIds),
  };
}

/** What is expected of waiting tasks is looked at so often at most. */
const OUTLOOK_MS = 100;

function isToCome(state: TaskView['state']): boolean {
  return state === 'queued' || state === 'placed' || state === 'running';
}

export function noSuchTask() {
  return fail('not-found', 'There is no such task.');
}

const SHORTEST_START = 4;

async function resolve<Id extends string>(
  text: string,
  what: 'task' | 'run',
  find: (start: string) => Promise<Result<readonly Id[]>>,
): Promise<Result<Id>> {
  const start = text.trim().toLowerCase();
  if (!/^[0-9a-z]+$/.test(start)) return fail('invalid-argument', `“${text}” is no id of a ${what}.`);
  if (start.length < SHORTEST_START) {
    return fail('invalid-argument', `Type at least ${SHORTEST_START} characters of the id of a ${what}.`);
  }
  const found = await find(start);
  if (!found.ok) return found;
  const [first, ...others] = found.value;
  if (first === undefined) return fail('not-found', `There is no ${what} whose id begins with ${start}.`);
  if (others.length === 0 || first === start) return ok(first);
  return fail('invalid-argument', `More than one ${what} begins with ${start}: ${found.value.join(', ')}.`);
}
