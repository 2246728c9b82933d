/**
 * Between sampling and the link: new batches at once, old ones beside them, and none forgotten before the coordinator
 * has taken it.
 *
 * What was taken within two seconds was only ever in memory. What was not, or was read without a link, is on disk, so
 * that whatever ends this process costs two seconds at most. What was taken just before a link ended is delivered once
 * more: a coordinator that was killed may have had it in its hands only. States of collectors and the inventory are not
 * history: the newest are told on every link, and nothing older.
 */
import type { SampleBatch } from '../core/metrics/sample.ts';
import type { Clock, Disposable } from '../core/time.ts';
import type { Timers } from '../engine/ports.ts';
import { LIMITS } from '../shared/protocol/contract.ts';
import { createLatePace } from './late-pace.ts';
import type { Spool } from './spool.ts';
import type { SpoolRef } from './spool-segment.ts';

/** In memory only for as long, so that two seconds are the most that can be lost. */
const UNSAVED_MS = 1_750;
const LATE_IN_FLIGHT = 2;
/** So long after it was taken, a batch lies on the coordinator's disk for sure. */
const DOUBTED_MS = 3_000;

/** A link on which deliveries may be sent. */
export interface Carrier {
  /** Sends, and answers the delivery's number. */
  deliver(batch: SampleBatch, isLate: boolean): number;
}

export interface Outbox extends Disposable {
  /** A batch that was just read. */
  add(batch: SampleBatch): void;
  attach(carrier: Carrier): void;
  /** The link ended: what it has not taken is kept. */
  detach(): void;
  taken(sequence: number): void;
  /** Resolves when nothing new waits for an answer, or after `limitMs`. */
  settled(limitMs: number): Promise<void>;
}

interface Present {
  readonly kind: 'present';
  readonly batch: SampleBatch;
  readonly readAtMs: number;
  /** Where it lies on disk, once it does. */
  ref: SpoolRef | null;
}

interface Past {
  readonly kind: 'past';
  readonly refs: readonly SpoolRef[];
  readonly sentAtMs: number;
}

export interface OutboxOptions {
  readonly spool: Spool;
  readonly clock: Clock;
  readonly timers: Timers;
}

export function createOutbox({ spool, clock, timers }: OutboxOptions): Outbox {
  const inFlight = new Map<number, Present | Past>();
  const pace = createLatePace(clock);
  let carrier: Carrier | null = null;
  /** The newest batch, while the link has no room. */
  let waiting: Present | null = null;
  let state: Pick<SampleBatch, 'collectors' | 'inventory'> = {};
  let untold: Pick<SampleBatch, 'collectors' | 'inventory'> = {};
  /** Taken so lately that it may still be lost, oldest first. */
  let doubted: { readonly one: Present | Past; readonly takenAtMs: number }[] = [];
  let timer: Disposable | null = null;
  let timerDueMs = 0;
  let onSettled: (() => void)[] = [];

  const isRoom = () => inFlight.size < LIMITS.deliveriesInFlight;

  /** `isHeld`: it is still to be taken from here. */
  function save(present: Present, isHeld: boolean): void {
    if (present.ref === null) present.ref = isHistory(present.batch) ? spool.append(present.batch, isHeld) : null;
    else if (!isHeld) spool.release(present.ref);
  }

  function send(to: Carrier, present: Present): void {
    inFlight.set(to.deliver({ ...present.batch, ...untold }, false), present);
    untold = {};
  }

  function sendPast(to: Carrier): void {
    let lateInFlight = 0;
    for (const one of inFlight.values()) if (one.kind === 'past') lateInFlight += 1;
    while (isRoom() && lateInFlight < LATE_IN_FLIGHT && pace.waitMs() === 0) {
      const piece = spool.next(pace.bytes());
      if (piece === null) return;
      const sequence = to.deliver(piece.batch, true);
      inFlight.set(sequence, { kind: 'past', refs: piece.refs, sentAtMs: clock.monotonicMs() });
      pace.sent(piece.refs.reduce((sum, { bytes }) => sum + bytes, 0));
      lateInFlight += 1;
    }
  }

  function pump(): void {
    if (carrier === null) return;
    if (waiting !== null && isRoom()) {
      const present = waiting;
      waiting = null;
      send(carrier, present);
    }
    if (waiting === null) sendPast(carrier);
    watch();
  }

  /** One timer, for what grows old in memory and for the past that waits for its turn. */
  function watch(): void {
    if (carrier === null) return;
    const nowMs = clock.monotonicMs();
    const waitMs = pace.waitMs();
    let dueMs = waitMs > 0 ? nowMs + waitMs : Number.POSITIVE_INFINITY;
    for (const one of unsaved()) dueMs = Math.min(dueMs, one.readAtMs + UNSAVED_MS);
    if (timer !== null && timerDueMs <= dueMs) return;
    timer?.dispose();
    timer = dueMs === Number.POSITIVE_INFINITY ? null : timers.after(Math.max(0, dueMs - nowMs), ring);
    timerDueMs = dueMs;
  }

  function ring(): void {
    timer = null;
    for (const one of unsaved()) if (clock.monotonicMs() - one.readAtMs >= UNSAVED_MS) save(one, true);
    pump();
  }

  /** What is under way or waits, and is in memory only. */
  function unsaved(): readonly Present[] {
    const present = [...inFlight.values(), waiting].filter((one) => one?.kind === 'present');
    return present.filter(({ ref, batch }) => ref === null && isHistory(batch));
  }

  /** The rest of what was taken is beyond doubt. */
  function trustTaken(): void {
    const nowMs = clock.monotonicMs();
    const sure = doubted.filter(({ takenAtMs }) => nowMs - takenAtMs >= DOUBTED_MS);
    if (sure.length === 0) return;
    doubted = doubted.slice(sure.length);
    for (const { one } of sure) {
      if (one.kind === 'past') spool.taken(one.refs);
      else if (one.ref !== null) spool.taken([one.ref]);
    }
  }

  function tellSettled(): void {
    const hasPresent = waiting !== null || [...inFlight.values()].some(({ kind }) => kind === 'present');
    if (carrier !== null && hasPresent) return;
    for (const resolve of onSettled) resolve();
    onSettled = [];
  }

  function detach(): void {
    if (carrier === null) return;
    carrier = null;
    timer?.dispose();
    timer = null;
    trustTaken();
    const unsure = [...doubted.map(({ one }) => one), ...inFlight.values(), waiting];
    for (const one of unsure) if (one?.kind === 'present') save(one, false);
    doubted = [];
    inFlight.clear();
    waiting = null;
    spool.rewind();
    tellSettled();
  }

  return {
    add(batch) {
      const { collectors, inventory, ...rest } = batch;
      const news = { ...(collectors ? { collectors } : {}), ...(inventory ? { inventory } : {}) };
      state = { ...state, ...news };
      untold = { ...untold, ...news };
      const present: Present = { kind: 'present', batch: rest, readAtMs: clock.monotonicMs(), ref: null };
      if (carrier === null) return save(present, false);
      // The newest is worth most: it takes the place of the one that waited, which becomes history.
      if (waiting !== null) save(waiting, false);
      waiting = present;
      pump();
    },
    attach(to) {
      detach();
      carrier = to;
      pace.reset();
      untold = state;
      if (Object.keys(state).length > 0) {
        send(to, { kind: 'present', batch: {}, readAtMs: clock.monotonicMs(), ref: null });
      }
      pump();
    },
    detach,
    taken(sequence) {
      const one = inFlight.get(sequence);
      if (one === undefined) return;
      inFlight.delete(sequence);
      const takenAtMs = clock.monotonicMs();
      doubted.push({ one, takenAtMs });
      if (one.kind === 'past') pace.taken(takenAtMs - one.sentAtMs);
      trustTaken();
      pump();
      tellSettled();
    },
    settled(limitMs) {
      return new Promise((resolve) => {
        onSettled.push(resolve);
        timers.after(limitMs, resolve);
        tellSettled();
      });
    },
    dispose() {
      detach();
    },
  };
}

function isHistory({ ticks = [], processes = [], events = [] }: SampleBatch): boolean {
  return ticks.length + processes.length + events.length > 0;
}
