/** What supervisors tell, in their files and to the agent that listens: how an attempt began, how it ended. */
import type { UsageBasis } from '../../core/tasks/attempt.ts';
import { TICKS_PER_SECOND } from './process-facts.ts';

export interface StartFacts {
  /** Of the supervisor. */
  readonly pid: number;
  readonly startTicks: string | null;
  readonly bootId: string | null;
  readonly pidNamespace: string | null;
  readonly startedAtMs: number;
  readonly basis: UsageBasis;
  /** Empty: none. */
  readonly group: string;
  /** What its counters of ended children held when this attempt began: of those that it parented before. */
  readonly reapedBefore: ReapedBefore;
}

export interface ReapedBefore {
  readonly cpuSeconds: number;
  readonly readBytes: number;
  readonly writeBytes: number;
}

/** What a supervisor in Perl says of them. */
interface ReapedFacts {
  readonly reapedTicksBefore: number;
  readonly reapedReadBytesBefore: number;
  readonly reapedWriteBytesBefore: number;
}

export interface EndFacts {
  readonly how: 'exited' | 'timed-out' | 'cancelled' | 'not-started';
  readonly endedAtMs: number;
  /** Of the command, by a clock that nobody moves; null: it never began. */
  readonly wallMs: number | null;
  readonly exitCode: number | null;
  /** Its number. */
  readonly signal: number | null;
  readonly message: string | null;
  readonly orphansEnded: number;
  /** Null: the files tell. */
  readonly outputBytes: number | null;
  readonly outputDroppedBytes: number | null;
  readonly cpuMicros: number | null;
  readonly diskReadBytes: number | null;
  readonly diskWriteBytes: number | null;
  /** The greatest that one process had resident. */
  readonly memoryPeakBytes: number | null;
  /** Of the control group, page cache included. */
  readonly groupPeakBytes: number | null;
}

const NOTHING_TOLD: Omit<EndFacts, 'how' | 'endedAtMs'> = {
  wallMs: null,
  exitCode: null,
  signal: null,
  message: null,
  orphansEnded: 0,
  outputBytes: null,
  outputDroppedBytes: null,
  cpuMicros: null,
  diskReadBytes: null,
  diskWriteBytes: null,
  memoryPeakBytes: null,
  groupPeakBytes: null,
};

/** Null where the text is not whole. */
export function parseStart(text: string): StartFacts | null {
  const facts = parse<Partial<StartFacts & ReapedFacts>>(text);
  if (typeof facts?.pid !== 'number' || typeof facts.startedAtMs !== 'number' || facts.basis === undefined) return null;
  return {
    pid: facts.pid,
    startTicks: facts.startTicks ?? null,
    bootId: facts.bootId ?? null,
    pidNamespace: facts.pidNamespace ?? null,
    startedAtMs: facts.startedAtMs,
    basis: facts.basis,
    group: facts.group ?? '',
    reapedBefore: {
      cpuSeconds: (facts.reapedTicksBefore ?? 0) / TICKS_PER_SECOND,
      readBytes: facts.reapedReadBytesBefore ?? 0,
      writeBytes: facts.reapedWriteBytesBefore ?? 0,
    },
  };
}

export function parseEnd(text: string): EndFacts | null {
  const facts = parse<Partial<EndFacts> & Partial<ShellFacts>>(text);
  if (facts?.how === undefined || typeof facts.endedAtMs !== 'number') return null;
  const { shellCode, shellTimes, ...rest } = facts;
  return { ...NOTHING_TOLD, ...fromShell(shellCode, shellTimes), ...rest, how: facts.how, endedAtMs: facts.endedAtMs };
}

/** What a shell knows. */
interface ShellFacts {
  /** Above 128: a signal's number, or so a shell says it. */
  readonly shellCode: number | null;
  /** `1m2.340s 0m0.010s`: user and system time of what it waited for. */
  readonly shellTimes: string;
}

const HIGHEST_CODE = 128;

function fromShell(code: number | null = null, times = ''): Partial<EndFacts> {
  const parts = [...times.matchAll(/(\d+)m([\d.]+)s/g)];
  const seconds = parts.reduce((sum, [, minutes, rest]) => sum + Number(minutes) * 60 + Number(rest), 0);
  const isSignal = code !== null && code > HIGHEST_CODE;
  return {
    cpuMicros: parts.length === 0 ? null : Math.round(seconds * 1e6),
    exitCode: isSignal ? null : code,
    signal: isSignal ? code - HIGHEST_CODE : null,
  };
}

function parse<Facts>(text: string): Facts | null {
  try {
    return JSON.parse(text) as Facts;
  } catch {
    return null;
  }
}
