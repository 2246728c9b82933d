/** `labwatch workers update`: brings this Labwatch's agent to a worker, or to all that run another one, and says what came of it. */
import type { Command } from 'commander';
import { printable } from '../app/terminal-text.ts';
import { fail, ok, type Result } from '../core/result.ts';
import type { ControlClient } from '../node/control-socket-client.ts';
import { print, printJson } from './command.ts';
import type { Outcome } from './index.ts';
import { addInstanceCommand, inInstance } from './instance-command.ts';

interface Updated {
  readonly name: string;
  readonly from: string | null;
  /** What it runs now. */
  readonly agentVersion: string | null;
  /** Why it was not updated, in one sentence; null when it was. */
  readonly problem: string | null;
}

export function addWorkersUpdate(workers: Command, outcome: Outcome): void {
  addInstanceCommand(workers, 'update', 'bring this version of the agent to a worker', 'labwatch workers update rig-03')
    .argument('[worker]', 'its name or id')
    .option('--all', 'every worker in reach whose agent is of another version')
    .action(
      inInstance(outcome, (client, isJson, worker: string | undefined, { all = false }: { readonly all?: boolean }) => {
        if ((worker === undefined) === all) return update(client, worker ?? null, isJson);
        const words = all ? 'A worker and --all are two wishes.' : 'Name a worker, or say --all.';
        return Promise.resolve(fail('invalid-argument', words));
      }),
    );
}

/** Null: all of them. One after the other, so that never all of a lab is away at once. */
async function update(client: ControlClient, worker: string | null, isJson: boolean): Promise<Result<null>> {
  const names = worker === null ? await outdated(client) : ok([worker]);
  if (!names.ok) return names;
  const all: Updated[] = [];
  for (const name of names.value) {
    const updated = await updateOne(client, name);
    if (!updated.ok) return updated;
    all.push(updated.value);
    if (!isJson && updated.value.problem === null) print(printable(sentence(updated.value)));
  }
  if (isJson) printJson(all);
  else if (names.value.length === 0) print('Every worker in reach runs this version of the agent.');
  const failed = all.filter(({ problem }) => problem !== null);
  if (failed.length === 0) return ok(null);
  return fail('internal', failed.map(sentence).join(' '));
}

async function updateOne(client: ControlClient, worker: string): Promise<Result<Updated>> {
  const before = await client.call('workers.show', { worker });
  if (!before.ok) return before;
  const { name, remote } = before.value.worker;
  const from = remote?.agentVersion ?? null;
  // Without a deadline: a slow link takes its time for the file, and the agent a minute for its trial.
  const answer = await client.stream('workers.update', { worker }, () => undefined);
  if (answer.ok) return ok({ name, from, agentVersion: answer.value.remote?.agentVersion ?? null, problem: null });
  return ok({ name, from, agentVersion: from, problem: answer.error.message });
}

async function outdated(client: ControlClient): Promise<Result<readonly string[]>> {
  const status = await client.call('status', {});
  if (!status.ok) return status;
  const { instance, workers } = status.value;
  const isOutdated = ({ remote, link }: (typeof workers)[number]) =>
    remote !== null && (link === 'online' || link === 'stale') && remote.agentVersion !== instance.version;
  return ok(workers.filter(isOutdated).map(({ workerId }) => workerId));
}

function sentence({ name, from, agentVersion, problem }: Updated): string {
  if (problem !== null) return `${name}: ${problem}`;
  if (from === agentVersion) return `${name} runs ${agentVersion} already.`;
  return `${name} is updated from ${from ?? 'an unknown version'} to ${agentVersion ?? 'an unknown one'}.`;
}
