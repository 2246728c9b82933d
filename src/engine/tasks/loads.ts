/**
 * What each worker's own readings and pulses say about its room. Fed with the readings of that worker alone: what the machine
 * of the coordinator does says nothing of another one.
 */
import type { WorkerId } from '../../core/fleet/worker.ts';
import {
  type LoadedAttempt,
  loadAfter,
  type WorkerLoad,
  type WorkerReading,
} from '../../core/scheduling/worker-load.ts';
import type { TaskBook } from '../../core/tasks/book.ts';
import type { Seen } from '../../core/tasks/offered.ts';
import { type Attempt, type AttemptId, isAttemptOver } from '../../core/tasks/task.ts';
import { type Clock, type Disposable, SECOND_MS } from '../../core/time.ts';
import type { Timers } from '../ports.ts';
import type { Pulses } from './pulses.ts';

/** An attempt that ended so long ago may still be in a reading: of an interval of 5 s, which came late. */
const OVER_COUNTS_MS = 8 * SECOND_MS;
/** More room is looked at this often. */
const LOOK_EVERY_MS = SECOND_MS;

export interface LoadsOptions {
  readonly book: Pick<TaskBook, 'openAttemptsOn' | 'counts'>;
  readonly pulses: Pick<Pulses, 'of'>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly heedsOtherCpu: () => boolean;
  /** A worker's room changed while tasks wait. */
  readonly onRoom: () => void;
}

export interface Loads extends Disposable {
  read(workerId: WorkerId, reading: WorkerReading): void;
  of(workerId: WorkerId): { readonly seen: Seen | null; readonly critical: string | null };
  /** The book has the attempt like this now. */
  changed(attempt: Attempt): void;
  /** What was read of the worker says nothing any more. */
  forget(workerId: WorkerId): void;
  dispose(): void;
}

export function createLoads(options: LoadsOptions): Loads {
  const { book, pulses, clock, timers, heedsOtherCpu, onRoom } = options;
  const loads = new Map<WorkerId, WorkerLoad>();
  const over = new Map<WorkerId, Map<AttemptId, { readonly attempt: Attempt; readonly atMs: number }>>();
  let lookTimer: Disposable | null = null;

  function lookSoon(): void {
    if (book.counts().queued === 0) return;
    lookTimer ??= timers.after(LOOK_EVERY_MS, () => {
      lookTimer = null;
      onRoom();
    });
  }

  function attemptsOn(workerId: WorkerId): readonly LoadedAttempt[] {
    const open = book.openAttemptsOn(workerId).map(({ attemptId, promised }): LoadedAttempt => {
      const pulse = pulses.of(attemptId);
      const use = pulse === undefined ? null : { cores: pulse.cores, memoryBytes: pulse.memoryBytes };
      return { attemptId, promised, use, isOver: false };
    });
    return [...open, ...overOn(workerId)];
  }

  function overOn(workerId: WorkerId): readonly LoadedAttempt[] {
    const ended = over.get(workerId);
    if (ended === undefined) return [];
    const sinceMs = clock.monotonicMs() - OVER_COUNTS_MS;
    for (const [attemptId, { atMs }] of ended) if (atMs < sinceMs) ended.delete(attemptId);
    if (ended.size === 0) over.delete(workerId);
    return [...ended.values()].map(({ attempt: { attemptId, promised } }) => {
      return { attemptId, promised, use: null, isOver: true };
    });
  }

  return {
    read(workerId, reading) {
      const before = loads.get(workerId) ?? null;
      const after = loadAfter(before, reading, attemptsOn(workerId), heedsOtherCpu());
      loads.set(workerId, after);
      if (before?.seen !== after.seen || before.critical !== after.critical) lookSoon();
    },
    of(workerId) {
      const load = loads.get(workerId);
      return { seen: load?.seen ?? null, critical: load?.critical ?? null };
    },
    changed(attempt) {
      if (!isAttemptOver(attempt.state) || attempt.startedAtMs === null) return;
      const ended = over.get(attempt.workerId) ?? new Map();
      if (!ended.has(attempt.attemptId)) ended.set(attempt.attemptId, { attempt, atMs: clock.monotonicMs() });
      over.set(attempt.workerId, ended);
    },
    forget(workerId) {
      loads.delete(workerId);
      over.delete(workerId);
    },
    dispose() {
      lookTimer?.dispose();
    },
  };
}
