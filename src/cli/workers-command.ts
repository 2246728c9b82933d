/** `labwatch workers`: who belongs to the fleet; and `add`, `rename`, `remove`, `level`. All of it asks the running instance. */
import { Argument, type Command } from 'commander';
import { LEVELS, type Level } from '../core/metrics/level.ts';
import { ok, type Result } from '../core/result.ts';
import type { ControlClient } from '../node/control-socket-client.ts';
import { print, printJson } from './command.ts';
import type { Outcome } from './index.ts';
import { addInstanceCommand, inInstance, said, workerArgument } from './instance-command.ts';
import { ageMsOf } from './status-table.ts';
import { addWorkersProfile } from './workers-profile.ts';
import { workersLines } from './workers-table.ts';

export function addWorkers(program: Command, outcome: Outcome): void {
  const workers = addInstanceCommand(
    program,
    'workers',
    'show the workers; add, rename, label, remove one',
    'labwatch workers',
  );
  workers.action(inInstance(outcome, list));

  addInstanceCommand(workers, 'add', 'give out a code for one more machine', 'labwatch workers add').action(
    inInstance(outcome, async (client, isJson) => {
      const { inviteWorker } = await import('./workers-add.ts');
      return inviteWorker(client, isJson);
    }),
  );
  addInstanceCommand(workers, 'rename', 'call a worker something else', 'labwatch workers rename rig-03 bench')
    .addArgument(workerArgument())
    .argument('<name>', 'its new name')
    .action(
      inInstance(outcome, async (client, isJson, worker: string, name: string) => {
        const renamed = await client.call('workers.rename', { worker, name });
        return said(renamed, isJson, ({ name: newName }) => `${worker} is called ${newName} now.`);
      }),
    );
  addInstanceCommand(workers, 'remove', 'end the trust in a worker, for ever', 'labwatch workers remove rig-03')
    .addArgument(workerArgument())
    .action(
      inInstance(outcome, async (client, isJson, worker: string) => {
        const removed = await client.call('workers.remove', { worker });
        return said(
          removed,
          isJson,
          ({ name }) => `${name} is removed. Its history stays as long as retention keeps it.`,
        );
      }),
    );
  addInstanceCommand(workers, 'level', 'change how much a worker samples', 'labwatch workers level rig-03 detailed')
    .addArgument(workerArgument())
    .addArgument(new Argument('<level>', 'how much, and how often').choices(LEVELS))
    .action(
      inInstance(outcome, async (client, isJson, worker: string, level: Level) => {
        const changed = await client.call('level.set', { worker, level });
        return said(changed, isJson, () => `${worker} samples at level ${level}.`, { worker, level });
      }),
    );
  addWorkersProfile(workers, outcome);
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
  return ok(null);
}
