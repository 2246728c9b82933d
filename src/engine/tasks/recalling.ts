/** Brings runs that are over back into the book while somebody asks for them, and lets them go again. */

import { ok, type Result } from '../../core/result.ts';
import type { TaskBook } from '../../core/tasks/book.ts';
import type { RunId, TaskId, TaskRecords } from '../../core/tasks/task.ts';
import { type Disposable, SECOND_MS } from '../../core/time.ts';
import type { TaskStore, Timers } from '../ports.ts';
import type { Ledger } from './ledger.ts';

const EVICT_EVERY_MS = 30 * SECOND_MS;
/** The book may be ahead of the disk; what is read back then would be older than what was let go. */
const EVICT_AGAIN_MS = SECOND_MS;

export interface RecallingOptions {
  readonly book: Pick<TaskBook, 'add' | 'evict' | 'task' | 'run'>;
  readonly store: Pick<TaskStore, 'runRecords' | 'runRecordsOf'>;
  readonly ledger: Pick<Ledger, 'isIdle'>;
  readonly timers: Timers;
}

export interface Recalling extends Disposable {
  /** The runs of those that are stored are in the book then, for the rest of the turn at least. */
  tasks(taskIds: readonly TaskId[]): Promise<Result<null>>;
  run(runId: RunId): Promise<Result<null>>;
  dispose(): void;
}

export function createRecalling({ book, store, ledger, timers }: RecallingOptions): Recalling {
  let timer = timers.after(EVICT_EVERY_MS, evict);
  /** One after another, so that no answer is older than the book. */
  let reading: Promise<unknown> = Promise.resolve();

  function evict(): void {
    if (ledger.isIdle()) book.evict();
    timer = timers.after(ledger.isIdle() ? EVICT_EVERY_MS : EVICT_AGAIN_MS, evict);
  }

  function read(ask: () => Promise<Result<TaskRecords>> | null): Promise<Result<null>> {
    const answer = reading.then(async () => {
      const records = await ask();
      if (records === null) return ok(null);
      if (!records.ok) return records;
      book.add(records.value);
      return ok(null);
    });
    reading = answer;
    return answer;
  }

  return {
    async tasks(taskIds) {
      const isKnown = () => taskIds.every((taskId) => book.task(taskId) !== undefined);
      return isKnown() ? ok(null) : read(() => (isKnown() ? null : store.runRecordsOf(taskIds)));
    },
    async run(runId) {
      const isKnown = () => book.run(runId) !== undefined;
      return isKnown() ? ok(null) : read(() => (isKnown() ? null : store.runRecords([runId])));
    },
    dispose: () => timer.dispose(),
  };
}
