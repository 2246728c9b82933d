/**
 * Fetches what workers keep of attempts: output while it grows, output and files once an attempt is over, and lets the
 * worker forget it then. What a broken link interrupts goes on from where it was with the next one, which names all that
 * the worker holds.
 */
import type { WorkerId } from '../../core/fleet/worker.ts';
import type { Result } from '../../core/result.ts';
import type { AttemptEnd } from '../../core/tasks/attempt.ts';
import type { AttemptId } from '../../core/tasks/task.ts';
import type { LeftFile, WantedFiles } from '../../core/tasks/wanted-files.ts';
import { type Disposable, SECOND_MS } from '../../core/time.ts';
import { LIMITS } from '../../shared/protocol/contract.ts';
import type { Log, TaskFiles, Timers } from '../ports.ts';
import type { WorkerLine } from './contract.ts';
import { type Copied, copyFile, copyOutput } from './copying.ts';
import { ASK_AGAIN_MS, isUnheard, type Lines } from './lines.ts';

/** Attempts that are done with are forgotten together; what they hold on the worker until then is little. */
const FORGET_AFTER_MS = 50;
/** When the disk here refused what was fetched, or the worker did not answer in time and its link still holds. */
const FETCH_AGAIN_MS = 30 * SECOND_MS;

/** Of a disk that is not full and refuses all the same: so often it is asked before something is left out. */
const MOST_FAULTS = 5;

export interface CollectingOptions {
  readonly lines: Lines;
  readonly files: Pick<TaskFiles, 'outputBytes' | 'appendOutput' | 'fetchedBytes' | 'appendFetched' | 'settle'>;
  readonly timers: Timers;
  readonly log: Log;
  /** What the worker told of its end; null for an attempt that nobody knows. */
  readonly endOf: (attemptId: AttemptId) => AttemptEnd | null;
  /** Which of the files that its worker offers are to be fetched. */
  readonly wantedOf: (attemptId: AttemptId) => WantedFiles;
  /** These files stay where they are; resolves when that is on disk. */
  readonly leave: (attemptId: AttemptId, left: readonly LeftFile[]) => Promise<Result<null>>;
  /** The worker does not hold them any more. */
  readonly onForgotten: (workerId: WorkerId, attemptIds: readonly AttemptId[]) => void;
}

export interface Collecting extends Disposable {
  /** Nothing more will happen on the worker: everything is fetched, then forgotten there. */
  collect(workerId: WorkerId, attemptId: AttemptId): void;
  /** It runs and has written this much. */
  follow(workerId: WorkerId, attemptId: AttemptId, outputBytes: number): void;
  /** Nothing of it is wanted. */
  forget(workerId: WorkerId, attemptId: AttemptId): void;
  unlinked(workerId: WorkerId): void;
  dispose(): void;
}

/** What is fetched over one link, one attempt after another. */
interface Desk {
  readonly workerId: WorkerId;
  readonly line: WorkerLine;
  readonly over: Set<AttemptId>;
  /** With how far their output is to be fetched. */
  readonly growing: Map<AttemptId, number>;
  readonly forgettable: Set<AttemptId>;
  /** How often our own disk refused something of them. */
  readonly faults: Map<AttemptId, number>;
  readonly timers: Set<Disposable>;
  isFetching: boolean;
  isForgetting: boolean;
}

export function createCollecting(options: CollectingOptions): Collecting {
  const { lines, files, timers, log, endOf, wantedOf, leave, onForgotten } = options;
  const desks = new Map<WorkerId, Desk>();

  function deskOf(workerId: WorkerId): Desk | null {
    const line = lines.get(workerId);
    if (line === undefined) return null;
    const desk = desks.get(workerId) ?? newDesk(workerId, line);
    desks.set(workerId, desk);
    return desk;
  }

  const isOver = (desk: Desk) => desks.get(desk.workerId) !== desk;

  function later(desk: Desk, delayMs: number, action: () => void): void {
    const timer = timers.after(delayMs, () => {
      desk.timers.delete(timer);
      action();
    });
    desk.timers.add(timer);
  }

  /** What is over goes first: its worker waits to forget it. */
  async function fetchAll(desk: Desk): Promise<void> {
    if (desk.isFetching) return;
    desk.isFetching = true;
    while (!isOver(desk)) {
      const [over] = desk.over;
      const [growing] = desk.growing;
      if (over !== undefined) {
        desk.over.delete(over);
        await fetchWhole(desk, over);
      } else if (growing !== undefined) {
        desk.growing.delete(growing[0]);
        await copyOutput(desk.line, files, ...growing);
      } else break;
    }
    desk.isFetching = false;
  }

  async function fetchWhole(desk: Desk, attemptId: AttemptId): Promise<void> {
    const isFetched = await fetchParts(desk, attemptId);
    if (isOver(desk)) return;
    if (!isFetched)
      later(desk, FETCH_AGAIN_MS, () => {
        desk.over.add(attemptId);
        void fetchAll(desk);
      });
    else {
      desk.faults.delete(attemptId);
      forgetSoon(desk, attemptId);
    }
  }

  /** False where another try may bring more. */
  async function fetchParts(desk: Desk, attemptId: AttemptId): Promise<boolean> {
    const { files: wanted, left: unwanted } = wantedOf(attemptId);
    const left = [...unwanted];
    const output = await copyOutput(desk.line, files, attemptId, endOf(attemptId)?.outputBytes ?? 0);
    if (judged(desk, attemptId, 'output', output).kind === 'later') return false;
    for (const file of wanted) {
      const { path } = file;
      const copied = judged(desk, attemptId, path, await copyFile(desk.line, files, attemptId, file));
      if (copied.kind === 'later') return false;
      if (copied.kind === 'never') left.push({ path, sentence: `${path} was left out. ${copied.failure.message}` });
    }
    // Before its worker may forget it: after a crash here they are fetched, or left out, anew.
    if (left.length > 0 && !(await leave(attemptId, left)).ok) return false;
    const settled = await files.settle(attemptId);
    return (
      settled.ok || judged(desk, attemptId, 'the rest', { kind: 'later', failure: settled.error }).kind === 'never'
    );
  }

  /** What fails for good is said and left out, so that the worker may forget it at last. */
  function judged(desk: Desk, attempt: AttemptId, what: string, copied: Copied): Copied {
    if (copied.kind === 'whole') return copied;
    const { failure } = copied;
    if (copied.kind === 'later') {
      if (isUnheard(failure) || failure.code === 'disk-full' || failure.code === 'read-only') return copied;
      const faults = (desk.faults.get(attempt) ?? 0) + 1;
      desk.faults.set(attempt, faults);
      if (faults < MOST_FAULTS) return copied;
    }
    log.warn('Something of an attempt could not be fetched.', { attempt, what, reason: failure.message });
    return { kind: 'never', failure };
  }

  function forgetSoon(desk: Desk, attemptId: AttemptId): void {
    desk.forgettable.add(attemptId);
    if (desk.isForgetting) return;
    desk.isForgetting = true;
    later(desk, FORGET_AFTER_MS, () => void forgetAll(desk));
  }

  async function forgetAll(desk: Desk): Promise<void> {
    while (desk.forgettable.size > 0) {
      const attemptIds = [...desk.forgettable].slice(0, LIMITS.ordersPerRequest);
      const answer = await desk.line.ask('forget-attempts', { attemptIds });
      if (isOver(desk)) return;
      if (!answer.ok) return later(desk, ASK_AGAIN_MS, () => void forgetAll(desk));
      for (const attemptId of attemptIds) desk.forgettable.delete(attemptId);
      onForgotten(desk.workerId, attemptIds);
    }
    desk.isForgetting = false;
  }

  function close(desk: Desk): void {
    for (const timer of desk.timers) timer.dispose();
    desks.delete(desk.workerId);
  }

  return {
    collect(workerId, attemptId) {
      const desk = deskOf(workerId);
      if (desk === null || desk.forgettable.has(attemptId)) return;
      desk.growing.delete(attemptId);
      const end = endOf(attemptId);
      // Nothing to wait for others' files for.
      if (end === null || (end.outputBytes === 0 && end.files.length === 0)) return forgetSoon(desk, attemptId);
      desk.over.add(attemptId);
      void fetchAll(desk);
    },
    follow(workerId, attemptId, outputBytes) {
      const desk = deskOf(workerId);
      if (desk === null) return;
      desk.growing.set(attemptId, outputBytes);
      void fetchAll(desk);
    },
    forget(workerId, attemptId) {
      const desk = deskOf(workerId);
      if (desk !== null) forgetSoon(desk, attemptId);
    },
    unlinked(workerId) {
      const desk = desks.get(workerId);
      if (desk !== undefined) close(desk);
    },
    dispose() {
      for (const desk of [...desks.values()]) close(desk);
    },
  };
}

function newDesk(workerId: WorkerId, line: WorkerLine): Desk {
  return {
    workerId,
    line,
    over: new Set(),
    growing: new Map(),
    forgettable: new Set(),
    faults: new Map(),
    timers: new Set(),
    isFetching: false,
    isForgetting: false,
  };
}
