/**
 * What a worker's own readings say about its room: what others than its attempts use there, and whether it is at its limit.
 *
 * Pure: `loadAfter` is fed with each reading of a worker. What it answers is rounded, so that noise changes nothing and a
 * worker that stays as it is stays the same object.
 */
import type { Seen } from '../tasks/offered.ts';
import type { AttemptId, Promised } from '../tasks/task.ts';
import { SECOND_MS } from '../time.ts';
import type { Use } from './place.ts';
import { NO_PRESSURE, type Pressure, pressed } from './pressure.ts';

/** Of the whole machine, read on that machine; null: not read. */
export interface WorkerReading {
  readonly monotonicMs: number;
  /** Cores that all processes together use, over the last interval. */
  readonly cores: number | null;
  readonly memoryBytes: number | null;
  readonly powerWatts: number | null;
  readonly capacityCores: number | null;
  readonly capacityBytes: number | null;
}

export interface LoadedAttempt {
  readonly attemptId: AttemptId;
  readonly promised: Promised;
  /** Of its own processes; null: not read yet, or it is over. */
  readonly use: Use | null;
  /** It ended within the interval that the reading covers. */
  readonly isOver: boolean;
}

export interface WorkerLoad {
  readonly seen: Seen;
  /** For people, after “is”; null: it takes tasks. */
  readonly critical: string | null;
  /** Smoothed; null before the first reading. */
  readonly othersCores: number | null;
  readonly readAtMs: number;
  readonly cpu: Pressure;
  readonly memory: Pressure;
}

/** A compiler that runs for a second keeps nobody out; half of a new load counts after this. The first reading counts whole. */
const HALF_LIFE_MS = 2 * SECOND_MS;

const CORES_STEP = 0.25;
const MEMORY_STEP_BYTES = 64 * 2 ** 20;
const WATTS_STEP = 5;

const AT_LIMIT = {
  memory: 'at its limit: its memory was 95 % full, and must be below 85 % for 10 s',
  cpu: 'at its limit: other load took 95 % of its CPU, and must be below 85 % for 10 s',
} as const;

/**
 * `heedsOtherCpu`: false where the owner wants tasks to compete with whatever else runs; memory counts all the same.
 *
 * CPU: an attempt of which nothing was read counts with its promise, also one that has just ended, so that short tasks are
 * never taken for others. Memory: it counts with nothing, so that no byte is given away twice.
 */
export function loadAfter(
  before: WorkerLoad | null,
  reading: WorkerReading,
  attempts: readonly LoadedAttempt[],
  heedsOtherCpu: boolean,
): WorkerLoad {
  const { monotonicMs, capacityCores, capacityBytes, powerWatts } = reading;
  const othersCores = smoothed(before, beyond(reading.cores, attempts, ownCores), monotonicMs);
  const othersBytes = beyond(reading.memoryBytes, attempts, ({ use }) => use?.memoryBytes ?? 0);
  const overrun = attempts.reduce((sum, { use, promised }) => sum + Math.max(0, (use?.cores ?? 0) - promised.cores), 0);
  const heeded = heedsOtherCpu ? othersCores : null;
  const cpu = heedsOtherCpu
    ? pressed(
        before?.cpu ?? NO_PRESSURE,
        ratioOf(heeded === null ? null : heeded + overrun, capacityCores),
        monotonicMs,
      )
    : NO_PRESSURE;
  const memory = pressed(before?.memory ?? NO_PRESSURE, ratioOf(reading.memoryBytes, capacityBytes), monotonicMs);
  const seen: Seen = {
    others: { cores: stepped(heeded, CORES_STEP), memoryBytes: steppedUp(othersBytes, MEMORY_STEP_BYTES) },
    powerWatts: stepped(powerWatts, WATTS_STEP),
    attempts: new Map(attempts.flatMap((attempt) => usesOf(attempt, heedsOtherCpu))),
  };
  return {
    seen: before !== null && isSame(before.seen, seen) ? before.seen : seen,
    critical: memory.kind === 'critical' ? AT_LIMIT.memory : cpu.kind === 'critical' ? AT_LIMIT.cpu : null,
    othersCores,
    readAtMs: monotonicMs,
    cpu,
    memory,
  };
}

function ownCores({ use, promised }: LoadedAttempt): number {
  return use?.cores ?? promised.cores;
}

/** What is left of the machine's own figure for others; null where it was not read. */
function beyond(whole: number | null, attempts: readonly LoadedAttempt[], own: (attempt: LoadedAttempt) => number) {
  return whole === null ? null : Math.max(0, whole - attempts.reduce((sum, attempt) => sum + own(attempt), 0));
}

function smoothed(before: WorkerLoad | null, cores: number | null, monotonicMs: number): number | null {
  if (cores === null || before === null || before.othersCores === null) return cores ?? before?.othersCores ?? null;
  const kept = 2 ** (-Math.max(0, monotonicMs - before.readAtMs) / HALF_LIFE_MS);
  return kept * before.othersCores + (1 - kept) * cores;
}

function usesOf({ attemptId, use, isOver }: LoadedAttempt, heedsCpu: boolean): readonly (readonly [AttemptId, Use])[] {
  if (use === null || isOver) return [];
  const cores = heedsCpu ? stepped(use.cores, CORES_STEP) : null;
  return [[attemptId, { cores, memoryBytes: steppedUp(use.memoryBytes, MEMORY_STEP_BYTES) }]];
}

function ratioOf(used: number | null, whole: number | null): number | null {
  return used === null || whole === null || whole <= 0 ? null : used / whole;
}

function stepped(figure: number | null, step: number): number | null {
  return figure === null ? null : Math.round(figure / step) * step;
}

/** Never less than was read. */
function steppedUp(figure: number | null, step: number): number | null {
  return figure === null ? null : Math.ceil(figure / step) * step;
}

function isSame(one: Seen, other: Seen): boolean {
  if (one.powerWatts !== other.powerWatts || !isSameUse(one.others, other.others)) return false;
  if (one.attempts.size !== other.attempts.size) return false;
  for (const [attemptId, use] of one.attempts) {
    const now = other.attempts.get(attemptId);
    if (now === undefined || !isSameUse(use, now)) return false;
  }
  return true;
}

function isSameUse(one: Use, other: Use): boolean {
  return one.cores === other.cores && one.memoryBytes === other.memoryBytes;
}
