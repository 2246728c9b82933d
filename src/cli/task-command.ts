/** `labwatch task`: one task: what is known of it, what it wrote; and `retry`, `cancel`, `unpark`. */
import { Argument, type Command, InvalidArgumentError } from 'commander';
import { printable } from '../app/terminal-text.ts';
import { ok, type Result } from '../core/result.ts';
import type { TaskState } from '../core/tasks/task.ts';
import type { ControlClient } from '../node/control-socket-client.ts';
import { addCommand, print, printJson } from './command.ts';
import type { Outcome } from './index.ts';
import { addInstanceCommand, inInstance, said } from './instance-command.ts';
import { taskLines } from './task-lines.ts';
import { readWorkerNames } from './worker-names.ts';

interface OutputFlags {
  readonly follow?: boolean;
  readonly attempt?: number;
}

export function addTask(program: Command, outcome: Outcome): void {
  const task = addCommand(
    program,
    'task',
    'show one task or what it wrote; retry, cancel it',
    'labwatch task show 8k3v',
  );
  addInstanceCommand(task, 'show', 'show one task and its attempts', 'labwatch task show 8k3v')
    .addArgument(taskArgument())
    .action(inInstance(outcome, show));
  addInstanceCommand(task, 'explain', 'say why its attempts went where they did', 'labwatch task explain 8k3v')
    .addArgument(taskArgument())
    .action(inInstance(outcome, explain));
  addCommand(task, 'output', 'print what a task wrote', 'labwatch task output 8k3v -f')
    .addArgument(taskArgument())
    .option('-f, --follow', 'go on until it has ended')
    .option('--attempt <number>', 'of this attempt instead of the newest', attemptOf)
    .action(
      inInstance(outcome, async (client, _isJson, id: string, flags: OutputFlags) => {
        const { printOutput } = await import('./task-output.ts');
        return printOutput(client, id, { attempt: flags.attempt ?? null, isFollowed: flags.follow ?? false });
      }),
    );
  addInstanceCommand(task, 'retry', 'try a task that is over once more', 'labwatch task retry 8k3v')
    .addArgument(taskArgument())
    .action(
      inInstance(outcome, async (client, isJson, id: string) => {
        const retried = await client.call('task.retry', { task: id });
        return said(retried, isJson, ({ name }) => `“${name}” is tried once more.`);
      }),
    );
  addInstanceCommand(task, 'cancel', 'end a task, whether it runs or waits', 'labwatch task cancel 8k3v')
    .addArgument(taskArgument())
    .action(
      inInstance(outcome, async (client, isJson, id: string) => {
        const cancelled = await client.call('task.cancel', { task: id });
        return said(cancelled, isJson, ({ name, state }) => cancelSentence(name, state));
      }),
    );
  addInstanceCommand(task, 'unpark', 'let a parked task go on', 'labwatch task unpark 8k3v')
    .addArgument(taskArgument())
    .action(
      inInstance(outcome, async (client, isJson, id: string) => {
        const unparked = await client.call('task.unpark', { task: id });
        return said(unparked, isJson, ({ name }) => `“${name}” goes on.`);
      }),
    );
}

function taskArgument(): Argument {
  return new Argument('<task>', 'its id or the beginning of it');
}

function attemptOf(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be the number of an attempt, from 1.');
}

/** What runs ends in order, which takes its time. */
function cancelSentence(name: string, state: TaskState): string {
  return state === 'running' || state === 'placed' ? `“${name}” is being ended.` : `“${name}” is cancelled.`;
}

/** A task that waits has no attempt to explain: what it waits for is said instead. */
async function explain(client: ControlClient, isJson: boolean, id: string): Promise<Result<unknown>> {
  const shown = await client.call('task.show', { task: id });
  if (!shown.ok) return shown;
  const { view, attempts } = shown.value;
  if (isJson) {
    const placements = attempts.map(({ attemptId, placement, explanation }) => ({ attemptId, placement, explanation }));
    printJson({ taskId: view.taskId, waitsFor: view.waitsFor, placements });
    return ok(null);
  }
  const { explainLines } = await import('./explain-lines.ts');
  const lines = attempts.flatMap((attempt) => ['', ...explainLines(attempt)]).slice(1);
  if (view.waitsFor !== null) print(printable(`“${view.name}” waits. ${view.waitsFor}`));
  else if (lines.length === 0) print(printable(`“${view.name}” was never placed.`));
  for (const line of lines) print(line);
  return ok(null);
}

async function show(client: ControlClient, isJson: boolean, id: string): Promise<Result<unknown>> {
  const [names, shown] = await Promise.all([readWorkerNames(client), client.call('task.show', { task: id })]);
  if (!names.ok) return names;
  if (!shown.ok) return shown;
  if (isJson) printJson(shown.value);
  else for (const line of taskLines(shown.value, names.value.nameOf, names.value.nowMs)) print(line);
  return ok(null);
}
