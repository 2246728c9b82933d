/** Finds the instance that runs on a data folder and opens its control socket. */

import { runningHolder } from '../app/instance-lock.ts';
import type { Failure } from '../core/result.ts';
import { fail, type Result } from '../core/result.ts';
import { type ControlClient, connectControl } from '../node/control-socket-client.ts';
import { systemClock } from '../node/system-clock.ts';

/** An instance that has just taken its folder listens only once its store is open. */
const STARTING_MS = 10_000;

/** Fails with `unavailable` and what to do where nothing runs on the folder. */
export async function connectToInstance(dataDir: string): Promise<Result<ControlClient>> {
  const holder = await runningHolder(dataDir, systemClock);
  if (holder === null || holder.kind === 'command') return { ok: false, error: nothingRuns(dataDir) };
  return connectControl(holder.socketPath, { patienceMs: STARTING_MS });
}

export function nothingRuns(dataDir: string): Failure {
  return fail(
    'unavailable',
    `No Labwatch runs on ${dataDir}. Start the app or \`labwatch headless\`, or name another folder with --data-dir.`,
  ).error;
}
