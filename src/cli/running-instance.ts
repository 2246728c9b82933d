/** Finds the instance that runs on a data folder and opens its control socket. */
import { runningHolder } from '../app/instance-lock.ts';
import { type Failure, fail, ok, type Result } from '../core/result.ts';
import { type ControlClient, connectControl } from '../node/control-socket-client.ts';
import type { LockHolder } from '../node/lock-file.ts';
import { systemClock } from '../node/system-clock.ts';

/** An instance that has just taken its folder listens only once its store is open. */
const STARTING_MS = 10_000;

/** Fails with `unavailable` and what to do where nothing runs on the folder. */
export async function connectToInstance(dataDir: string): Promise<Result<ControlClient>> {
  const holder = await holderOf(dataDir);
  if (!holder.ok) return holder;
  if (holder.value === null || holder.value.kind === 'command') return { ok: false, error: nothingRuns(dataDir) };
  return connectControl(holder.value.socketPath, { patienceMs: STARTING_MS });
}

async function holderOf(dataDir: string): Promise<Result<LockHolder | null>> {
  try {
    return ok(await runningHolder(dataDir, systemClock));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'EACCES' || code === 'EPERM'
      ? fail('not-permitted', `${dataDir} belongs to another user. Run this as that user, or choose --data-dir.`)
      : fail('storage', `Cannot read the data folder ${dataDir}: ${message}.`);
  }
}

function nothingRuns(dataDir: string): Failure {
  return fail(
    'unavailable',
    `No Labwatch runs on ${dataDir}. Start the app or \`labwatch headless\`, or name another folder with --data-dir.`,
  ).error;
}
