/**
 * What is left of an attempt whose supervisor is gone: found by its control group, by the mark in its environment, among
 * the orphans that came to the nursery, and below any of these. All of it is ended.
 */
import { rmdir, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { AttemptId } from '../../core/tasks/task.ts';
import type { Clock } from '../../core/time.ts';
import { createBreath } from './breath.ts';
import { childrenByParent } from './family.ts';
import { allPids, numbersIn, processFacts, readOrNull } from './process-facts.ts';

const ROUNDS = 40;
const BETWEEN_ROUNDS_MS = 25;

export interface Remains {
  readonly attemptId: AttemptId;
  /** Empty: none. */
  readonly group: string;
  readonly nurseryPid: number | null;
}

/** How many processes were ended. Gives up on what cannot be, after a second or so. */
export async function endLeftovers(remains: Remains, clock: Clock): Promise<number> {
  const ended = new Set<number>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const pids = await leftoversOf(remains, clock);
    for (const pid of pids) if (isKilled(pid)) ended.add(pid);
    if (pids.length === 0) break;
    await pause(BETWEEN_ROUNDS_MS);
  }
  if (remains.group !== '') await rmdir(remains.group).catch(() => {});
  return ended.size;
}

async function leftoversOf({ attemptId, group, nurseryPid }: Remains, clock: Clock): Promise<readonly number[]> {
  const breathe = createBreath(clock);
  if (group !== '') await writeFile(`${group}/cgroup.kill`, '1').catch(() => {});
  const children = await childrenByParent(breathe);
  const strangers = nurseryPid === null ? [] : children(nurseryPid).filter(isStranger);
  const found = new Set<number>([...numbersIn(`${group}/cgroup.procs`), ...strangers]);
  for (const pid of allPids()) {
    if (isMarked(pid, attemptId)) found.add(pid);
    await breathe();
  }
  for (const pid of found) for (const child of children(pid)) found.add(child);
  return [...found].filter((pid) => processFacts(pid)?.isDead === false);
}

/** A child of the nursery that is none of its own: its supervisor died. */
function isStranger(pid: number): boolean {
  return readOrNull(`/proc/${pid}/cmdline`)?.startsWith('labwatch-') === false;
}

function isMarked(pid: number, attemptId: AttemptId): boolean {
  return `\0${readOrNull(`/proc/${pid}/environ`) ?? ''}`.includes(`\0LABWATCH_ATTEMPT=${attemptId}\0`);
}

function isKilled(pid: number): boolean {
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch {
    return false;
  }
}
