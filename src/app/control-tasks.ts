/** Requests about tasks and runs over the control socket. Whoever asks may shorten an id as long as one is meant. */
import { fail, ok, type Result } from '../core/result.ts';
import { attemptIdOf, type RunId, type TaskId } from '../core/tasks/task.ts';
import type { TaskQuery } from '../core/tasks/view.ts';
import type { TaskService } from '../engine/tasks/contract.ts';
import type { ControlCall } from '../node/control-socket.ts';
import type { ControlMethod } from '../shared/control/contract.ts';
import type { ControlHandlers } from './control-handlers.ts';
import { findWorker } from './control-workers.ts';
import type { Instance } from './instance.ts';

type TaskMethod = Extract<ControlMethod, `tasks.${string}` | `task.${string}` | `run.${string}`>;

export interface TaskContext {
  readonly instance: Pick<Instance, 'tasks' | 'monitor'>;
  readonly call: Pick<ControlCall, 'emit' | 'isBehind' | 'signal'>;
}

export const TASK_HANDLERS: ControlHandlers<TaskMethod, TaskContext> = {
  'tasks.submit': ({ plan, folder }, { instance }) => instance.tasks.submit(plan, folder),
  async 'tasks.find'({ query }, { instance }) {
    const resolved = await resolvedQuery(query, instance);
    return resolved.ok ? instance.tasks.find(resolved.value) : resolved;
  },
  'tasks.runs': ({ limit }, { instance }) => instance.tasks.runs(limit),
  'task.show': ({ task }, { instance: { tasks } }) => withTask(tasks, task, tasks.show),
  'task.cancel': ({ task }, { instance: { tasks } }) => withTask(tasks, task, tasks.cancel),
  'task.retry': ({ task }, { instance: { tasks } }) => withTask(tasks, task, tasks.retry),
  'task.unpark': ({ task }, { instance: { tasks } }) => withTask(tasks, task, tasks.unpark),
  'run.cancel': ({ run }, { instance: { tasks } }) => withRun(tasks, run, tasks.cancelRun),
  'run.show': ({ run }, { instance: { tasks } }) => withRun(tasks, run, tasks.run),
  'task.output': ({ task, attempt, offset }, { instance: { tasks } }) =>
    withTask(tasks, task, (taskId) => readOutput(tasks, taskId, attempt, offset)),
  'run.watch': ({ run }, { instance: { tasks }, call }) =>
    withRun(tasks, run, (runId) => streamRun(tasks, runId, call)),
};

async function withTask<Value>(
  tasks: TaskService,
  text: string,
  work: (taskId: TaskId) => Promise<Result<Value>>,
): Promise<Result<Value>> {
  const taskId = await tasks.resolveTask(text);
  return taskId.ok ? work(taskId.value) : taskId;
}

async function withRun<Value>(
  tasks: TaskService,
  text: string,
  work: (runId: RunId) => Promise<Result<Value>>,
): Promise<Result<Value>> {
  const runId = await tasks.resolveRun(text);
  return runId.ok ? work(runId.value) : runId;
}

async function resolvedQuery(query: TaskQuery, instance: TaskContext['instance']): Promise<Result<TaskQuery>> {
  const run = query.runId === undefined ? null : await instance.tasks.resolveRun(query.runId);
  if (run?.ok === false) return run;
  const worker = query.workerId === undefined ? null : findWorker(instance, query.workerId);
  if (worker?.ok === false) return worker;
  return ok({ ...query, runId: run?.value, workerId: worker?.value.workerId });
}

/** `number` null: of the newest attempt. */
async function readOutput(tasks: TaskService, taskId: TaskId, number: number | null, offset: number) {
  const shown = await tasks.show(taskId);
  if (!shown.ok) return shown;
  const { task, attempts } = shown.value;
  const count = attempts.at(-1)?.number ?? 0;
  const wanted = number ?? count;
  if (count === 0) return fail('not-found', `“${task.spec.name}” has not begun, so it has written nothing.`);
  if (wanted > count) {
    return fail('not-found', `“${task.spec.name}” has no attempt ${wanted}: its newest is ${count}.`);
  }
  const attemptId = attemptIdOf(taskId, wanted);
  const piece = await tasks.output(attemptId, offset);
  return piece.ok ? ok({ ...piece.value, attemptId }) : piece;
}

/** The run's view always, for its end must be heard; its tasks only for a client that keeps up. */
async function streamRun(tasks: TaskService, runId: RunId, call: TaskContext['call']): Promise<Result<null>> {
  const subscription = tasks.onPatch((patch) => {
    const run = patch.runs.find((one) => one.runId === runId);
    if (run === undefined) return;
    call.emit({ run, tasks: call.isBehind() ? [] : patch.tasks.filter((task) => task.runId === runId) });
  });
  const first = await tasks.run(runId);
  if (first.ok) {
    call.emit({ run: first.value, tasks: [] });
    await untilAborted(call.signal);
  }
  void subscription.dispose();
  return first.ok ? ok(null) : first;
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
