/**
 * Who a process is, beyond a pid that the system hands out again: its start time within one boot, from field 22 of
 * /proc/PID/stat (proc_pid_stat(5)). Other platforms know only the pid, so their answer may be `unknown`.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot at which the process started; null where the platform does not tell. */
  readonly startTicks: string | null;
  readonly bootId: string | null;
  /** Tells containers on one kernel apart: a pid means something only within its namespace. */
  readonly pidNamespace: string | null;
  readonly hostName: string;
}

/** `elsewhere`: on another machine, or the same after its name and boot both changed; nothing here can tell. */
export type Liveness = 'alive' | 'dead' | 'unknown' | 'elsewhere';

export function ownIdentity(): ProcessIdentity {
  return {
    pid: process.pid,
    startTicks: procStat('self')?.startTicks ?? null,
    bootId: bootId(),
    pidNamespace: pidNamespace(),
    hostName: hostname(),
  };
}

export function livenessOf(identity: ProcessIdentity): Liveness {
  if (identity.bootId !== bootId()) return identity.hostName === hostname() ? 'dead' : 'elsewhere';
  if (identity.bootId === null && identity.hostName !== hostname()) return 'elsewhere';
  if (identity.pidNamespace !== pidNamespace()) return 'unknown';
  const stat = procStat(identity.pid);
  if (stat !== null && identity.startTicks !== null) {
    return stat.startTicks === identity.startTicks && !'ZXx'.includes(stat.state) ? 'alive' : 'dead';
  }
  return pidIsTaken(identity.pid) ? 'unknown' : 'dead';
}

function procStat(pid: number | 'self'): { readonly state: string; readonly startTicks: string } | null {
  const text = readText(`/proc/${pid}/stat`);
  if (text === null) return null;
  // The name in parentheses may itself hold spaces and parentheses: fields count from the last one.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '?', startTicks: fields[19] ?? '' };
}

function pidIsTaken(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function bootId(): string | null {
  return readText('/proc/sys/kernel/random/boot_id')?.trim() ?? null;
}

function pidNamespace(): string | null {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return null;
  }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
