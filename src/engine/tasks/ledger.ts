/**
 * Keeps changes in order: what follows from a change happens only once it is on disk.
 *
 * Changes that come while an earlier one is being written wait together and are written together. Where the disk refuses,
 * they are tried again until it takes them; nothing is sent, taken or told until then.
 */
import { type Failure, fail, ok, type Result } from '../../core/result.ts';
import type { TaskChange } from '../../core/tasks/stimulus.ts';
import type { TaskRecords } from '../../core/tasks/task.ts';
import { type Disposable, SECOND_MS } from '../../core/time.ts';
import type { Log, TaskStore, Timers } from '../ports.ts';

const RETRY_FIRST_MS = SECOND_MS;
const RETRY_MOST_MS = 30 * SECOND_MS;

export interface LedgerOptions {
  readonly store: Pick<TaskStore, 'saveTasks'>;
  readonly timers: Timers;
  readonly log: Log;
  /** These are on disk now, in the order in which they were made. */
  readonly onKept: (changes: readonly TaskChange[]) => void;
}

export interface Ledger extends Disposable {
  /**
   * Writes the change behind all earlier ones; one without records only waits for those. Resolves after the first try: a
   * failure says that it is not on disk yet. It is tried again.
   */
  keep(change: TaskChange): Promise<Result<null>>;
  /** The same for every change until now. */
  tried(): Promise<Result<null>>;
  /** Resolves when every change until now is on disk, however long it takes. */
  kept(): Promise<void>;
  /** Nothing waits to be written. */
  isIdle(): boolean;
  /** Null while the disk takes what it is given. */
  fault(): Failure | null;
  dispose(): void;
}

interface Waiting {
  readonly change: TaskChange;
  readonly onTried: (kept: Result<null>) => void;
}

const NO_CHANGE: TaskChange = { changed: { runs: [], tasks: [], attempts: [] }, effects: [] };

export function createLedger({ store, timers, log, onKept }: LedgerOptions): Ledger {
  let waiting: Waiting[] = [];
  let isWriting = false;
  let fault: Failure | null = null;
  let retry: Disposable | null = null;
  let retryMs = RETRY_FIRST_MS;
  let isDisposed = false;

  async function write(): Promise<void> {
    if (isWriting) return;
    isWriting = true;
    // Whatever else happens in this turn is written with it.
    await null;
    while (waiting.length > 0 && !isDisposed) {
      const batch = waiting;
      waiting = [];
      const records = merged(batch);
      const saved = isEmpty(records) ? ok(null) : await store.saveTasks(records);
      if (isDisposed) return tell(batch, saved);
      if (saved.ok) taken(batch);
      else refused(batch, saved.error);
      tell(batch, saved);
      if (!saved.ok) break;
    }
    isWriting = false;
  }

  function tell(batch: readonly Waiting[], tried: Result<null>): void {
    for (const { onTried } of batch) onTried(tried);
  }

  function taken(batch: readonly Waiting[]): void {
    if (fault !== null) log.info('Tasks are stored again.');
    fault = null;
    retryMs = RETRY_FIRST_MS;
    onKept(batch.map(({ change }) => change));
  }

  function refused(batch: readonly Waiting[], error: Failure): void {
    if (fault === null) log.error('Tasks cannot be stored; nothing starts until they can.', { reason: error.message });
    fault = error;
    waiting = [...batch, ...waiting];
    retry = timers.after(retryMs, () => {
      retry = null;
      void write();
    });
    retryMs = Math.min(2 * retryMs, RETRY_MOST_MS);
  }

  function add(change: TaskChange, onTried: Waiting['onTried']): void {
    waiting.push({ change, onTried });
    if (fault === null) void write();
    else onTried({ ok: false, error: fault });
  }

  const keep = (change: TaskChange) => new Promise<Result<null>>((resolve) => add(change, resolve));
  const isIdle = () => waiting.length === 0 && !isWriting;

  return {
    keep,
    tried: async () => (isIdle() ? ok(null) : keep(NO_CHANGE)),
    kept: () =>
      new Promise((resolve) =>
        add(NO_CHANGE, (tried) => {
          if (tried.ok) resolve();
        }),
      ),
    isIdle,
    fault: () => fault,
    dispose() {
      isDisposed = true;
      retry?.dispose();
      tell(waiting, fail('unavailable', 'Labwatch is stopping.'));
      waiting = [];
    },
  };
}

/** The newest form of each record. */
function merged(batch: readonly Waiting[]): TaskRecords {
  if (batch.length === 1) return batch[0]!.change.changed;
  const records = batch.map(({ change }) => change.changed);
  return {
    runs: newest(records.flatMap(({ runs }) => runs.map((run) => [run.runId, run]))),
    tasks: newest(records.flatMap(({ tasks }) => tasks.map((task) => [task.taskId, task]))),
    attempts: newest(records.flatMap(({ attempts }) => attempts.map((attempt) => [attempt.attemptId, attempt]))),
  };
}

function newest<Id, Value>(entries: readonly (readonly [Id, Value])[]): readonly Value[] {
  return [...new Map(entries).values()];
}

function isEmpty({ runs, tasks, attempts }: TaskRecords): boolean {
  return runs.length === 0 && tasks.length === 0 && attempts.length === 0;
}
