/**
 * Tells workers which attempts to start and which to end. What a worker could not hear stays as it is: its next link
 * names what it holds, and the rest is told again.
 */
import type { WorkerId } from '../../core/fleet/worker.ts';
import type { Failure } from '../../core/result.ts';
import type { AttemptOrder } from '../../core/tasks/attempt.ts';
import type { AttemptId } from '../../core/tasks/task.ts';
import type { Disposable } from '../../core/time.ts';
import { LIMITS } from '../../shared/protocol/contract.ts';
import type { Log, TaskFiles, Timers } from '../ports.ts';
import { bringFiles } from './bringing.ts';
import type { WorkerLine } from './contract.ts';
import { ASK_AGAIN_MS, isUnheard, type Lines } from './lines.ts';

/** Requests on their way to one worker: a second one need not wait for the disk that the first waits for. */
const REQUESTS_IN_FLIGHT = 4;
const CANCELS_IN_FLIGHT = 16;
/**
 * Orders on their way to one worker: pings wait behind them on a slow link. A single one may be larger; what a plan may
 * hold keeps it below a message.
 */
const ORDERS_BYTES = LIMITS.messageBytes / 8;

export interface DispatchOptions {
  readonly lines: Lines;
  readonly files: Pick<TaskFiles, 'readTaken'>;
  readonly timers: Timers;
  readonly log: Log;
  /** Null where there is nothing to start any more. */
  readonly orderOf: (attemptId: AttemptId) => AttemptOrder | null;
  /** The worker will not have it. */
  readonly refuse: (workerId: WorkerId, attemptId: AttemptId, why: Failure) => void;
  /** The worker has what it was told to start. */
  readonly onTaken: (workerId: WorkerId) => void;
  /** Somebody is needed on a worker that has no link. */
  readonly summon: (workerId: WorkerId) => void;
}

export interface Dispatch extends Disposable {
  start(workerId: WorkerId, attemptId: AttemptId): void;
  cancel(workerId: WorkerId, attemptId: AttemptId): void;
  /** Sends what was said since, together. */
  send(): void;
  /** The link of this worker ended: nothing waits for it any more. */
  unlinked(workerId: WorkerId): void;
  dispose(): void;
}

/** What is to be told on one link. */
interface Desk {
  readonly workerId: WorkerId;
  readonly line: WorkerLine;
  readonly starts: Set<AttemptId>;
  readonly cancels: Set<AttemptId>;
  /** Their files are there. */
  readonly brought: Set<AttemptId>;
  readonly timers: Set<Disposable>;
  /** Files come one order after another: two that need the same file bring it once. */
  bringing: Promise<void>;
  requestsInFlight: number;
  ordersInFlightBytes: number;
  cancelsInFlight: number;
}

interface Batch {
  readonly orders: readonly AttemptOrder[];
  readonly bytes: number;
}

export function createDispatch(options: DispatchOptions): Dispatch {
  const { lines, files, timers, log, orderOf, refuse, onTaken, summon } = options;
  const desks = new Map<WorkerId, Desk>();
  const touched = new Set<Desk>();

  /** Null while the worker has no link: with its next one everything is asked for anew. */
  function deskOf(workerId: WorkerId): Desk | null {
    const line = lines.get(workerId);
    if (line === undefined) {
      summon(workerId);
      return null;
    }
    const desk = desks.get(workerId) ?? newDesk(workerId, line);
    desks.set(workerId, desk);
    touched.add(desk);
    return desk;
  }

  const isOver = (desk: Desk) => desks.get(desk.workerId) !== desk;

  function send(desk: Desk): void {
    while (desk.requestsInFlight < REQUESTS_IN_FLIGHT && desk.starts.size > 0) {
      const batch = nextBatch(desk);
      if (batch.orders.length > 0) void sendOrders(desk, batch);
      else if (desk.starts.size > 0) break;
    }
    for (const attemptId of desk.cancels) {
      if (desk.cancelsInFlight === CANCELS_IN_FLIGHT) break;
      desk.cancels.delete(attemptId);
      void sendCancel(desk, attemptId);
    }
  }

  /** As many as may go now; those that need files first go another way. */
  function nextBatch(desk: Desk): Batch {
    const orders: AttemptOrder[] = [];
    let bytes = 0;
    for (const attemptId of desk.starts) {
      const order = orderOf(attemptId);
      const added = order === null ? 0 : utf8.encode(JSON.stringify(order)).length;
      const isAlone = orders.length === 0 && desk.requestsInFlight === 0;
      const isTooMuch = desk.ordersInFlightBytes + bytes + added > ORDERS_BYTES;
      if (orders.length === LIMITS.ordersPerRequest || (isTooMuch && !isAlone)) break;
      desk.starts.delete(attemptId);
      if (order === null) continue;
      if (order.files.length > 0 && !desk.brought.has(attemptId)) bringFirst(desk, order);
      else {
        orders.push(order);
        bytes += added;
      }
    }
    return { orders, bytes };
  }

  function bringFirst(desk: Desk, { attemptId, files: ordered }: AttemptOrder): void {
    desk.bringing = desk.bringing.then(async () => {
      if (isOver(desk) || orderOf(attemptId) === null) return;
      const brought = await bringFiles(desk.line, ordered, files);
      if (isOver(desk)) return;
      if (brought.ok) {
        desk.brought.add(attemptId);
        desk.starts.add(attemptId);
        send(desk);
      } else if (isUnheard(brought.error)) later(desk, () => desk.starts.add(attemptId));
      else refuse(desk.workerId, attemptId, brought.error);
    });
  }

  async function sendOrders(desk: Desk, { orders, bytes }: Batch): Promise<void> {
    desk.requestsInFlight += 1;
    desk.ordersInFlightBytes += bytes;
    const answer = await desk.line.ask('start-attempts', { orders });
    desk.requestsInFlight -= 1;
    desk.ordersInFlightBytes -= bytes;
    if (isOver(desk)) return;
    if (answer.ok) {
      onTaken(desk.workerId);
      for (const { attemptId } of orders) desk.brought.delete(attemptId);
    } else if (isUnheard(answer.error))
      later(desk, () => {
        for (const { attemptId } of orders) desk.starts.add(attemptId);
      });
    // One order that the worker cannot take must not cost the others their place there.
    else if (orders.length > 1)
      for (const order of orders) void sendOrders(desk, { orders: [order], bytes: bytes / orders.length });
    else refuse(desk.workerId, orders[0]!.attemptId, answer.error);
    send(desk);
  }

  async function sendCancel(desk: Desk, attemptId: AttemptId): Promise<void> {
    desk.cancelsInFlight += 1;
    const answer = await desk.line.ask('cancel-attempt', { attemptId });
    desk.cancelsInFlight -= 1;
    if (isOver(desk)) return;
    if (desk.cancels.size > 0) send(desk);
    if (answer.ok) return;
    if (isUnheard(answer.error)) later(desk, () => desk.cancels.add(attemptId));
    else log.warn('A worker would not end an attempt.', { attempt: attemptId, reason: answer.error.message });
  }

  /** The link still holds, so nothing else would bring it up again. */
  function later(desk: Desk, action: () => void): void {
    const timer = timers.after(ASK_AGAIN_MS, () => {
      desk.timers.delete(timer);
      action();
      send(desk);
    });
    desk.timers.add(timer);
  }

  function close(desk: Desk): void {
    for (const timer of desk.timers) timer.dispose();
    desks.delete(desk.workerId);
    touched.delete(desk);
  }

  return {
    start: (workerId, attemptId) => void deskOf(workerId)?.starts.add(attemptId),
    cancel: (workerId, attemptId) => void deskOf(workerId)?.cancels.add(attemptId),
    send() {
      const due = [...touched];
      touched.clear();
      for (const desk of due) send(desk);
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

const utf8 = new TextEncoder();

function newDesk(workerId: WorkerId, line: WorkerLine): Desk {
  return {
    workerId,
    line,
    starts: new Set(),
    cancels: new Set(),
    brought: new Set(),
    timers: new Set(),
    bringing: Promise.resolve(),
    requestsInFlight: 0,
    ordersInFlightBytes: 0,
    cancelsInFlight: 0,
  };
}
