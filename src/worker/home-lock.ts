/**
 * One agent per home: two with one key would take the link from each other for ever.
 *
 * A home on a network drive may be in use by an agent of another machine. Its process cannot be seen from here, so its
 * lock counts as long as it shows signs of life.
 */
import { utimes } from 'node:fs';
import { type Failure, fail } from '../core/result.ts';
import type { Clock, Disposable } from '../core/time.ts';
import type { Home } from '../node/agent-home/home.ts';
import {
  isBeingWritten,
  type LockHolder,
  lockPath,
  newHolder,
  readLock,
  releaseLock,
  takeLock,
} from '../node/lock-file.ts';
import { livenessOf } from '../node/process-identity.ts';

const SIGN_OF_LIFE_MS = 30_000;
const GONE_MS = 4 * SIGN_OF_LIFE_MS;
const RETRY_MS = 50;

export type HomeClaim =
  | { readonly kind: 'claimed'; readonly lock: Disposable }
  | { readonly kind: 'held'; readonly holder: LockHolder; readonly error: Failure }
  | { readonly kind: 'failed'; readonly error: Failure };

/** Takes a home that was prepared. */
export async function claimHome({ folder }: Home, version: string, clock: Clock): Promise<HomeClaim> {
  try {
    for (;;) {
      const entry = readLock(folder);
      const holder = presentHolder(folder, clock);
      if (holder !== null) return { kind: 'held', holder, error: heldFailure(holder) };
      if (entry !== null && isBeingWritten(entry, clock.nowMs())) {
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        continue;
      }
      const generation = entry?.generation ?? 0;
      const own = newHolder({ kind: 'agent', sinceMs: clock.nowMs(), socketPath: '', version });
      if (takeLock(folder, generation, own)) return { kind: 'claimed', lock: heldLock(folder, generation + 1, own) };
    }
  } catch (error) {
    return { kind: 'failed', error: fail('storage', `Cannot lock ${folder}: ${(error as Error).message}.`).error };
  }
}

/** Who runs on this home now; null when nobody does. Throws what the filesystem throws. */
export function presentHolder(folder: string, clock: Clock): LockHolder | null {
  const entry = readLock(folder);
  if (entry?.holder == null || entry.holder.isReleased) return null;
  switch (livenessOf(entry.holder.identity)) {
    case 'alive':
      return entry.holder;
    case 'dead':
      return null;
    default:
      return Math.abs(clock.nowMs() - entry.touchedAtMs) < GONE_MS ? entry.holder : null;
  }
}

function heldLock(folder: string, generation: number, holder: LockHolder): Disposable {
  const path = lockPath(folder, generation);
  const timer = setInterval(() => {
    const now = new Date();
    utimes(path, now, now, () => undefined);
  }, SIGN_OF_LIFE_MS);
  timer.unref();
  let isHeld = true;
  return {
    dispose() {
      if (!isHeld) return;
      isHeld = false;
      clearInterval(timer);
      try {
        releaseLock(folder, generation, holder);
      } catch {
        // A disk that refuses: the lock falls with this process.
      }
    },
  };
}

function heldFailure({ identity, sinceMs }: LockHolder): Failure {
  const isElsewhere = livenessOf(identity) === 'elsewhere';
  const since = new Date(sinceMs).toLocaleString('sv-SE');
  return fail(
    'unavailable',
    isElsewhere
      ? `An agent on ${identity.hostName} uses this folder since ${since}. Give this machine its own with --home.`
      : `An agent runs here already (pid ${identity.pid}, since ${since}).`,
  ).error;
}
