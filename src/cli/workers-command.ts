/** `labwatch workers`: who belongs to the fleet; and `add`, `rename`, `remove`, `level`. All of it asks the running instance. */
import { Argument, type Command } from 'commander';
import { printable } from '../app/terminal-text.ts';
import { LEVELS, type Level } from '../core/metrics/level.ts';
import type { Result } from '../core/result.ts';
import type { ControlClient } from '../node/control-socket-client.ts';
import { addCommand, complain, dataDirOf, print, printJson } from './command.ts';
import type { Outcome } from './index.ts';
import { connectToInstance } from './running-instance.ts';
import { ageMsOf } from './status-table.ts';
import { workersLines } from './workers-table.ts';

export function addWorkers(program: Command, outcome: Outcome): void {
  const workers = addWorkersCommand(
    program,
    'workers',
    'show the workers; add, rename, remove one',
    'labwatch workers',
  );
  workers.action(inInstance(outcome, list));

  addWorkersCommand(workers, 'add', 'give out a code for one more machine', 'labwatch workers add').action(
    inInstance(outcome, async (client, isJson) => {
      const { inviteWorker } = await import('./workers-add.ts');
      return inviteWorker(client, isJson);
    }),
  );
  addWorkersCommand(workers, 'rename', 'call a worker something else', 'labwatch workers rename rig-03 bench')
    .addArgument(workerArgument())
    .argument('<name>', 'its new name')
    .action(
      inInstance(outcome, async (client, isJson, worker, name) => {
        const renamed = await client.call('workers.rename', { worker, name });
        return said(renamed, isJson, ({ name: newName }) => `${worker} is called ${newName} now.`);
      }),
    );
  addWorkersCommand(workers, 'remove', 'end the trust in a worker, for ever', 'labwatch workers remove rig-03')
    .addArgument(workerArgument())
    .action(
      inInstance(outcome, async (client, isJson, worker) => {
        const removed = await client.call('workers.remove', { worker });
        return said(
          removed,
          isJson,
          ({ name }) => `${name} is removed. Its history stays as long as retention keeps it.`,
        );
      }),
    );
  addWorkersCommand(workers, 'level', 'change how much a worker samples', 'labwatch workers level rig-03 detailed')
    .addArgument(workerArgument())
    .addArgument(new Argument('<level>', 'how much, and how often').choices(LEVELS))
    .action(
      inInstance(outcome, async (client, isJson, worker, level) => {
        const changed = await client.call('level.set', { worker, level: level as Level });
        return said(changed, isJson, () => `${worker} samples at level ${level}.`, { worker, level });
      }),
    );
}

function addWorkersCommand(parent: Command, name: string, summary: string, example: string): Command {
  return addCommand(parent, name, summary, example).option('--json', 'print JSON');
}

function workerArgument(): Argument {
  return new Argument('<worker>', 'its name or id');
}

type Work = (client: ControlClient, isJson: boolean, ...args: readonly string[]) => Promise<Result<unknown>>;

/** An action: arguments first, then options and the command, as commander hands them over. */
function inInstance(
  outcome: Outcome,
  work: (client: ControlClient, isJson: boolean, ...args: string[]) => ReturnType<Work>,
) {
  return async (...given: unknown[]) => {
    const command = given.at(-1) as Command;
    const client = await connectToInstance(dataDirOf(command));
    if (!client.ok) {
      outcome.exitCode = complain(client.error);
      return;
    }
    // `--json` belongs to `workers` as much as to what follows it: commander gives it to the first that knows it.
    const { json } = command.optsWithGlobals<{ readonly json?: boolean }>();
    const result = await work(client.value, json ?? false, ...(given.slice(0, -2) as string[]));
    client.value.dispose();
    if (!result.ok) outcome.exitCode = complain(result.error);
  };
}

async function list(client: ControlClient, isJson: boolean): Promise<Result<unknown>> {
  const [status, listener] = await Promise.all([client.call('status', {}), client.call('listener', {})]);
  if (!status.ok) return status;
  if (!listener.ok) return listener;
  const { nowMs, workers } = status.value;
  if (isJson) {
    const aged = workers.map((worker) => ({ ...worker, ageMs: ageMsOf(worker, nowMs) }));
    printJson({ nowMs, listener: listener.value, workers: aged });
  } else for (const line of workersLines(status.value, listener.value)) print(line);
  return status;
}

/** Prints what came of it: a sentence, or as JSON the answer itself or `shown`. */
function said<Value>(
  result: Result<Value>,
  isJson: boolean,
  sentence: (value: Value) => string,
  shown: unknown = result.ok ? result.value : null,
): Result<Value> {
  if (!result.ok) return result;
  if (isJson) printJson(shown);
  else print(printable(sentence(result.value)));
  return result;
}
