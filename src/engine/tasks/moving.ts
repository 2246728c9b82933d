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

/** A round stops after this long, lets others have the event loop, and goes on: also with a thousand workers. */
const SLICE_MS = 6;
/** Placement takes half of the event loop at most: a slice earns its time by a rest as long. */
const REST_FACTOR = 1;
/** Slices may owe so much rest: short ones follow each change at once. */
const DEBT_MS = 6;

export interface MovingOptions {
  readonly book: TaskBook;
  readonly store: Pick<TaskStore, 'saveTasks'>;
  readonly place: Place;
  readonly candidates: () => readonly Offer[];
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  /** At once, before it is on disk: what the next round should know. */
  readonly onChanged: (attempts: readonly Attempt[]) => void;
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
  const { book, place, candidates, clock, onChanged, perform, onMoved, onRound, ...ports } = options;
  const ledger = createLedger({ ...ports, onKept });
  let isRoundDue = false;
  let isRoundMissed = false;
  /** Something changed after the round under way had begun. */
  let isAnotherDue = false;
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
    if (isRoundMissed) roundLater();
  }

  function lookAgain(): void {
    // What came in the middle of a round may concern tasks that it is done with.
    if (!book.isRoundOver()) isAnotherDue = true;
    else if (restMs() > 0) roundLater();
    // At the end of this turn: what is placed is written together with what made room for it.
    else if (!isRoundDue && !isDisposed) {
      isRoundDue = true;
      void Promise.resolve().then(round);
    }
  }

  /** In another turn of the event loop, whatever waits there goes first. */
  function roundLater(): void {
    if (isRoundDue || isDisposed) return;
    isRoundDue = true;
    roundTimer = ports.timers.after(Math.max(0, restMs()), round);
  }

  function restMs(): number {
    return restedAtMs - DEBT_MS - clock.monotonicMs();
  }

  function round(): void {
    isRoundDue = false;
    roundTimer = null;
    if (isDisposed) return;
    isRoundMissed = ledger.fault() !== null;
    if (isRoundMissed) return;
    const startedMs = clock.monotonicMs();
    const change = book.schedule(place, candidates(), nowMs(), () => clock.monotonicMs() - startedMs < SLICE_MS);
    const endedMs = clock.monotonicMs();
    restedAtMs = Math.max(restedAtMs, startedMs) + (1 + REST_FACTOR) * (endedMs - startedMs);
    onChanged(change.changed.attempts);
    if (change.changed.tasks.length > 0) void ledger.keep(change);
    if (book.isRoundOver()) {
      onRound();
      if (isAnotherDue) lookAgain();
      isAnotherDue = false;
    } else roundLater();
  }

  return {
    ledger,
    move(stimulus) {
      const change = book.apply(stimulus, nowMs());
      onChanged(change.changed.attempts);
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
