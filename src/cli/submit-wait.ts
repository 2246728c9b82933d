/** `labwatch submit --wait`: follows a run to its end and says how it went. Leaving it leaves the run going. */
import { isInForeground } from '../app/terminal-foreground.ts';
import { printable } from '../app/terminal-text.ts';
import type { ExitCode } from '../core/failure-words.ts';
import { formatDuration } from '../core/metrics/format.ts';
import { ok, type Result } from '../core/result.ts';
import type { RunView } from '../core/tasks/view.ts';
import { taskOutcome } from '../core/tasks/words.ts';
import type { ControlClient } from '../node/control-socket-client.ts';
import { print, printJson } from './command.ts';
import { showRunProgress } from './run-progress.ts';
import { countWords, runDurationMs } from './task-words.ts';

/** Failed tasks that are told at the end. */
const MOST_TOLD = 10;

/** 0 when everything succeeded; 1 when not, and when somebody left before. */
export async function waitForRun(
  client: ControlClient,
  submitted: RunView,
  left: Promise<'left'>,
  isJson: boolean,
): Promise<Result<ExitCode>> {
  const isOnTerminal = process.stderr.isTTY && isInForeground();
  const progress = showRunProgress(submitted, process.stderr, isOnTerminal, () => performance.now());
  let settle: (run: RunView) => void = () => undefined;
  const over = new Promise<RunView>((resolve) => {
    settle = resolve;
  });
  const follow = client.stream('run.watch', { run: submitted.runId }, ({ run, tasks }) => {
    progress.at(run, tasks);
    if (run.endedAtMs !== null) settle(run);
  });
  const ended = await Promise.race([over, follow, left]);
  progress.dispose();
  if (ended === 'left') {
    process.stderr.write(`labwatch: The run goes on. \`labwatch runs cancel ${submitted.runId}\` would end it.\n`);
    return ok(1);
  }
  if ('ok' in ended) return ended.ok ? ok(1) : ended;
  if (isJson) printJson(ended);
  else for (const line of await endLines(client, ended)) print(printable(line));
  return ok(ended.state === 'succeeded' ? 0 : 1);
}

/** Ctrl+C, and whatever else ends this process in order. Asked for before anything is submitted, so that none is missed. */
export function untilLeft(): Promise<'left'> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve('left'));
  });
}

async function endLines(client: ControlClient, run: RunView): Promise<readonly string[]> {
  const { runId, name, state, counts } = run;
  const took = formatDuration(runDurationMs(run, run.submittedAtMs));
  const end = `“${name}” ${state === 'cancelled' ? 'was cancelled' : state} after ${took}: ${countWords(counts)}.`;
  if (counts.failed === 0) return [end];
  const failed = await client.call('tasks.find', { query: { runId, states: ['failed'], limit: MOST_TOLD } });
  if (!failed.ok) return [end];
  const told = failed.value.tasks.map((task) => `■ ${task.taskId}  ${task.name}: ${taskOutcome(task)}`);
  const more = counts.failed - told.length;
  return [...told, ...(more > 0 ? [`■ and ${more} more: \`labwatch tasks --run ${runId} --state failed\``] : []), end];
}
