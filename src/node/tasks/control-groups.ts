/**
 * Control groups (cgroup v2) for attempts, where this process may make any: they hold whatever a command starts, count
 * its CPU exactly and end it at once. Kernel: Documentation/admin-guide/cgroup-v2.rst.
 */
import { createHash } from 'node:crypto';
import { accessSync, constants, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Gives the path of a group for an attempt; null where there are none. The group itself is made by its supervisor. */
export type GroupFor = (attemptId: string) => string;

/** `folder`: so that several agents on one machine keep apart. */
export function findGroups(folder: string): GroupFor | null {
  const mount = mountPoint();
  if (mount === null) return null;
  const mark = createHash('sha256').update(folder).digest('hex').slice(0, 8);
  const parents = [join(mount, 'labwatch'), join(mount, ownGroup(), 'labwatch')];
  const parent = parents.find((one) => canHold(one, mark));
  return parent === undefined ? null : (attemptId) => join(parent, `${mark}-${attemptId}`);
}

/** Whether a group can be made below it and this process could be moved there. */
function canHold(parent: string, mark: string): boolean {
  const probe = join(parent, `${mark}-probe-${process.pid}`);
  try {
    mkdirSync(parent, { recursive: true });
    giveControllers(parent);
    mkdirSync(probe);
    accessSync(join(probe, 'cgroup.procs'), constants.W_OK);
    readFileSync(join(probe, 'cpu.stat'));
    return true;
  } catch {
    return false;
  } finally {
    try {
      rmdirSync(probe);
    } catch {
      // It was never made.
    }
  }
}

/** Memory is counted by group only where the parent hands it on; without, it is read from the processes. */
function giveControllers(parent: string): void {
  try {
    writeFileSync(join(parent, 'cgroup.subtree_control'), '+memory');
  } catch {
    // Not given to the parent either.
  }
}

function mountPoint(): string | null {
  const line = readLines('/proc/self/mountinfo').find((one) => one.includes(' - cgroup2 '));
  return line?.split(' ')[4] ?? null;
}

function ownGroup(): string {
  return (
    readLines('/proc/self/cgroup')
      .find((one) => one.startsWith('0::'))
      ?.slice('0::'.length) ?? '/'
  );
}

function readLines(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    return [];
  }
}
