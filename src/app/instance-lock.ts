/**
 * One engine per data folder, whatever died before: claims the folder, or says who holds it.
 *
 * A holder is believed gone when its process is (pid and start time), or, where that cannot be told, when its control
 * socket refuses for `SILENT_MS`. A folder shared by machines (an NFS home) is guarded by a sign of life each
 * `SIGN_OF_LIFE_MS`, because neither processes nor sockets reach across.
 */
import { rmSync, utimes } from 'node:fs';
import { type Failure, fail, type Result } from '../core/result.ts';
import type { Clock, Disposable } from '../core/time.ts';
import { connectControl } from '../node/control-socket-client.ts';
import { controlSocketPath } from '../node/control-socket-path.ts';
import { prepareDataDir } from '../node/data-dir.ts';
import {
  isBeingWritten,
  type LockEntry,
  type LockHolder,
  lockPath,
  newHolder,
  readLock,
  releaseLock,
  takeLock,
} from '../node/lock-file.ts';
import { livenessOf } from '../node/process-identity.ts';

const SIGN_OF_LIFE_MS = 30_000;
/** Four signs of life missed: the other machine is gone, or its clock far off. */
const ELSEWHERE_GONE_MS = 4 * SIGN_OF_LIFE_MS;
const SILENT_MS = 2_000;
const RETRY_MS = 50;
/** A holder that has just taken the folder listens only once its store is open. */
const STARTING_MS = 10_000;
/** A command that works in the folder itself (`settings set`) is soon done: worth waiting for. */
const COMMAND_MS = 10_000;

export interface InstanceLock extends Disposable {
  readonly dataDir: string;
  readonly holder: LockHolder;
  /** Gives the folder back, at once. */
  dispose(): void;
}

export type Claim =
  | { readonly kind: 'claimed'; readonly lock: InstanceLock }
  | { readonly kind: 'held'; readonly holder: LockHolder; readonly error: Failure }
  | { readonly kind: 'failed'; readonly error: Failure };

export interface ClaimOptions {
  readonly dataDir: string;
  readonly kind: LockHolder['kind'];
  readonly version: string;
  readonly clock: Clock;
}

/** Makes the data folder where it is missing and takes it. Of any number of contenders exactly one gets it. */
export async function claimDataDir(options: ClaimOptions): Promise<Claim> {
  const { dataDir, clock } = options;
  const giveUpAtMs = clock.monotonicMs() + COMMAND_MS;
  const isWorthWaitingFor = (holder: LockHolder) => holder.kind === 'command' && clock.monotonicMs() < giveUpAtMs;
  const prepared = prepareDataDir(dataDir);
  if (!prepared.ok) return { kind: 'failed', error: prepared.error };
  try {
    for (;;) {
      const entry = readLock(dataDir);
      const holder = entry === null ? null : await presentHolder(entry, clock);
      if (holder === 'unsettled' || (holder !== null && isWorthWaitingFor(holder))) await pause(RETRY_MS);
      else if (holder !== null) return { kind: 'held', holder, error: heldFailure(dataDir, holder) };
      else {
        const lock = tryToTake(options, entry?.generation ?? 0);
        if (lock !== null) return { kind: 'claimed', lock };
      }
    }
  } catch (error) {
    const { message } = error as Error;
    return { kind: 'failed', error: fail('storage', `Cannot lock the data folder ${dataDir}: ${message}.`).error };
  }
}

/**
 * Who runs on this folder now; null when nobody does (or the folder does not exist). Changes nothing. Throws where the
 * folder cannot be read.
 */
export async function runningHolder(dataDir: string, clock: Clock): Promise<LockHolder | null> {
  for (;;) {
    let entry: LockEntry | null;
    try {
      entry = readLock(dataDir);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return null;
      throw error;
    }
    if (entry === null) return null;
    const holder = await presentHolder(entry, clock);
    if (holder !== 'unsettled') return holder;
    await pause(RETRY_MS);
  }
}

/** Asks the app that holds the folder to show its window. */
export async function focusHolder(holder: LockHolder): Promise<Result<null>> {
  const client = await connectControl(holder.socketPath, { patienceMs: STARTING_MS });
  if (!client.ok) return client;
  const answer = await client.value.call('focus', {});
  client.value.dispose();
  return answer;
}

/** One sentence: what holds the folder, since when, and what to do. */
function heldFailure(dataDir: string, holder: LockHolder): Failure {
  const what = {
    app: 'The Labwatch app',
    headless: 'labwatch headless',
    command: 'Another labwatch command',
    agent: 'A Labwatch agent',
  }[holder.kind];
  const { pid, hostName } = holder.identity;
  const where = livenessOf(holder.identity) === 'elsewhere' ? ` on ${hostName}` : '';
  const since = new Date(holder.sinceMs).toLocaleString('sv-SE');
  return fail(
    'unavailable',
    `${what} (pid ${pid}${where}) holds ${dataDir} since ${since}. ` +
      'Stop it with `labwatch stop`, or choose another folder with --data-dir.',
  ).error;
}

async function presentHolder(entry: LockEntry, clock: Clock): Promise<LockHolder | null | 'unsettled'> {
  const { holder } = entry;
  if (holder === null) return isBeingWritten(entry, clock.nowMs()) ? 'unsettled' : null;
  if (holder.isReleased) return null;
  switch (livenessOf(holder.identity)) {
    case 'alive':
      return holder;
    case 'dead':
      return null;
    case 'elsewhere':
      return clock.nowMs() - entry.touchedAtMs < ELSEWHERE_GONE_MS ? holder : null;
    case 'unknown': {
      const client = await connectControl(holder.socketPath, { patienceMs: SILENT_MS });
      if (!client.ok) return null;
      client.value.dispose();
      return holder;
    }
  }
}

function tryToTake(options: ClaimOptions, generation: number): InstanceLock | null {
  const { dataDir, kind, version, clock } = options;
  const socketPath = controlSocketPath(dataDir);
  const holder = newHolder({ kind, version, socketPath, sinceMs: clock.nowMs() });
  if (!takeLock(dataDir, generation, holder)) return null;
  if (process.platform !== 'win32') rmSync(socketPath, { force: true });
  return heldLock(dataDir, generation + 1, holder);
}

function heldLock(dataDir: string, generation: number, holder: LockHolder): InstanceLock {
  let isHeld = true;
  const signOfLife = setInterval(() => {
    const now = new Date();
    utimes(lockPath(dataDir, generation), now, now, () => undefined);
  }, SIGN_OF_LIFE_MS).unref();
  return {
    dataDir,
    holder,
    dispose() {
      if (!isHeld) return;
      isHeld = false;
      clearInterval(signOfLife);
      try {
        releaseLock(dataDir, generation, holder);
      } catch {
        // A folder that vanished or filled up cannot note the release; the dead pid says the same to whoever comes next.
      }
    },
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
