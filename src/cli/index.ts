/** The `labwatch` command line: finds the command, runs it, answers its exit code. Importing this does nothing. */
import { Command, CommanderError } from 'commander';
import type { ExitCode } from '../core/failure-words.ts';
import { packageVersion } from '../node/package-version.ts';
import { addDoctor } from './doctor-command.ts';
import { addHeadless } from './headless-command.ts';
import { addRuns } from './runs-command.ts';
import { addSettings } from './settings-command.ts';
import { addSimulate } from './simulate-command.ts';
import { addStatus } from './status-command.ts';
import { addStop } from './stop-command.ts';
import { addSubmit } from './submit-command.ts';
import { addTask } from './task-command.ts';
import { addTasks } from './tasks-command.ts';
import { addWorker } from './worker-command.ts';
import { addWorkers } from './workers-command.ts';

/** In the order in which the help lists them. */
const COMMANDS = [
  addHeadless,
  addStatus,
  addSubmit,
  addRuns,
  addTasks,
  addTask,
  addWorkers,
  addWorker,
  addStop,
  addSettings,
  addSimulate,
  addDoctor,
];

/** What an action hands back its exit code with; commander itself only knows actions without an answer. */
export interface Outcome {
  exitCode: ExitCode;
}

/** Runs the command in `argv` (without node and script). Never throws for what a person typed. */
export async function run(argv: readonly string[]): Promise<number> {
  process.stdout.on('error', leaveWhenNobodyReads);
  const outcome: Outcome = { exitCode: 0 };
  try {
    await programFor(outcome).parseAsync([...argv], { from: 'user' });
    return outcome.exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const isAnswer = error.code === 'commander.helpDisplayed' || error.code === 'commander.version';
    return isAnswer ? 0 : 2;
  }
}

function programFor(outcome: Outcome): Command {
  const program = new Command('labwatch')
    .description('Watches a lab of machines and runs tasks on them: live metrics, history and alerts, offline.')
    .usage('[--data-dir DIR] COMMAND')
    .version(packageVersion(), '--version', 'print the version')
    .helpOption('--help', 'explain a command')
    .helpCommand(false)
    .option('--data-dir <dir>', 'the instance to talk to (default: LABWATCH_DATA_DIR, else your own)')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(usageLine(text)) })
    .addHelpText('after', '\nExample:\n  labwatch headless --level detailed\n  labwatch status --watch');
  for (const add of COMMANDS) add(program, outcome);
  return program;
}

/** commander's error, which may span lines, as one that says where to look. */
function usageLine(text: string): string {
  const sentence = text
    .trim()
    .replace(/^error: /, '')
    .replace(/\s*\n\s*/g, ' ')
    .replace(/([^.?)])$/, '$1.');
  return `labwatch: ${sentence} Try \`labwatch --help\`.\n`;
}

/** `labwatch status | head -1`: the reader has what it wanted. `headless` listens itself and stops in order. */
function leaveWhenNobodyReads(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE' && process.stdout.listenerCount('error') === 1) process.exit(0);
}
