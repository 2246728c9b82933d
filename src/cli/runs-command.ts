/** `labwatch runs`: the plans that were submitted, newest first; and `runs cancel`. */
import type { Command } from 'commander';
import { ok, type Result } from '../core/result.ts';
import type { ControlClient } from '../node/control-socket-client.ts';
import { print, printJson } from './command.ts';
import type { Outcome } from './index.ts';
import { addInstanceCommand, inInstance, said } from './instance-command.ts';
import { countWords } from './task-words.ts';
import { limitOf } from './tasks-command.ts';
import { runsLines } from './tasks-table.ts';
import { readWorkerNames } from './worker-names.ts';

const DEFAULT_LIMIT = 20;
/** Of one answer. */
const MOST_RUNS = 1_000;

export function addRuns(program: Command, outcome: Outcome): void {
  const runs = addInstanceCommand(program, 'runs', 'show the runs, newest first; cancel one', 'labwatch runs')
    .option('--limit <count>', 'how many at most', limitOf, DEFAULT_LIMIT)
    .action(inInstance(outcome, list));
  addInstanceCommand(runs, 'cancel', 'end what runs of a run, and what waits', 'labwatch runs cancel 8k3v')
    .argument('<run>', 'its id or the beginning of it')
    .action(
      inInstance(outcome, async (client, isJson, run: string) => {
        const cancelled = await client.call('run.cancel', { run });
        return said(cancelled, isJson, ({ name, counts }) => `“${name}” is cancelled: ${countWords(counts)}.`);
      }),
    );
}

async function list(
  client: ControlClient,
  isJson: boolean,
  { limit }: { readonly limit: number },
): Promise<Result<unknown>> {
  const [names, runs] = await Promise.all([
    readWorkerNames(client),
    client.call('tasks.runs', { limit: Math.min(limit, MOST_RUNS) }),
  ]);
  if (!names.ok) return names;
  if (!runs.ok) return runs;
  if (isJson) printJson(runs.value);
  else for (const line of runsLines(runs.value, names.value.nowMs)) print(line);
  return ok(null);
}
