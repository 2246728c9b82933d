/** Supervisors by their identity, never by a bare pid that may be another's by now. */
import { spawnSync } from 'node:child_process';
import { hostname, uptime } from 'node:os';
import type { AttemptId } from '../../core/tasks/task.ts';
import { SECOND_MS } from '../../core/time.ts';
import { type Liveness, livenessOf, ownIdentity } from '../process-identity.ts';
import type { StartFacts } from './supervisor-facts.ts';

const own = ownIdentity();
const PS_LIMIT_MS = 2_000;

/**
 * Where nothing tells it for sure: whether anything has that pid, and it is of this boot or says that it is the
 * supervisor. In another namespace it is gone with its container.
 */
export function isSupervisorAlive(attemptId: AttemptId, start: StartFacts): boolean {
  const liveness = livenessHere(start);
  return liveness === 'alive' || (liveness === 'unknown' && (isOfThisBoot(start) || isTitled(attemptId, start.pid)));
}

/** Asks it to end its command. */
export function askToEnd(attemptId: AttemptId, start: StartFacts): void {
  const liveness = livenessHere(start);
  if (liveness !== 'alive' && !(liveness === 'unknown' && isTitled(attemptId, start.pid))) return;
  try {
    process.kill(start.pid, 'SIGTERM');
  } catch {
    // It ended in this moment.
  }
}

function livenessHere({ pid, startTicks, bootId, pidNamespace }: StartFacts): Liveness {
  if (pidNamespace !== own.pidNamespace) return 'dead';
  return livenessOf({ pid, startTicks, bootId, pidNamespace, hostName: hostname() });
}

/** By the wall clock, which somebody may have set since. */
function isOfThisBoot({ startedAtMs }: StartFacts): boolean {
  return startedAtMs >= Date.now() - uptime() * SECOND_MS;
}

/** Supervisors call themselves so. Costs a process. */
function isTitled(attemptId: AttemptId, pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8', timeout: PS_LIMIT_MS });
  return (stdout ?? '').split(/\s+/, 2).join(' ') === `labwatch-supervisor ${attemptId}`;
}
