/**
 * What a tree of processes costs on Linux: CPU time and memory of a process and all its descendants.
 *
 * CPU: utime, stime, cutime and cstime of /proc/PID/stat (proc(5)), so that a child that ended in between is in its
 * parent's sum. Memory: `Pss` of /proc/PID/smaps_rollup, which counts shared pages once over all who share them.
 */
import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ: the unit of the times in /proc/PID/stat is 1/100 s on every Linux that Node supports. */
const ticksPerSecond = 100;
const bytesPerKibibyte = 1024;
const megabyte = 1e6;

export type ProcessCost = {
  /** CPU seconds over wall seconds, in percent: 100 is one core kept busy. */
  readonly cpuPercentOfCore: number;
  /** Proportional set size at the end, in MB (10^6 bytes). */
  readonly pssMegabytes: number;
};

/** A process and its descendants, now. */
export function processTree(pid: number): readonly number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const parent = /^\d+$/.test(name) ? statOf(Number(name))?.parent : undefined;
    if (parent !== undefined) parents.set(Number(name), parent);
  }
  const tree = [pid];
  for (const one of tree) tree.push(...[...parents].filter(([, parent]) => parent === one).map(([child]) => child));
  return tree;
}

/** CPU seconds that a tree has used so far. */
function cpuSeconds(pid: number): number {
  return processTree(pid).reduce((sum, one) => sum + (statOf(one)?.cpuTicks ?? 0), 0) / ticksPerSecond;
}

/** Memory of a tree, in MB (10^6 bytes). */
export function pssMegabytes(pid: number): number {
  return (processTree(pid).reduce((sum, one) => sum + pssKibibytes(one), 0) * bytesPerKibibyte) / megabyte;
}

/** Measures a tree over some time that begins now. */
export async function measureCost(pid: number, forMs: number): Promise<ProcessCost> {
  const startedAtMs = performance.now();
  const before = cpuSeconds(pid);
  await new Promise((resolve) => setTimeout(resolve, forMs));
  const wallSeconds = (performance.now() - startedAtMs) / 1000;
  return {
    cpuPercentOfCore: ((cpuSeconds(pid) - before) / wallSeconds) * 100,
    pssMegabytes: pssMegabytes(pid),
  };
}

function statOf(pid: number): { readonly parent: number; readonly cpuTicks: number } | undefined {
  const text = readOrNothing(`/proc/${pid}/stat`);
  // The name in parentheses may itself hold parentheses and spaces; what follows the last one has fixed places.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  if (fields === undefined) return undefined;
  const cpuTicks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return { parent: Number(fields[1]), cpuTicks };
}

function pssKibibytes(pid: number): number {
  const found = /^Pss:\s+(\d+) kB$/m.exec(readOrNothing(`/proc/${pid}/smaps_rollup`) ?? '');
  return Number(found?.[1] ?? 0);
}

function readOrNothing(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
