/** A command that asks the running instance: its options, its connection, and what it says at the end. */
import { Argument, type Command } from 'commander';
import { printable } from '../app/terminal-text.ts';
import type { Result } from '../core/result.ts';
import type { ControlClient } from '../node/control-socket-client.ts';
import { addCommand, complain, dataDirOf, print, printJson } from './command.ts';
import type { Outcome } from './index.ts';
import { connectToInstance } from './running-instance.ts';

export function addInstanceCommand(parent: Command, name: string, summary: string, example: string): Command {
  return addCommand(parent, name, summary, example).option('--json', 'print JSON');
}

export function workerArgument(): Argument {
  return new Argument('<worker>', 'its name or id');
}

/** An action: arguments first, then the options, as commander hands them over. */
export function inInstance<Args extends readonly unknown[]>(
  outcome: Outcome,
  work: (client: ControlClient, isJson: boolean, ...args: Args) => Promise<Result<unknown>>,
) {
  return async (...given: unknown[]) => {
    const command = given.at(-1) as Command;
    const client = await connectToInstance(dataDirOf(command));
    if (!client.ok) {
      outcome.exitCode = complain(client.error);
      return;
    }
    // `--json` belongs to a command as much as to what follows it: commander gives it to the first that knows it.
    const { json } = command.optsWithGlobals<{ readonly json?: boolean }>();
    const result = await work(client.value, json ?? false, ...(given.slice(0, -1) as unknown as Args));
    client.value.dispose();
    if (!result.ok) outcome.exitCode = complain(result.error);
  };
}

/** Prints what came of it: a sentence, or as JSON the answer itself or `shown`. */
export function said<Value>(
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
