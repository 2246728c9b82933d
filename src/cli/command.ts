/** What every command shares: its options as typed, the data folder they mean, and errors in one line. */
import type { Command } from 'commander';
import { type ExitCode, exitCodeOf, failureLine } from '../core/failure-words.ts';
import type { Failure } from '../core/result.ts';
import { dataDirPath } from '../node/data-dir.ts';

/** A subcommand with the options that every command has. */
export function addCommand(parent: Command, name: string, summary: string, example: string): Command {
  return parent
    .command(name)
    .description(summary)
    .option('--data-dir <dir>', 'the instance to talk to (default: LABWATCH_DATA_DIR, else your own)')
    .helpOption('--help', 'explain this command')
    .helpCommand(false)
    .allowExcessArguments(false)
    .addHelpText('after', `\nExample:\n  ${example}`);
}

/** The folder meant by `--data-dir` before or after the command's name. */
export function dataDirOf(command: Command): string {
  return dataDirPath(command.optsWithGlobals<{ readonly dataDir?: string }>().dataDir);
}

export function complain(failure: Failure): ExitCode {
  process.stderr.write(`labwatch: ${failureLine(failure)}\n`);
  return exitCodeOf(failure);
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value));
}
