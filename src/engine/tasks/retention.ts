/** Forgets tasks that have been over for long, what they wrote and fetched, and files that no task brings any more. */
import type { Settings } from '../../core/settings/settings.ts';
import type { OrderedFile } from '../../core/tasks/attempt.ts';
import type { AttemptId } from '../../core/tasks/task.ts';
import { type Clock, DAY_MS, type Disposable, HOUR_MS, MINUTE_MS } from '../../core/time.ts';
import type { FilesBound, Log, TaskFiles, TaskStore, Timers } from '../ports.ts';

/** After the start, when there is more to do than this. */
const FIRST_MS = 5 * MINUTE_MS;
/** Of a task's records, which are small beside what it wrote. */
const RECORDS_MS = 365 * DAY_MS;
export const GIGABYTE = 1e9;

export interface RetentionOptions {
  readonly store: Pick<TaskStore, 'forgetTasksBefore'>;
  readonly files: Pick<TaskFiles, 'remove' | 'trim' | 'keepTaken'>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly settings: () => TaskRetention;
  /** Of everything that is not over: files that it brings, attempts that may still write. */
  readonly open: () => { readonly files: readonly OrderedFile[]; readonly attemptIds: readonly AttemptId[] };
}

export type TaskRetention = Pick<
  Settings,
  'retention.taskOutputDays' | 'retention.taskOutputGigabytes' | 'retention.fetchedDays' | 'retention.fetchedGigabytes'
>;

/** Looks once an hour until it is disposed. */
export function createRetention(options: RetentionOptions): Disposable {
  const { store, files, clock, timers, log, settings, open } = options;
  let timer = timers.after(FIRST_MS, look);

  function look(): void {
    timer = timers.after(HOUR_MS, look);
    void forget(Math.round(clock.nowMs()));
  }

  async function forget(nowMs: number): Promise<void> {
    const forgotten = await store.forgetTasksBefore(nowMs - RECORDS_MS);
    if (!forgotten.ok) log.warn('Old tasks could not be removed.', { reason: forgotten.error.message });
    const gone = forgotten.ok ? forgotten.value : null;
    // A clock that jumped would make everything old: nothing goes by its age then.
    const isAgeKnown = gone !== null;
    if (gone !== null && gone.length > 0) await files.remove(gone);
    const notBeforeMs = (days: number) => (isAgeKnown ? nowMs - days * DAY_MS : Number.NEGATIVE_INFINITY);
    const needed = open();
    const kept = settings();
    await files.trim(
      boundOf(notBeforeMs(kept['retention.taskOutputDays']), kept['retention.taskOutputGigabytes']),
      boundOf(notBeforeMs(kept['retention.fetchedDays']), kept['retention.fetchedGigabytes']),
      new Set(needed.attemptIds),
    );
    if (isAgeKnown) await files.keepTaken(new Set(needed.files.map(({ sha256 }) => sha256)));
  }

  return { dispose: () => timer.dispose() };
}

function boundOf(notBeforeMs: number, gigabytes: number): FilesBound {
  return { notBeforeMs, maxBytes: gigabytes * GIGABYTE };
}
