/**
 * Memory of processes as PSS, shared pages counted once over all who share them: `smaps_rollup`, which costs about 6 ms
 * for each GB mapped. So reading lives on an income of 1 % of a core, and between two readings of a process PSS follows
 * its resident pages, which cost nothing.
 */
import { readFile } from 'node:fs/promises';
import type { Clock } from '../../core/time.ts';
import type { ProcessFacts } from './process-facts.ts';

const INCOME = 0.01;
const MOST_SAVED_MS = 20;
/** With a process that was never read, all are read, on credit if need be: what it shares is no longer only theirs. */
const CREDIT_MS = 200;
/** What the kernel says of a page on this machine; 4 KiB but on some ARM. */
const PAGE_BYTES = 4_096;

interface Known {
  readonly startTicks: string;
  readonly pssBytes: number;
  readonly residentPages: number;
  readonly round: number;
}

export interface MemoryReader {
  /** Sum over the processes that could be read; null where none could. */
  read(processes: readonly ProcessFacts[]): Promise<number | null>;
  /** Forgets every process but these. */
  keep(pids: ReadonlySet<number>): void;
}

export function createMemoryReader(clock: Clock): MemoryReader {
  const known = new Map<number, Known>();
  let savedMs = MOST_SAVED_MS;
  let paidAtMs = clock.monotonicMs();
  let round = 0;

  function earn(): void {
    const nowMs = clock.monotonicMs();
    savedMs = Math.min(MOST_SAVED_MS, savedMs + (nowMs - paidAtMs) * INCOME);
    paidAtMs = nowMs;
  }

  async function readOne({ pid, startTicks, residentPages }: ProcessFacts): Promise<void> {
    const startedMs = clock.monotonicMs();
    const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
    savedMs -= clock.monotonicMs() - startedMs;
    const pss = /^Pss:\s+(\d+) kB$/m.exec(text);
    if (pss !== null) known.set(pid, { startTicks, pssBytes: Number(pss[1]) * 1_024, residentPages, round });
  }

  function estimate({ pid, startTicks, residentPages }: ProcessFacts): number | null {
    const before = known.get(pid);
    if (before?.startTicks !== startTicks) return null;
    return Math.max(0, before.pssBytes + (residentPages - before.residentPages) * PAGE_BYTES);
  }

  return {
    async read(processes) {
      earn();
      round += 1;
      const roundOf = ({ pid, startTicks }: ProcessFacts): number => {
        const before = known.get(pid);
        return before?.startTicks === startTicks ? before.round : 0;
      };
      const least = processes.some((one) => roundOf(one) === 0) ? -CREDIT_MS : 0;
      // The new ones first, children before their parents: what is forked off in between is missed, never counted twice.
      for (const one of processes.toReversed().toSorted((a, b) => roundOf(a) - roundOf(b))) {
        if (savedMs <= least) break;
        await readOne(one);
      }
      const told = processes.map(estimate).filter((bytes) => bytes !== null);
      return told.length === 0 ? null : told.reduce((sum, bytes) => sum + bytes, 0);
    },
    keep(pids) {
      for (const pid of known.keys()) if (!pids.has(pid)) known.delete(pid);
    },
  };
}
