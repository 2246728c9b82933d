/** Tasks from their submission to their results: what people ask for, what workers report, what is placed where. */
import type { WorkerId } from '../../core/fleet/worker.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { FleetCandidate } from '../../core/scheduling/place.ts';
import type { Settings } from '../../core/settings/settings.ts';
import { createTaskBook, type TaskBook } from '../../core/tasks/book.ts';
import { attemptViewOf } from '../../core/tasks/book-views.ts';
import type { TaskEffect } from '../../core/tasks/stimulus.ts';
import { type Attempt, type AttemptId, isAttemptOver, type RunId, type TaskId } from '../../core/tasks/task.ts';
import type { RunView, TaskView } from '../../core/tasks/view.ts';
import { type WantedFiles, wantedFiles } from '../../core/tasks/wanted-files.ts';
import type { Clock } from '../../core/time.ts';
import type { Log, TaskFiles, TaskStore, Timers } from '../ports.ts';
import { createAnswering, noSuchTask } from './answering.ts';
import { orderFor } from './attempt-order.ts';
import { createCollecting } from './collecting.ts';
import type { TaskService, WorkerLine } from './contract.ts';
import { createDispatch } from './dispatching.ts';
import { createLearning } from './learning.ts';
import { isOfDisk } from './lines.ts';
import { createLoads } from './loads.ts';
import { createMoving } from './moving.ts';
import { type Policy, REMEMBERED_ATTEMPTS } from './policy.ts';
import { createPublishing } from './publishing.ts';
import { createPulses } from './pulses.ts';
import { createRecalling } from './recalling.ts';
import { createReceiving } from './receiving.ts';
import { createRetention, GIGABYTE, type TaskRetention } from './retention.ts';
import { createRunningNames } from './running-names.ts';
import { prepareSubmission } from './submitting.ts';
import { createTroubles } from './troubles.ts';

export interface TaskServiceOptions {
  readonly store: TaskStore;
  readonly files: TaskFiles;
  readonly policy: Policy;
  /** Every worker that is enrolled, also those out of reach. */
  readonly candidates: () => readonly FleetCandidate[];
  /** The one whose agent can be started from here. */
  readonly localWorkerId: WorkerId;
  /** Something is to be told to a worker that has no link. */
  readonly summon: (workerId: WorkerId) => void;
  /** The first names of what runs on a worker, and how many there are; told when it changes. */
  readonly tellRunning: (workerId: WorkerId, names: readonly string[], count: number) => void;
  /** An event of the worker, as a sentence: it gave tasks back. */
  readonly tellTrouble: (workerId: WorkerId, message: string) => void;
  readonly settings: () => TaskRetention & Pick<Settings, 'scheduling.heedsOtherLoad'>;
  readonly random: (bytes: number) => Uint8Array;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
}

/** Reads what is not over and goes on with it. A failure where the tasks cannot be read. */
export async function createTaskService(options: TaskServiceOptions): Promise<Result<TaskService>> {
  const { store, policy } = options;
  const [open, lastSequence, ended] = await Promise.all([
    store.openTasks(),
    store.lastTaskSequence(),
    store.endedAttempts(REMEMBERED_ATTEMPTS),
  ]);
  if (!open.ok) return open;
  if (!lastSequence.ok) return lastSequence;
  // Tasks can go on without what earlier ones taught.
  if (ended.ok) ended.value.forEach(policy.learn);
  else options.log.warn('What ended tasks taught could not be read.', { reason: ended.error.message });
  for (const { spec } of open.value.tasks) policy.arrived(spec.needs);
  const underWay = open.value.attempts.filter(({ state }) => !isAttemptOver(state));
  const service = assemble(options, createTaskBook(open.value), lastSequence.value, underWay);
  service.resume(underWay.map(({ workerId }) => workerId));
  return ok(service);
}

function assemble(options: TaskServiceOptions, book: TaskBook, lastSequence: number, underWay: readonly Attempt[]) {
  const { store, files, policy, candidates, localWorkerId, summon, settings, random, clock, timers, log } = options;
  const lines = new Map<WorkerId, WorkerLine>();
  /** Workers that have said on their link what they hold. */
  const known = new Set<WorkerId>();
  const running = createRunningNames(book, options.tellRunning);
  let sequence = lastSequence;

  const moving = createMoving({
    ...{ book, store, place: policy.place, candidates: offers, clock, timers, log, onChanged, perform, onMoved },
    onRound: () => publishing.placed(),
  });
  const troubles = createTroubles({ timers, tell: options.tellTrouble, onOver: moving.lookAgain });
  const recalling = createRecalling({ book, store, ledger: moving.ledger, timers });
  const dispatch = createDispatch({
    ...{ lines, files, timers, log, summon },
    orderOf(attemptId) {
      const attempt = book.attempt(attemptId);
      const task = attempt && book.task(attempt.taskId);
      const isWanted = attempt?.state === 'placed' && !attempt.isCancelRequested;
      return isWanted && task !== undefined ? orderFor(task, attempt) : null;
    },
    refuse(workerId, attemptId, why) {
      if (isOfDisk(why)) troubles.heard(workerId, why.message);
      void moving.move({ kind: isOfDisk(why) ? 'returned' : 'refused', attemptId, message: why.message });
    },
    onTaken: troubles.calmed,
  });
  const collecting = createCollecting({
    ...{ lines, files, timers, log },
    endOf: (attemptId) => book.attempt(attemptId)?.end ?? null,
    wantedOf,
    leave: (attemptId, left) => moving.move({ kind: 'files-left', attemptId, left }),
    onForgotten(workerId, attemptIds) {
      attemptIds.forEach(book.collected);
      receiving.forgotten(workerId, attemptIds);
    },
  });
  const pulses = createPulses({ book, collecting, clock });
  const learning = createLearning(
    book,
    underWay.map(({ attemptId }) => attemptId),
    policy.learn,
  );
  const heedsOtherCpu = () => settings()['scheduling.heedsOtherLoad'];
  const loads = createLoads({ book, pulses, clock, timers, heedsOtherCpu, onRoom: moving.lookAgain });
  const recall = recalling.tasks;
  const receiving = createReceiving({ book, lines, moving, dispatch, collecting, timers, log, recall, onAll });
  const isEnrolled = (workerId: WorkerId) => candidates().some((candidate) => candidate.workerId === workerId);
  const tried = moving.ledger.tried;
  const answering = createAnswering({ book, store, files, lines, pulses, recalling, isEnrolled, tried });
  const publishing = createPublishing({ clock, timers, counts: book.counts, viewOf, waits: () => waitsIn(book) });
  const retention = createRetention({ store, files, clock, timers, log, settings, open: () => openIn(book) });

  /**
   * Before a worker has said what it holds, a task that it still runs could be placed there a second time. The local one
   * is never lost, so nothing of it was placed anew; its agent comes only when there is something for it.
   */
  function offers() {
    const isAwaited = (id: WorkerId) => !known.has(id) && (id !== localWorkerId || lines.has(id));
    return candidates().map((one) => ({
      ...one,
      isReachable: one.isReachable && !isAwaited(one.workerId),
      trouble: troubles.of(one.workerId),
      ...loads.of(one.workerId),
    }));
  }

  /** One attempt may take as much as is kept of all tasks, and no more. */
  function wantedOf(attemptId: AttemptId): WantedFiles {
    const attempt = book.attempt(attemptId);
    const task = attempt && book.task(attempt.taskId);
    if (task === undefined) return { files: [], left: [] };
    const mostBytes = settings()['retention.fetchedGigabytes'] * GIGABYTE;
    return wantedFiles(task.spec, attempt?.end?.files ?? [], mostBytes);
  }

  function onAll(workerId: WorkerId): void {
    known.add(workerId);
    moving.lookAgain();
  }

  function perform(effects: readonly TaskEffect[]): void {
    for (const { kind, workerId, attemptId } of effects) {
      if (kind === 'start') dispatch.start(workerId, attemptId);
      else if (kind === 'cancel') dispatch.cancel(workerId, attemptId);
      // Nobody here knows of it, so nobody wants what it left.
      else if (book.attempt(attemptId) === undefined) collecting.forget(workerId, attemptId);
      else collecting.collect(workerId, attemptId);
    }
    dispatch.send();
  }

  function onChanged(attempts: readonly Attempt[]): void {
    for (const attempt of attempts) {
      loads.changed(attempt);
      learning.changed(attempt);
    }
  }

  function onMoved(taskIds: ReadonlySet<TaskId>, attempts: readonly Attempt[]): void {
    for (const taskId of taskIds) for (const { attemptId } of book.attemptsOf(taskId)) pulses.moved(attemptId);
    publishing.changed(taskIds, attempts);
    for (const workerId of new Set(attempts.map((attempt) => attempt.workerId))) running.look(workerId);
  }

  function viewOf(taskId: TaskId) {
    const task = answering.taskView(taskId);
    const run = task === null ? undefined : book.runView(task.runId);
    const record = book.task(taskId);
    if (task === null || run === undefined || record === undefined) return null;
    const attempts = () => book.attemptsOf(taskId).map((attempt) => attemptViewOf(record, run.name, attempt));
    return { task, run, attempts };
  }

  async function submit(planText: string, folder: string | null): Promise<Result<RunView>> {
    const nextSequence = () => {
      sequence += 1;
      return sequence;
    };
    const prepared = await prepareSubmission(planText, folder, { files, random, nextSequence, nowMs: clock.nowMs });
    if (!prepared.ok) return prepared;
    const { run, tasks } = prepared.value;
    // On disk before the book knows of it: what the disk refuses was never submitted.
    const saved = await store.saveTasks({ runs: [run], tasks, attempts: [] });
    if (!saved.ok) return saved;
    for (const { spec } of tasks) policy.arrived(spec.needs);
    book.apply({ kind: 'submitted', run, tasks }, run.submittedAtMs);
    moving.lookAgain();
    publishing.changed(tasks.map(({ taskId }) => taskId));
    return ok(book.runView(run.runId)!);
  }

  async function grant(kind: 'cancel' | 'retry' | 'unpark', taskId: TaskId): Promise<Result<TaskView>> {
    const recalled = await recalling.tasks([taskId]);
    if (!recalled.ok) return recalled;
    if (book.task(taskId) === undefined) return noSuchTask();
    const objection = book.objectionTo(kind, taskId);
    if (objection !== null) return fail('invalid-argument', objection);
    const kept = await moving.move({ kind, taskId });
    return kept.ok ? ok(answering.taskView(taskId)!) : kept;
  }

  async function cancelRun(runId: RunId): Promise<Result<RunView>> {
    const view = await answering.run(runId);
    if (!view.ok) return view;
    const kept = await moving.move({ kind: 'cancel-run', runId });
    return kept.ok ? ok(book.runView(runId)!) : kept;
  }

  function unlink(workerId: WorkerId): void {
    dispatch.unlinked(workerId);
    collecting.unlinked(workerId);
    lines.delete(workerId);
    known.delete(workerId);
  }

  /** `workerIds`: of attempts that are not over. */
  function resume(workerIds: readonly WorkerId[]): void {
    for (const workerId of new Set(workerIds)) {
      running.look(workerId);
      // Removed in an earlier run that ended before its tasks were told.
      if (isEnrolled(workerId)) summon(workerId);
      else void moving.move({ kind: 'worker-removed', workerId });
    }
    moving.lookAgain();
  }

  return {
    ...answering,
    resume,
    submit,
    cancel: (taskId) => grant('cancel', taskId),
    retry: (taskId) => grant('retry', taskId),
    unpark: (taskId) => grant('unpark', taskId),
    cancelRun,
    summary: () => ({ revision: publishing.revision(), counts: book.counts() }),
    onPatch: publishing.onPatch,
    onPulses: publishing.onPulses,
    lookAgain: moving.lookAgain,
    hasWork: (workerId) => book.openAttemptsOn(workerId).length > 0,
    door: {
      linked(workerId, line) {
        unlink(workerId);
        lines.set(workerId, line);
      },
      unlinked: unlink,
      reports: receiving.receive,
      read: loads.read,
      pulses(workerId, news) {
        publishing.pulsed(pulses.take(workerId, news));
      },
      lost: (workerId) => void moving.move({ kind: 'worker-lost', workerId }),
      removed(workerId) {
        loads.forget(workerId);
        policy.forget(workerId);
        void moving.move({ kind: 'worker-removed', workerId });
      },
    },
    dispose() {
      for (const part of [moving, recalling, dispatch, collecting, publishing, retention, troubles, loads])
        void part.dispose();
      lines.clear();
    },
  } satisfies TaskService & { readonly resume: typeof resume };
}

function waitsIn(book: TaskBook) {
  return book.openTaskIds().flatMap((taskId) => {
    const reason = book.waitsFor(taskId);
    return reason === null ? [] : [[taskId, reason] as const];
  });
}

function openIn(book: TaskBook) {
  const tasks = book.openTaskIds().flatMap((taskId) => book.task(taskId) ?? []);
  const attempts = tasks.flatMap(({ taskId }) => book.attemptsOf(taskId));
  return { files: tasks.flatMap((task) => task.files), attemptIds: attempts.map(({ attemptId }) => attemptId) };
}
