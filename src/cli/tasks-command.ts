/** `labwatch tasks`: the tasks there are, newest first, as far as they fit what is asked for. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { WorkerId } from '../core/fleet/worker.ts';
import { ok, type Result } from '../core/result.ts';
import { type RunId, TASK_STATES, type TaskState } from '../core/tasks/task.ts';
import type { TaskPage, TaskQuery, TaskView } from '../core/tasks/view.ts';
import type { ControlClient } from '../node/control-socket-client.ts';
import { print, printJson } from './command.ts';
import type { Outcome } from './index.ts';
import { addInstanceCommand, inInstance } from './instance-command.ts';
import { tasksLines } from './tasks-table.ts';
import { readWorkerNames } from './worker-names.ts';

interface TasksFlags {
  readonly run?: string;
  readonly state?: readonly TaskState[];
  readonly worker?: string;
  readonly search?: string;
  readonly limit: number;
}

const DEFAULT_LIMIT = 100;
const MOST_SHOWN = 100_000;
/** Of one answer. */
const PAGE_SIZE = 1_000;

export function addTasks(program: Command, outcome: Outcome): void {
  addInstanceCommand(program, 'tasks', 'show the tasks, newest first', 'labwatch tasks --state failed --limit 20')
    .option('--run <run>', 'only of this run: its id or the beginning of it')
    .addOption(new Option('--state <state...>', 'only those in one of these states').choices(TASK_STATES))
    .option('--worker <worker>', 'only those whose newest attempt is on this worker: its name or id')
    .option('--search <text>', 'only where this is in the name of task or run, the type or the command')
    .option('--limit <count>', 'how many at most', limitOf, DEFAULT_LIMIT)
    .action(inInstance(outcome, list));
}

/** A number of rows as typed. */
export function limitOf(text: string): number {
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MOST_SHOWN) return limit;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${MOST_SHOWN}.`);
}

async function list(client: ControlClient, isJson: boolean, flags: TasksFlags): Promise<Result<unknown>> {
  const names = await readWorkerNames(client);
  if (!names.ok) return names;
  const found = await findTasks(client, flags);
  if (!found.ok) return found;
  const { tasks, nextBefore } = found.value;
  if (isJson) {
    printJson(found.value);
    return ok(null);
  }
  for (const line of tasksLines(tasks, names.value.nameOf, names.value.nowMs)) print(line);
  if (nextBefore !== null) print(`There are older ones: --limit ${flags.limit * 10} shows more.`);
  return ok(null);
}

async function findTasks(client: ControlClient, flags: TasksFlags): Promise<Result<TaskPage>> {
  const tasks: TaskView[] = [];
  let nextBefore: number | null = null;
  do {
    const query: TaskQuery = {
      runId: flags.run as RunId | undefined,
      workerId: flags.worker as WorkerId | undefined,
      states: flags.state,
      search: flags.search,
      beforeSequence: nextBefore ?? undefined,
      limit: Math.min(PAGE_SIZE, flags.limit - tasks.length),
    };
    const page = await client.call('tasks.find', { query });
    if (!page.ok) return page;
    tasks.push(...page.value.tasks);
    nextBefore = page.value.nextBefore;
  } while (nextBefore !== null && tasks.length < flags.limit);
  return ok({ tasks, nextBefore });
}
