/** `labwatch stop`: ends the instance on a data folder and waits until the folder is free. */
import type { Command } from 'commander';
import { runningHolder } from '../app/instance-lock.ts';
import { fail } from '../core/result.ts';
import { systemClock } from '../node/system-clock.ts';
import { addCommand, complain, dataDirOf, print } from './command.ts';
import type { Outcome } from './index.ts';
import { connectToInstance } from './running-instance.ts';

const STOP_LIMIT_MS = 30_000;
const LOOK_AGAIN_MS = 50;

export function addStop(program: Command, outcome: Outcome): void {
  addCommand(program, 'stop', 'end the instance that runs on the data folder', 'labwatch stop').action(
    async (_flags: unknown, command: Command) => {
      const dataDir = dataDirOf(command);
      const client = await connectToInstance(dataDir);
      if (!client.ok) {
        outcome.exitCode = complain(client.error);
        return;
      }
      const answer = await client.value.call('stop', {});
      client.value.dispose();
      if (!answer.ok) outcome.exitCode = complain(answer.error);
      else if (await isFreeInTime(dataDir)) print('Stopped.');
      else
        outcome.exitCode = complain(fail('internal', `Labwatch was asked to stop but still holds ${dataDir}.`).error);
    },
  );
}

async function isFreeInTime(dataDir: string): Promise<boolean> {
  const giveUpAtMs = systemClock.monotonicMs() + STOP_LIMIT_MS;
  while ((await runningHolder(dataDir, systemClock)) !== null) {
    if (systemClock.monotonicMs() > giveUpAtMs) return false;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
  return true;
}
