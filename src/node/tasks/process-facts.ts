/** Single processes as /proc tells them, now: who belongs to whom, what they used. Formats: proc_pid_stat(5), proc_pid_io(5). */
import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ: 1/100 s on every Linux that Node supports. */
export const TICKS_PER_SECOND = 100;

export interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  readonly isDead: boolean;
  /** Clock ticks since boot: with the pid, its identity. */
  readonly startTicks: string;
  readonly cpuSeconds: number;
  /** Of its children that it waited for, theirs included. */
  readonly reapedCpuSeconds: number;
  readonly residentPages: number;
}

export interface DiskBytes {
  readonly readBytes: number;
  readonly writeBytes: number;
}

/** Null where it is gone. */
export function processFacts(pid: number): ProcessFacts | null {
  const text = readOrNull(`/proc/${pid}/stat`);
  if (text === null) return null;
  // The name in parentheses may itself hold spaces and parentheses: fields count from the last one.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = (at: number): number => Number(fields[at]) / TICKS_PER_SECOND;
  return {
    pid,
    parent: Number(fields[1]),
    isDead: 'ZXx'.includes(fields[0] ?? 'X'),
    startTicks: fields[19] ?? '',
    cpuSeconds: ticks(11) + ticks(12),
    reapedCpuSeconds: ticks(13) + ticks(14),
    residentPages: Number(fields[21]),
  };
}

/** Of a process and of its children that it waited for; null where it is not told. */
export function diskBytes(pid: number): DiskBytes | null {
  return parseDisk(readOrNull(`/proc/${pid}/io`));
}

/** Only of its children that it waited for: the kernel counts those to the process and not to its thread. */
export function reapedDiskBytes(pid: number): DiskBytes | null {
  const all = diskBytes(pid);
  const own = parseDisk(readOrNull(`/proc/${pid}/task/${pid}/io`));
  if (all === null || own === null) return null;
  return { readBytes: all.readBytes - own.readBytes, writeBytes: all.writeBytes - own.writeBytes };
}

/** Children of all its threads. */
export function childrenOf(pid: number): readonly number[] {
  return namesIn(`/proc/${pid}/task`).flatMap((thread) => numbersIn(`/proc/${pid}/task/${thread}/children`));
}

/** Every process of this machine. */
export function allPids(): readonly number[] {
  return namesIn('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Numbers between blanks and lines; none where the file is missing. */
export function numbersIn(path: string): readonly number[] {
  return (readOrNull(path) ?? '').split(/\s+/).filter(Boolean).map(Number);
}

export function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function parseDisk(text: string | null): DiskBytes | null {
  const read = /^read_bytes: (\d+)/m.exec(text ?? '');
  const written = /^write_bytes: (\d+)/m.exec(text ?? '');
  return read === null || written === null ? null : { readBytes: Number(read[1]), writeBytes: Number(written[1]) };
}
