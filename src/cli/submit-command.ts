/**
 * `labwatch submit`: hands a plan to the instance. A wrong plan is found here, before anybody is asked; with `--wait` the
 * exit code tells how the run ended.
 */
import type { Command } from 'commander';
import { printable } from '../app/terminal-text.ts';
import type { ExitCode } from '../core/failure-words.ts';
import { fail, ok, type Result } from '../core/result.ts';
import type { RunView } from '../core/tasks/view.ts';
import type { ControlClient } from '../node/control-socket-client.ts';
import { addCommand, complain, dataDirOf, print, printJson } from './command.ts';
import type { Outcome } from './index.ts';
import { type PlanText, readPlanText } from './plan-text.ts';
import { connectToInstance } from './running-instance.ts';
import { tasksWord, taskTotal } from './task-words.ts';

interface SubmitFlags {
  readonly wait?: boolean;
  readonly json?: boolean;
}

export function addSubmit(program: Command, outcome: Outcome): void {
  addCommand(program, 'submit', 'run the tasks of a plan', 'labwatch submit nightly.json --wait')
    .argument('<plan>', 'a plan file, or - for standard input')
    .option('--wait', 'wait until all of it is over; exit with 0 only if everything succeeded')
    .option('--json', 'print the run as JSON, with --wait when it is over')
    .action(async (path: string, flags: SubmitFlags, command: Command) => {
      const done = await submitPlan(path, flags, dataDirOf(command));
      outcome.exitCode = done.ok ? done.value : complain(done.error);
    });
}

async function submitPlan(path: string, flags: SubmitFlags, dataDir: string): Promise<Result<ExitCode>> {
  const plan = await readRightPlan(path);
  if (!plan.ok) return plan;
  const client = await connectToInstance(dataDir);
  if (!client.ok) return client;
  try {
    return await submitTo(client.value, plan.value, flags);
  } finally {
    client.value.dispose();
  }
}

async function readRightPlan(path: string): Promise<Result<PlanText>> {
  const plan = await readPlanText(path);
  if (!plan.ok) return plan;
  const { parsePlan } = await import('../shared/plan/parse-plan.ts');
  const parsed = parsePlan(plan.value.text);
  return parsed.ok ? plan : fail(parsed.error.code, printable(`${plan.value.name}: ${parsed.error.message}`));
}

async function submitTo(
  client: ControlClient,
  { text, folder }: PlanText,
  { wait = false, json = false }: SubmitFlags,
): Promise<Result<ExitCode>> {
  const waiting = wait ? await import('./submit-wait.ts') : null;
  const left = waiting?.untilLeft();
  // Without a deadline: the files that it brings are copied first.
  const submitted = await client.stream('tasks.submit', { plan: text, folder }, () => undefined);
  if (!submitted.ok) return submitted;
  const run = submitted.value;
  if (!json) for (const line of submittedLines(run, wait)) print(printable(line));
  if (waiting !== null && left !== undefined) return waiting.waitForRun(client, run, left, json);
  if (json) printJson(run);
  return ok(0);
}

function submittedLines({ runId, name, counts }: RunView, isWaited: boolean): readonly string[] {
  const sentence = `Run ${runId}, “${name}”: ${tasksWord(taskTotal(counts))} submitted.`;
  return isWaited ? [sentence] : [sentence, `\`labwatch tasks --run ${runId}\` shows how they do.`];
}
