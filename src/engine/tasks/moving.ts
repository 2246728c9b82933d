/**
 * Moves tasks: what happens goes through the book's rules and onto the disk, and what follows from it is done then. After
 * each change, and whenever workers changed, what waits is looked at again.
 */
import type { Result } from '../../core/result.ts';
import type { Place } from '../../core/scheduling/place.ts';
import type { TaskBook } from '../../core/tasks/book.ts';
import type { Offer } from '../../core/tasks/offered.ts';
import type { TaskChange, TaskEffect, TaskStimulus } from '../../core/tasks/stimulus.ts';
import type { Attempt, TaskId } from '../../core/tasks/task.ts';
import type { Clock, Disposable } from '../../core/time.ts';
import type { Log, TaskStore, Timers } from '../ports.ts';
import { createLedger, type Ledger } from './ledger.ts';

/** Placement takes a fifth of the event loop at most: a round earns its time by a rest this many times as long. */
const REST_FACTOR = 4;
/** Rounds may owe so much rest: short ones follow each change at once. */
const DEBT_MS = 10;

export interface MovingOptions {
  readonly book: TaskBook;
  readonly store: Pick<TaskStore, 'saveTasks'>;
  readonly place: Place;
  readonly candidates: () => readonly Offer[];
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  /** In order, once what they follow from is on disk. */
  readonly perform: (effects: readonly TaskEffect[]) => void;
  /** These tasks, and these attempts of theirs, are on disk as the book has them, or older. */
  readonly onMoved: (taskIds: ReadonlySet<TaskId>, attempts: readonly Attempt[]) => void;
  /** What waits was looked at. */
  readonly onRound: () => void;
}

export interface Moving extends Disposable {
  readonly ledger: Pick<Ledger, 'tried' | 'kept' | 'isIdle'>;
  /** As the ledger's `keep` answers. */
  move(stimulus: TaskStimulus): Promise<Result<null>>;
  /** Soon, once for however many calls. */
  lookAgain(): void;
  dispose(): void;
}

export function createMoving(options: MovingOptions): Moving {
  const { book, place, candidates, clock, perform, onMoved, onRound, ...ports } = options;
  const ledger = createLedger({ ...ports, onKept });
  let isRoundDue = false;
  let isRoundMissed = false;
  let roundTimer: Disposable | null = null;
  let restedAtMs = Number.NEGATIVE_INFINITY;
  let isDisposed = false;

  const nowMs = () => Math.round(clock.nowMs());

  function onKept(changes: readonly TaskChange[]): void {
    perform(changes.flatMap(({ effects }) => effects));
    const records = changes.map(({ changed }) => changed);
    const attempts = records.flatMap((changed) => changed.attempts);
    const tasks = records.flatMap((changed) => changed.tasks);
    const taskIds = new Set([...tasks, ...attempts].map(({ taskId }) => taskId));
    onMoved(taskIds, attempts);
    if (isRoundMissed) lookAgain();
  }

  function lookAgain(): void {
    if (isRoundDue || isDisposed) return;
    isRoundDue = true;
    const waitMs = restedAtMs - DEBT_MS - clock.monotonicMs();
    // At the end of this turn: what is placed is written together with what made room for it.
    if (waitMs <= 0) void Promise.resolve().then(round);
    else roundTimer = ports.timers.after(waitMs, round);
  }

  function round(): void {
    isRoundDue = false;
    roundTimer = null;
    if (isDisposed) return;
    isRoundMissed = ledger.fault() !== null;
    if (isRoundMissed) return;
    const startedMs = clock.monotonicMs();
    const change = book.schedule(place, candidates(), nowMs());
    const endedMs = clock.monotonicMs();
    restedAtMs = Math.max(restedAtMs, startedMs) + (1 + REST_FACTOR) * (endedMs - startedMs);
    if (change.changed.tasks.length > 0) void ledger.keep(change);
    onRound();
  }

  return {
    ledger,
    move(stimulus) {
      const change = book.apply(stimulus, nowMs());
      if (change.changed.tasks.length + change.changed.attempts.length > 0) lookAgain();
      return ledger.keep(change);
    },
    lookAgain,
    dispose() {
      isDisposed = true;
      roundTimer?.dispose();
      ledger.dispose();
    },
  };
}
