/** `labwatch workers`: who belongs to the fleet; and `add`, `dial`, `rename`, `remove`, `level`, `pause`, `update`. All of it asks the running instance. */
import { Argument, type Command } from 'commander';
import { LEVELS, type Level } from '../core/metrics/level.ts';
import { ok, type Result } from '../core/result.ts';
import type { Admission } from '../core/scheduling/place.ts';
import type { ControlClient } from '../node/control-socket-client.ts';
import { print, printJson } from './command.ts';
import type { Outcome } from './index.ts';
import { addInstanceCommand, inInstance, said, workerArgument } from './instance-command.ts';
import { ageMsOf } from './status-table.ts';
import { addWorkersProfile } from './workers-profile.ts';
import { workersLines } from './workers-table.ts';
import { addWorkersUpdate } from './workers-update.ts';

export function addWorkers(program: Command, outcome: Outcome): void {
  const workers = addInstanceCommand(
    program,
    'workers',
    'show the workers; add, rename, label, pause, update, remove one',
    'labwatch workers',
  );
  workers.action(inInstance(outcome, list));

  addInstanceCommand(workers, 'add', 'give out a code for one more machine', 'labwatch workers add').action(
    inInstance(outcome, async (client, isJson) => {
      const { inviteWorker } = await import('./workers-add.ts');
      return inviteWorker(client, isJson);
    }),
  );
  addInstanceCommand(workers, 'dial', 'bring in a machine that only this one can reach', 'labwatch workers dial LWL1-…')
    .argument('<code>', 'from `labwatch worker listen` there')
    .action(
      inInstance(outcome, async (client, isJson, code: string) => {
        // Without a deadline: each of its addresses is tried.
        const dialled = await client.stream('workers.dial', { code }, () => undefined);
        return said(dialled, isJson, ({ name }) => `${name} is a worker now.`);
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
  addWorkersUpdate(workers, outcome);
  addAdmission(workers, outcome, 'pause', 'let a worker take no new tasks for a while', 'paused', (name) => {
    return `${name} takes no new tasks until \`labwatch workers resume\`.`;
  });
  addAdmission(workers, outcome, 'drain', 'empty a worker: no new tasks, what runs ends', 'draining', (name) => {
    return `${name} takes no new tasks; what runs there goes on to its end.`;
  });
  addAdmission(workers, outcome, 'resume', 'let a worker take new tasks again', 'open', (name) => {
    return `${name} takes new tasks again.`;
  });
}

function addAdmission(
  workers: Command,
  outcome: Outcome,
  word: string,
  summary: string,
  admission: Admission,
  sentence: (name: string) => string,
): void {
  addInstanceCommand(workers, word, summary, `labwatch workers ${word} rig-03`)
    .addArgument(workerArgument())
    .action(
      inInstance(outcome, async (client, isJson, worker: string) => {
        const changed = await client.call('workers.admission', { worker, admission });
        return said(changed, isJson, ({ name }) => sentence(name));
      }),
    );
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
