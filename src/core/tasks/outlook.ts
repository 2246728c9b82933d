/**
 * What is expected of tasks that wait or run: their place in the queue, when they begin, when they end. Computed for what is
 * shown, from one look at the lines.
 */
import type { Prediction } from '../scheduling/predict.ts';
import type { BookRecords, TaskEntry } from './book-records.ts';
import type { QueueLine } from './queue.ts';
import { type Attempt, isAttemptOver, type TaskId } from './task.ts';
import type { TaskOutlook } from './view.ts';

export interface Outlook {
  /** Null for a task that neither waits nor runs, or of which nothing can be said. */
  of(taskId: TaskId): TaskOutlook | null;
}

/** A line as the queue orders it. */
interface RankedLine {
  readonly line: QueueLine;
  readonly leadMs: number;
  readonly firstAtMs: number;
  /** Of each of its tasks, at the middle of what is expected; null: nothing is. */
  readonly taskMs: number | null;
  readonly cores: number;
  readonly gpus: number;
}

/** Running attempts whose ends are computed for it, at most: some milliseconds. */
const MOST_LOOKED_AT = 400;

/** Work of so many core and GPU milliseconds. */
interface Work {
  coreMs: number;
  gpuMs: number;
}

export function createOutlook(book: BookRecords, nowMs: number): Outlook {
  const ranked = rankedLines(book);
  let runningWork: Work | null = null;

  function placeOf(entry: TaskEntry): number {
    return ahead(entry).reduce((sum, [, before]) => sum + before, 1);
  }

  /** Lines with how many of each come before the task. */
  function ahead(entry: TaskEntry): readonly (readonly [RankedLine, number])[] {
    const own = ranked.find(({ line }) => line === entry.line);
    if (own === undefined) return [];
    const atMs = book.queue.momentOf(entry) - own.leadMs;
    const found: (readonly [RankedLine, number])[] = [];
    for (const other of ranked) {
      if (other.firstAtMs > atMs) break;
      const before = book.queue.countBefore(other.line, atMs + other.leadMs, entry.task.sequence);
      if (before > 0) found.push([other, before]);
    }
    return found;
  }

  /**
   * What is kept for it, or the work before it over all that the fleet has: as if it could be poured. Null where something
   * else than a lack of room keeps it, or nothing is known of what is before it.
   */
  function startOf(entry: TaskEntry): number | null {
    const { line } = entry;
    if (line === null || !line.isBusy) return null;
    if (line.kept !== null && line.waiting[0] === entry) return Math.max(nowMs, line.kept.startMs);
    runningWork ??= workOfRunning();
    const work = { ...runningWork };
    for (const [{ taskMs, cores, gpus }, count] of ahead(entry)) {
      if (taskMs === null) return null;
      work.coreMs += count * taskMs * cores;
      work.gpuMs += count * taskMs * gpus;
    }
    let [cores, gpus] = [0, 0];
    for (const worker of book.workers.values()) {
      if (!worker.takesTasks) continue;
      cores += worker.cores;
      gpus += worker.gpus;
    }
    if (cores === 0) return null;
    const gpuMs = gpus === 0 || entry.task.spec.needs.gpus === 0 ? 0 : work.gpuMs / gpus;
    return nowMs + Math.max(work.coreMs / cores, gpuMs);
  }

  /** Of very many attempts, what some of them have left stands for the rest. */
  function workOfRunning(): Work {
    const takers = [...book.workers].filter(([, { takesTasks }]) => takesTasks);
    const attempts = takers.flatMap(([workerId]) => book.occupancy.on(workerId));
    const step = Math.max(1, Math.ceil(attempts.length / MOST_LOOKED_AT));
    const work = { coreMs: 0, gpuMs: 0 };
    for (let place = 0; place < attempts.length; place += step) {
      const attempt = attempts[place] as Attempt;
      const leftMs = step * ((endOf(attempt) ?? nowMs) - nowMs);
      work.coreMs += leftMs * attempt.promised.cores;
      work.gpuMs += leftMs * attempt.promised.gpus.reduce((sum, { share }) => sum + share, 0);
    }
    return work;
  }

  function endOf(attempt: Attempt): number | null {
    const entry = book.entryOf(attempt.attemptId);
    return entry === undefined ? null : book.expectations.likelyEndMs(attempt, entry.task.spec, nowMs);
  }

  function ofWaiting(entry: TaskEntry): TaskOutlook {
    const duration = book.expectations.durationOf(entry.task.spec, null);
    const startsAtMs = startOf(entry);
    const isFirst = entry.line?.waiting[0] === entry;
    return {
      duration,
      place: placeOf(entry),
      startsAtMs: rounded(startsAtMs),
      endsAtMs: rounded(startsAtMs === null || duration === null ? null : startsAtMs + duration.p50),
      keptOn: isFirst ? (entry.line?.kept?.workerName ?? null) : null,
    };
  }

  function ofRunning(entry: TaskEntry, attempt: Attempt): TaskOutlook {
    const duration: Prediction | null = book.expectations.durationOf(entry.task.spec, attempt.workerId);
    const endsAtMs = attempt.startedAtMs === null ? null : endOf(attempt);
    return { duration, place: null, startsAtMs: null, endsAtMs: rounded(endsAtMs), keptOn: null };
  }

  return {
    of(taskId) {
      const entry = book.tasks.get(taskId);
      if (entry === undefined) return null;
      if (entry.task.state === 'queued') return ofWaiting(entry);
      const newest = entry.attempts.at(-1);
      return newest === undefined || isAttemptOver(newest.state) ? null : ofRunning(entry, newest);
    },
  };
}

function rankedLines(book: BookRecords): readonly RankedLine[] {
  return [...book.queue.lines()]
    .flatMap((line): readonly RankedLine[] => {
      const first = line.waiting[0] as TaskEntry | undefined;
      if (first === undefined) return [];
      const { spec } = first.task;
      const leadMs = book.expectations.leadMs(spec);
      const taskMs = book.expectations.durationOf(spec, null)?.p50 ?? null;
      const { cores, gpus } = spec.needs;
      return [{ line, leadMs, firstAtMs: book.queue.momentOf(first) - leadMs, taskMs, cores, gpus }];
    })
    .sort((one, other) => one.firstAtMs - other.firstAtMs);
}

function rounded(atMs: number | null): number | null {
  return atMs === null ? null : Math.round(atMs);
}
