/** The fake lab's tasks: runs of unlike tasks in every state, and the calls that a window makes about them. */
import type { WorkerId } from '../../../src/core/fleet/worker.ts';
import { fail, ok, type Result } from '../../../src/core/result.ts';
import type { AttemptUsage } from '../../../src/core/tasks/attempt.ts';
import { type AttemptId, isTaskOver, type RunId, type TaskId } from '../../../src/core/tasks/task.ts';
import type { AttemptView, OutputPiece, RunView, TaskCounts, TaskQuery } from '../../../src/core/tasks/view.ts';
import type { Calls, Pushes } from '../../../src/shared/ipc/contract.ts';
import type { Scenario } from './scenario.ts';
import { createFakeTask, type FakeTask, NO_COUNTS, pulseOf, usageOf } from './task.ts';

type TaskCall =
  | 'tasks:submit'
  | 'tasks:find'
  | 'attempts:between'
  | 'tasks:runs'
  | 'tasks:summary'
  | 'run:cancel'
  | Extract<keyof Calls, `task:${string}`>;
type Handlers = {
  readonly [Name in TaskCall]: (...args: Parameters<Calls[Name]>) => Result<ReturnType<Calls[Name]>>;
};

export interface FakeTasks {
  readonly handlers: Handlers;
  /** One second of what runs. */
  step(): void;
  /** Changes a task (0 is the first submitted) and tells the window. */
  change(index: number, part: Partial<FakeTask>): void;
  /** Loses one patch, as if it never arrived. */
  losePatch(): void;
  /** Figures such as a task of the fake used. */
  usageOf(seed: number): AttemptUsage;
}

interface Making {
  readonly scenario: Scenario;
  readonly now: () => number;
  readonly workerIds: readonly WorkerId[];
  /** Names of workers that are gone. */
  readonly removed: () => ReadonlyMap<WorkerId, string>;
  readonly push: <Name extends keyof Pushes>(name: Name, payload: Pushes[Name]) => void;
  /** Names of what runs, by worker. */
  readonly onRunning: (names: ReadonlyMap<WorkerId, readonly string[]>) => void;
}

const RUN_SIZE = 40;
const PIECE_BYTES = 65_536;

export function createFakeTasks({ scenario, now, workerIds, removed, push, onRunning }: Making): FakeTasks {
  const tasks = Array.from({ length: scenario.taskCount }, (_, index) =>
    createFakeTask({
      index,
      runIndex: Math.floor(index / RUN_SIZE),
      age: scenario.taskCount - index,
      isHostile: scenario.hasHostileNames,
      workerIds,
      nowMs: now(),
    }),
  );
  let revision = 1;

  const of = (taskId: TaskId) => tasks.find((task) => task.taskId === taskId);
  const ofAttempt = (attemptId: AttemptId) => of((attemptId.split('.')[0] ?? '') as TaskId);
  const runIds = () => [...new Set(tasks.map(({ runId }) => runId))].reverse();
  const runView = (runId: RunId): RunView => {
    const own = tasks.filter((task) => task.runId === runId);
    const isOver = own.every(({ state }) => isTaskOver(state));
    const counts = countsOf(own);
    return {
      runId,
      name: own[0]?.runName ?? '',
      submittedAtMs: own[0]?.submittedAtMs ?? 0,
      endedAtMs: isOver ? Math.max(...own.map(({ endedAtMs }) => endedAtMs ?? 0)) : null,
      state: !isOver ? 'running' : counts.failed > 0 ? 'failed' : counts.succeeded > 0 ? 'succeeded' : 'cancelled',
      counts,
    };
  };
  const tellRunning = () => {
    const names = new Map<WorkerId, string[]>();
    for (const { state, workerId, name } of tasks) {
      if (state !== 'running' || workerId === null) continue;
      names.set(workerId, [...(names.get(workerId) ?? []), name]);
    }
    onRunning(names);
  };
  const patch = (changed: readonly FakeTask[]) => {
    revision += 1;
    const runs = [...new Set(changed.map(({ runId }) => runId))].map(runView);
    push('tasks:patch', {
      revision,
      tasks: changed.map((task) => task.view()),
      runs,
      attempts: changed.flatMap(attemptViews),
      counts: countsOf(tasks),
    });
    tellRunning();
  };
  const act = (taskId: TaskId, change: (task: FakeTask) => void): Result<null> => {
    const task = of(taskId);
    if (task === undefined) return fail('not-found', 'There is no such task.');
    change(task);
    patch([task]);
    return ok(null);
  };
  const cancel = (task: FakeTask) => {
    if (isTaskOver(task.state)) return;
    task.end('cancelled', null, now());
  };
  tellRunning();

  return {
    usageOf: (seed) => usageOf(seed, 120),
    handlers: {
      'tasks:submit': (text, _folder) => {
        const plan = planOf(text);
        if (!plan.ok) return plan;
        const runIndex = 1_000 + tasks.length;
        const made = plan.value.tasks.map((spec, place) =>
          createFakeTask({
            index: tasks.length + place,
            runIndex,
            age: 0,
            isHostile: false,
            workerIds,
            nowMs: now(),
            submitted: { ...spec, runName: plan.value.name },
          }),
        );
        tasks.push(...made);
        patch(made);
        return ok(runView(made[0]?.runId ?? ('' as RunId)));
      },
      'tasks:find': (query) => {
        const found = [...tasks].reverse().filter((task) => fits(task, query));
        const page = found.slice(0, query.limit);
        const last = page.at(-1);
        const hasMore = found.length > page.length && last !== undefined;
        return ok({ tasks: page.map((task) => task.view()), nextBefore: hasMore ? last.sequence : null });
      },
      'attempts:between': ({ fromMs, toMs, workerId, limit }) => {
        const endOf = ({ endedAtMs }: AttemptView) => endedAtMs ?? Number.POSITIVE_INFINITY;
        const found = tasks
          .flatMap(attemptViews)
          .filter((attempt) => attempt.placedAtMs < toMs && endOf(attempt) >= fromMs)
          .filter((attempt) => workerId === undefined || attempt.workerId === workerId)
          .sort((one, other) => endOf(other) - endOf(one) || other.placedAtMs - one.placedAtMs || 0);
        const removedWorkers = [...removed()].map(([id, name]) => ({ workerId: id, name }));
        return ok({ attempts: found.slice(0, limit), isCut: found.length > limit, removedWorkers });
      },
      'tasks:runs': (limit) => ok(runIds().slice(0, limit).map(runView)),
      'tasks:summary': () => ok({ revision, counts: countsOf(tasks) }),
      'task:show': (taskId) => {
        const task = of(taskId);
        return task === undefined ? fail('not-found', 'There is no such task any more.') : ok(task.detail());
      },
      'task:output': (attemptId, offset) => {
        const task = ofAttempt(attemptId);
        if (task === undefined) return fail('not-found', 'There is no such attempt.');
        return ok(pieceOf(task, offset));
      },
      'task:cancel': (taskId) => act(taskId, cancel),
      'task:retry': (taskId) => act(taskId, (task) => task.requeue()),
      'task:unpark': (taskId) => act(taskId, (task) => task.requeue()),
      'run:cancel': (runId) => {
        const own = tasks.filter((task) => task.runId === runId && !isTaskOver(task.state));
        for (const task of own) cancel(task);
        patch(own);
        return ok(null);
      },
      'task:open-files': () => ok(null),
    },
    step() {
      const running = tasks.filter(({ state }) => state === 'running');
      if (running.length === 0) return;
      for (const task of running) {
        task.usage = usageOf(task.sequence, (now() - (task.startedAtMs ?? now())) / 1_000);
        task.write(`step ${Math.round(now() / 1_000)} of ${task.sequence}\n`);
      }
      push('tasks:pulses', running.map(pulseOf));
    },
    change(index, part) {
      const task = tasks[index];
      if (task === undefined) throw new Error(`No task ${index}`);
      Object.assign(task, part);
      patch([task]);
    },
    losePatch() {
      revision += 1;
    },
  };
}

function attemptViews(task: FakeTask): readonly AttemptView[] {
  const { runName, name, type } = task;
  return task.attempts().map(({ attemptId, taskId, number, workerId, state, placedAtMs, startedAtMs, endedAtMs }) => {
    return { attemptId, taskId, runName, name, type, number, workerId, state, placedAtMs, startedAtMs, endedAtMs };
  });
}

function countsOf(tasks: readonly FakeTask[]): TaskCounts {
  const counts = { ...NO_COUNTS };
  for (const { state } of tasks) counts[state] += 1;
  return counts;
}

function fits(task: FakeTask, { runId, workerId, states, search, beforeSequence }: TaskQuery): boolean {
  const words = `${task.name}\n${task.runName}\n${task.type ?? ''}\n${task.command.join(' ')}`.toLowerCase();
  return (
    (runId === undefined || task.runId === runId) &&
    (workerId === undefined || task.workerId === workerId) &&
    (states === undefined || states.includes(task.state)) &&
    (search === undefined || words.includes(search.toLowerCase())) &&
    (beforeSequence === undefined || task.sequence < beforeSequence)
  );
}

interface Plan {
  readonly name: string;
  readonly tasks: readonly { readonly name: string; readonly command: readonly string[] }[];
}

/** As far as a window can tell: what is no JSON, has no tasks, or asks for a number of cores that is none, is refused. */
function planOf(text: string): Result<Plan> {
  try {
    const { name, tasks } = JSON.parse(text);
    if (!Array.isArray(tasks)) return fail('invalid-argument', 'tasks: found nothing, expected a list of tasks.');
    for (const [place, task] of tasks.entries()) {
      if (!task.name) return fail('invalid-argument', `tasks[${place}].name: found "", expected a name.`);
      if (typeof (task.needs?.cores ?? 1) !== 'number') {
        return fail(
          'invalid-argument',
          `tasks[${place}].needs.cores: found "${task.needs.cores}", expected a number from 0.1.`,
        );
      }
    }
    return ok({ name: name || 'unnamed', tasks });
  } catch {
    return fail('invalid-argument', 'This is no JSON: line 1, column 1.');
  }
}

function pieceOf(task: FakeTask, offset: number): OutputPiece {
  const { output } = task;
  const from = Math.min(output.length, offset < 0 ? Math.max(0, output.length + offset) : offset);
  const bytes = output.subarray(from, from + PIECE_BYTES);
  let letters = '';
  for (const byte of bytes) letters += String.fromCharCode(byte);
  return { fromOffset: from, data: btoa(letters), totalBytes: output.length, isComplete: isTaskOver(task.state) };
}
