/**
 * Takes what workers report of their attempts, each message behind the one before. A report is acknowledged when what it
 * changed is on disk; until then the worker sends it again on each link.
 */
import type { WorkerId } from '../../core/fleet/worker.ts';
import type { Result } from '../../core/result.ts';
import type { TaskBook } from '../../core/tasks/book.ts';
import type { AttemptId, TaskId } from '../../core/tasks/task.ts';
import { type AttemptReports, LIMITS } from '../../shared/protocol/contract.ts';
import type { Log, Timers } from '../ports.ts';
import { taskOf } from './attempt-order.ts';
import type { Collecting } from './collecting.ts';
import type { WorkerLine } from './contract.ts';
import type { Dispatch } from './dispatching.ts';
import { ASK_AGAIN_MS, type Lines } from './lines.ts';
import type { Moving } from './moving.ts';

/**
 * Reports of one link that are not on disk yet, with the files that they name. A worker tells each change once on a link,
 * so not even a disk that refuses for long brings an honest one there.
 */
const MOST_WAITING = 8 * LIMITS.attemptsPerMessage;

export interface ReceivingOptions {
  readonly book: TaskBook;
  readonly lines: Lines;
  readonly moving: Moving;
  readonly dispatch: Pick<Dispatch, 'cancel' | 'send'>;
  readonly collecting: Pick<Collecting, 'forget'>;
  readonly timers: Timers;
  readonly log: Log;
  /** Brings the runs of these tasks into the book, those that are stored. */
  readonly recall: (taskIds: readonly TaskId[]) => Promise<Result<null>>;
  /** The worker has said on this link what it holds. */
  readonly onAll: (workerId: WorkerId) => void;
}

export interface Receiving {
  receive(workerId: WorkerId, message: AttemptReports): void;
  /** The worker does not hold them any more. */
  forgotten(workerId: WorkerId, attemptIds: readonly AttemptId[]): void;
}

/** What one link has brought that is not done with. */
interface Load {
  waiting: number;
  /** Attempts that nobody here knows as this worker's. */
  readonly unwanted: Set<AttemptId>;
}

export function createReceiving(options: ReceivingOptions): Receiving {
  const { book, lines, moving, dispatch, collecting, timers, log, recall, onAll } = options;
  const inboxes = new Map<WorkerId, Promise<void>>();
  const loads = new WeakMap<WorkerLine, Load>();

  function loadOf(line: WorkerLine): Load {
    const load = loads.get(line) ?? { waiting: 0, unwanted: new Set() };
    loads.set(line, load);
    return load;
  }

  const isOf = (workerId: WorkerId, attemptId: AttemptId) => book.attempt(attemptId)?.workerId === workerId;

  async function take(workerId: WorkerId, line: WorkerLine, message: AttemptReports): Promise<void> {
    const { isAll, reports } = message;
    // What a link that has ended still brought comes again with the next one.
    const isOver = () => lines.get(workerId) !== line;
    await recallAll(
      reports.map(({ attemptId }) => taskOf(attemptId)),
      isOver,
    );
    if (isOver()) return;
    const { unwanted } = loadOf(line);
    for (const { attemptId } of reports) if (!isOf(workerId, attemptId)) unwanted.add(attemptId);
    if (unwanted.size > LIMITS.attemptsPerMessage)
      return line.object('The agent tells of more attempts than it may hold.');
    if (isAll) {
      const attemptIds = new Set(reports.map(({ attemptId }) => attemptId));
      void moving.move({ kind: 'held', workerId, attemptIds });
    }
    for (const report of reports) {
      const owner = book.attempt(report.attemptId)?.workerId ?? workerId;
      if (owner === workerId) void moving.move({ kind: 'reported', workerId, report });
      // Two data folders that were one, or an agent whose folder was copied: this one's word does not count.
      else if (report.state === 'ended') collecting.forget(workerId, report.attemptId);
      else dispatch.cancel(workerId, report.attemptId);
    }
    dispatch.send();
    if (isAll) onAll(workerId);
    void acknowledge(line, message, isOver);
  }

  async function acknowledge(line: WorkerLine, message: AttemptReports, isOver: () => boolean): Promise<void> {
    if (message.reports.length > 0) {
      await moving.ledger.kept();
      const taken = message.reports.map(({ attemptId, version }) => ({ attemptId, version }));
      if (!isOver()) line.taken({ kind: 'attempts-taken', taken });
    }
    loadOf(line).waiting -= weightOf(message);
  }

  /** Without what is stored of an attempt it would look like one that nobody wants. */
  async function recallAll(taskIds: readonly TaskId[], isOver: () => boolean): Promise<void> {
    for (;;) {
      const unknown = taskIds.filter((taskId) => book.task(taskId) === undefined);
      if (unknown.length === 0 || isOver()) return;
      const recalled = await recall([...new Set(unknown)]);
      if (recalled.ok) return;
      log.warn('Tasks that a worker reports could not be read.', { reason: recalled.error.message });
      await new Promise<void>((resolve) => void timers.after(ASK_AGAIN_MS, resolve));
    }
  }

  return {
    receive(workerId, message) {
      const line = lines.get(workerId);
      if (line === undefined) return;
      const load = loadOf(line);
      const weight = weightOf(message);
      if (load.waiting > 0 && load.waiting + weight > MOST_WAITING) {
        return line.object('The agent tells more of its attempts than can be kept.');
      }
      load.waiting += weight;
      const before = inboxes.get(workerId) ?? Promise.resolve();
      inboxes.set(
        workerId,
        before.then(() => take(workerId, line, message)),
      );
    },
    forgotten(workerId, attemptIds) {
      const line = lines.get(workerId);
      if (line === undefined) return;
      for (const attemptId of attemptIds) loadOf(line).unwanted.delete(attemptId);
    },
  };
}

function weightOf({ reports }: AttemptReports): number {
  return reports.reduce((sum, { end }) => sum + 1 + (end?.files.length ?? 0) + (end?.filesLeft.length ?? 0), 1);
}
