/** The task service, made when somebody first asks for it, or a moment after the start: what is shown first comes first. */
import { fail, type Result } from '../core/result.ts';
import type { AttemptPulse } from '../core/tasks/attempt.ts';
import { TASK_STATES } from '../core/tasks/task.ts';
import type { TaskCounts, TaskPatch } from '../core/tasks/view.ts';
import { SECOND_MS } from '../core/time.ts';
import { listeners } from '../engine/listeners.ts';
import type { Log, Timers } from '../engine/ports.ts';
import type { TaskService } from '../engine/tasks/contract.ts';

/** Tasks of an earlier run go on by themselves meanwhile. */
const LOAD_AFTER_MS = SECOND_MS;
const TRY_AGAIN_MS = 10 * SECOND_MS;

export interface LazyTasks extends TaskService {
  /** Resolves once it is there. A failure is tried again by the next who asks. */
  load(): Promise<Result<TaskService>>;
}

export interface LazyTasksOptions {
  readonly make: () => Promise<Result<TaskService>>;
  readonly timers: Timers;
  readonly log: Log;
}

type Question = (service: TaskService) => Promise<Result<unknown>>;

export function createLazyTasks({ make, timers, log }: LazyTasksOptions): LazyTasks {
  const patches = listeners<[TaskPatch]>();
  const pulses = listeners<[readonly AttemptPulse[]]>();
  let service: TaskService | null = null;
  let loading: Promise<Result<TaskService>> | null = null;
  let isDisposed = false;
  let timer = timers.after(LOAD_AFTER_MS, loadByItself);

  function loadByItself(): void {
    void load().then((loaded) => {
      if (loaded.ok || isDisposed) return;
      log.error('Tasks cannot be read.', { reason: loaded.error.message });
      timer = timers.after(TRY_AGAIN_MS, loadByItself);
    });
  }

  async function load(): Promise<Result<TaskService>> {
    if (service !== null) return { ok: true, value: service };
    if (isDisposed) return fail('unavailable', 'Labwatch is stopping.');
    loading ??= make();
    const made = await loading;
    if (!made.ok) loading = null;
    else if (service === null) {
      service = made.value;
      if (isDisposed) void service.dispose();
      service.onPatch(patches.tell);
      service.onPulses(pulses.tell);
    }
    return made;
  }

  async function ask<Asked extends Question>(question: Asked): Promise<Awaited<ReturnType<Asked>>> {
    const loaded = await load();
    return (loaded.ok ? question(loaded.value) : loaded) as Awaited<ReturnType<Asked>>;
  }

  return {
    load,
    submit: (planText, folder) => ask((tasks) => tasks.submit(planText, folder)),
    find: (query) => ask((tasks) => tasks.find(query)),
    attemptsBetween: (query) => ask((tasks) => tasks.attemptsBetween(query)),
    runs: (limit) => ask((tasks) => tasks.runs(limit)),
    run: (runId) => ask((tasks) => tasks.run(runId)),
    show: (taskId) => ask((tasks) => tasks.show(taskId)),
    output: (attemptId, offset) => ask((tasks) => tasks.output(attemptId, offset)),
    cancel: (taskId) => ask((tasks) => tasks.cancel(taskId)),
    retry: (taskId) => ask((tasks) => tasks.retry(taskId)),
    unpark: (taskId) => ask((tasks) => tasks.unpark(taskId)),
    cancelRun: (runId) => ask((tasks) => tasks.cancelRun(runId)),
    resolveTask: (text) => ask((tasks) => tasks.resolveTask(text)),
    resolveRun: (text) => ask((tasks) => tasks.resolveRun(text)),
    fetchedFolder: (attemptId) => service?.fetchedFolder(attemptId) ?? fail('not-found', 'No files were fetched.'),
    summary: () => service?.summary() ?? { revision: 0, counts: NOTHING },
    onPatch: patches.add,
    onPulses: pulses.add,
    lookAgain: () => service?.lookAgain(),
    hasWork: (workerId) => service?.hasWork(workerId) ?? false,
    door: {
      linked: (workerId, line) => service?.door.linked(workerId, line),
      unlinked: (workerId) => service?.door.unlinked(workerId),
      reports: (workerId, message) => service?.door.reports(workerId, message),
      read: (workerId, reading) => service?.door.read(workerId, reading),
      pulses: (workerId, news) => service?.door.pulses(workerId, news),
      lost: (workerId) => service?.door.lost(workerId),
      removed: (workerId) => service?.door.removed(workerId),
    },
    dispose() {
      isDisposed = true;
      timer.dispose();
      return service?.dispose();
    },
  };
}

const NOTHING = Object.fromEntries(TASK_STATES.map((state) => [state, 0])) as unknown as TaskCounts;
