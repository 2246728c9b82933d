/**
 * The rules that move tasks: what follows from each thing that happens to a task, an attempt or a worker.
 *
 * It does no I/O and has no clock: the same stimuli give the same changes. It holds the runs that are not over, and unlike
 * the other state machines here it changes them in place: a copy of ten thousand tasks for each report would cost more
 * than the report. What an event may change is all in the change that is answered; records themselves never change.
 */
import type { WorkerId } from '../fleet/worker.ts';
import type { Expectations, Place } from '../scheduling/place.ts';
import type { Predictor } from '../scheduling/predict.ts';
import { createBookRecords, type RunEntry } from './book-records.ts';
import { lastEndOf, openCountOf, runViewOf, taskViewOf, waitsForOf } from './book-views.ts';
import { createCollections } from './collections.ts';
import type { Offer } from './offered.ts';
import { createOutlook, type Outlook } from './outlook.ts';
import { createPlacementRound } from './placement-round.ts';
import { loseWorker, takeFilesLeft, takeHeld, takeRefusal, takeReport } from './reports.ts';
import type { TaskChange, TaskStimulus } from './stimulus.ts';
import {
  type Attempt,
  type AttemptId,
  isAttemptOver,
  isTaskOver,
  type Run,
  type RunId,
  type Task,
  type TaskId,
  type TaskRecords,
} from './task.ts';
import type { RunView, TaskCounts, TaskView } from './view.ts';
import { cancelRun, grant, objectionTo, type Wish } from './wishes.ts';

export interface TaskBook {
  /**
   * What comes from outside and cannot be (a report for another worker's attempt, a wish for a task that is over or
   * unknown) changes nothing; what only a bug can bring throws. Where the book lacks a run that is stored, `add` it
   * before what concerns it. On a new link `held` goes before the reports of the same message.
   */
  apply(stimulus: TaskStimulus, nowMs: number): TaskChange;
  /**
   * Places as many queued tasks as fit on the workers that there are. The others keep the reason why they wait. Where
   * `mayGoOn` says no it stops between two tasks, and the next call goes on from there.
   */
  schedule(place: Place, offers: readonly Offer[], nowMs: number, mayGoOn?: () => boolean): TaskChange;
  /** Whether the last `schedule` came to the end of the queue. */
  isRoundOver(): boolean;
  /** Whole runs as they are stored. One that the book has already stays as it is there. */
  add(records: TaskRecords): void;
  /** The worker was told to forget the attempt. */
  collected(attemptId: AttemptId): void;
  /** Lets go of the runs that are over and of which no worker is known to hold anything. */
  evict(): readonly RunId[];
  /** Why a person's wish cannot be met, as a sentence; null where it can. The task must be in the book. */
  objectionTo(wish: Wish, taskId: TaskId): string | null;
  task(taskId: TaskId): Task | undefined;
  run(runId: RunId): Run | undefined;
  attempt(attemptId: AttemptId): Attempt | undefined;
  /** Oldest first. */
  attemptsOf(taskId: TaskId): readonly Attempt[];
  /** Attempts there that are not over. */
  openAttemptsOn(workerId: WorkerId): readonly Attempt[];
  openTaskIds(): readonly TaskId[];
  /** One sentence for a blocked or queued task; null in other states. */
  waitsFor(taskId: TaskId): string | null;
  /** What placement is to expect of tasks. */
  readonly expectations: Expectations;
  /** What is expected at this moment of tasks that wait and run; good for as long as nothing moves. */
  outlook(nowMs: number): Outlook;
  taskView(taskId: TaskId): TaskView | undefined;
  runView(runId: RunId): RunView | undefined;
  /** Over everything that is not over, and what ended since the first stimulus. */
  counts(): TaskCounts;
}

/** `predictor`: what is known already; the book teaches it what ends from now on. */
export function createTaskBook(records: TaskRecords, predictor?: Predictor): TaskBook {
  const book = createBookRecords(predictor);
  const collections = createCollections();
  /** When the first thing happened: what ended before is not counted. */
  let sinceMs = Number.POSITIVE_INFINITY;
  const round = createPlacementRound(book);
  let isRoundOver = true;
  book.add(records, sinceMs);

  function submit(run: Run, submitted: readonly Task[]): TaskChange {
    const tasks = submitted.map((task): Task => {
      return { ...task, state: task.spec.after.length === 0 ? 'queued' : 'blocked' };
    });
    if (book.runs.has(run.runId)) throw new Error(`A run was submitted twice: ${JSON.stringify(run)}`);
    const changed = { runs: [run], tasks, attempts: [] };
    book.add(changed, sinceMs);
    return { changed, effects: [] };
  }

  function grantWish(wish: Wish, taskId: TaskId, nowMs: number): void {
    const entry = book.tasks.get(taskId);
    if (entry !== undefined) grant(book, wish, entry, nowMs);
  }

  function move(stimulus: Exclude<TaskStimulus, { readonly kind: 'submitted' }>, nowMs: number): void {
    switch (stimulus.kind) {
      case 'reported':
        takeReport(book, collections, stimulus.workerId, stimulus.report, nowMs);
        return;
      case 'held':
        takeHeld(book, collections, stimulus.workerId, stimulus.attemptIds, nowMs);
        return;
      case 'refused':
      case 'returned':
        takeRefusal(book, { ...stimulus, isReturned: stimulus.kind === 'returned' }, nowMs);
        return;
      case 'files-left':
        takeFilesLeft(book, stimulus.attemptId, stimulus.left);
        return;
      case 'worker-lost':
        loseWorker(book, collections, stimulus.workerId, 'has not come back', nowMs);
        return;
      case 'worker-removed':
        loseWorker(book, collections, stimulus.workerId, 'was removed', nowMs);
        book.workers.delete(stimulus.workerId);
        return;
      case 'cancel-run': {
        const run = book.runs.get(stimulus.runId);
        if (run !== undefined) cancelRun(book, run, nowMs);
        return;
      }
      case 'cancel':
      case 'retry':
      case 'unpark':
        grantWish(stimulus.kind, stimulus.taskId, nowMs);
    }
  }

  function isDone({ counts, tasks }: RunEntry): boolean {
    return openCountOf(counts) === 0 && !tasks.some(({ attempts }) => attempts.some(collections.isPending));
  }

  function attemptOf(attemptId: AttemptId): Attempt | undefined {
    return book.entryOf(attemptId)?.attempts.find((attempt) => attempt.attemptId === attemptId);
  }

  return {
    apply(stimulus, nowMs) {
      sinceMs = Math.min(sinceMs, nowMs);
      if (stimulus.kind === 'submitted') return submit(stimulus.run, stimulus.tasks);
      move(stimulus, nowMs);
      return book.takeChange();
    },
    schedule(place, offers, nowMs, mayGoOn = () => true) {
      isRoundOver = round.goOn(place, offers, nowMs, mayGoOn);
      return book.takeChange();
    },
    isRoundOver: () => isRoundOver,
    add: (stored) => book.add(stored, sinceMs),
    collected(attemptId) {
      const attempt = attemptOf(attemptId);
      if (attempt !== undefined) collections.done(attempt);
    },
    evict() {
      const done = [...book.runs.values()].filter(isDone);
      for (const run of done) {
        collections.forget(run.tasks.flatMap(({ attempts }) => attempts));
        book.remove(run);
      }
      return done.map(({ run }) => run.runId);
    },
    objectionTo(wish, taskId) {
      const entry = book.tasks.get(taskId);
      if (entry === undefined) throw new Error(`No task ${taskId} is in the book`);
      return objectionTo(wish, entry);
    },
    task: (taskId) => book.tasks.get(taskId)?.task,
    run: (runId) => book.runs.get(runId)?.run,
    attempt: attemptOf,
    attemptsOf: (taskId) => [...(book.tasks.get(taskId)?.attempts ?? [])],
    openAttemptsOn: (workerId) => book.occupancy.on(workerId).filter(({ state }) => !isAttemptOver(state)),
    openTaskIds: () => [...book.tasks].filter(([, { task }]) => !isTaskOver(task.state)).map(([taskId]) => taskId),
    waitsFor(taskId) {
      const entry = book.tasks.get(taskId);
      return entry === undefined ? null : waitsForOf(entry);
    },
    expectations: book.expectedDurations,
    outlook: (nowMs) => createOutlook(book, nowMs),
    taskView(taskId) {
      const entry = book.tasks.get(taskId);
      if (entry === undefined) return undefined;
      return taskViewOf(entry.task, entry.run.run.name, entry.attempts.at(-1), waitsForOf(entry));
    },
    runView(runId) {
      const run = book.runs.get(runId);
      return run === undefined ? undefined : runViewOf(run.run, run.counts, lastEndOf(run));
    },
    counts: () => ({ ...book.counts }),
  };
}
