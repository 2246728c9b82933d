/**
 * Tells the coordinator where attempts stand, and again on each link until it has taken that. Nothing is left out: on a
 * slow link only the newest state of an attempt waits, but it waits until it is sent.
 */
import type { AttemptPulse, AttemptReport } from '../core/tasks/attempt.ts';
import type { AttemptId } from '../core/tasks/task.ts';
import type { Clock, Disposable } from '../core/time.ts';
import type { Timers } from '../engine/ports.ts';
import { type AttemptPulses, type AttemptReports, type AttemptsTaken, LIMITS } from '../shared/protocol/contract.ts';
import { named, told, wireBytes } from './attempt-telling.ts';

/** A short task has ended by then, and its end tells all that came before. */
const HOLD_BACK_MS = 25;
/** Of one message; with the names of all other attempts it stays below the largest that a link takes. */
const MESSAGE_BYTES = LIMITS.messageBytes / 2;
/** While so much waits to leave this machine, reports wait as well, and pulses are dropped. */
const SLOW_BYTES = 256 * 1024;
const SLOW_AGAIN_MS = 100;

/** A link on which attempts are told of. */
export interface TaskCarrier {
  send(message: AttemptReports | AttemptPulses): void;
  unsentBytes(): number;
  /** This machine's wall clock minus the coordinator's, as well as it is known. */
  differenceMs(): number;
}

export interface ReportSender extends Disposable {
  /** A new link; `all`: every attempt that is held. */
  attach(carrier: TaskCarrier, all: readonly AttemptReport[]): void;
  detach(): void;
  changed(report: AttemptReport): void;
  /** Only the newest count, so those that find no room are dropped. */
  pulses(pulses: readonly AttemptPulse[]): void;
  taken(message: AttemptsTaken): void;
  /** Nobody asks for it any more. */
  drop(attemptId: AttemptId): void;
  /** Reports that the coordinator has not taken. */
  untaken(): number;
  dispose(): void;
}

interface Unsent {
  readonly report: AttemptReport;
  readonly dueAtMs: number;
}

export function createReportSender(clock: Clock, timers: Timers): ReportSender {
  const untaken = new Map<AttemptId, AttemptReport>();
  /** Of these, what this link has not carried yet; the oldest change first. */
  const unsent = new Map<AttemptId, Unsent>();
  let carrier: TaskCarrier | null = null;
  let timer: Disposable | null = null;
  let timerAtMs = Number.POSITIVE_INFINITY;
  let isTurnDue = false;

  function sendAll(to: TaskCarrier, all: readonly AttemptReport[]): void {
    let bytes = 0;
    const reports = all.map((report) => {
      const whole = told(report, to.differenceMs());
      bytes += wireBytes(whole);
      if (bytes <= MESSAGE_BYTES) return whole;
      unsent.set(report.attemptId, { report, dueAtMs: Number.NEGATIVE_INFINITY });
      return named(report);
    });
    to.send({ kind: 'attempts', isAll: true, reports });
  }

  function sendDue(): void {
    if (carrier === null || unsent.size === 0) return;
    const nowMs = clock.monotonicMs();
    if (carrier.unsentBytes() > SLOW_BYTES) {
      wakeAt(nowMs + SLOW_AGAIN_MS);
      return;
    }
    const reports: AttemptReport[] = [];
    let bytes = 0;
    let nextAtMs = Number.POSITIVE_INFINITY;
    for (const [attemptId, { report, dueAtMs }] of unsent) {
      const isDue = dueAtMs <= nowMs && bytes < MESSAGE_BYTES;
      const whole = isDue ? told(report, carrier.differenceMs()) : null;
      bytes += whole === null ? 0 : wireBytes(whole);
      if (whole === null || (reports.length > 0 && bytes > MESSAGE_BYTES)) {
        nextAtMs = Math.min(nextAtMs, dueAtMs);
        continue;
      }
      unsent.delete(attemptId);
      reports.push(whole);
    }
    if (reports.length > 0) carrier.send({ kind: 'attempts', isAll: false, reports });
    if (unsent.size > 0) wakeAt(nextAtMs);
  }

  function wakeAt(atMs: number): void {
    if (atMs >= timerAtMs) return;
    timer?.dispose();
    timerAtMs = atMs;
    timer = timers.after(Math.max(0, atMs - clock.monotonicMs()), () => {
      timerAtMs = Number.POSITIVE_INFINITY;
      sendDue();
    });
  }

  /** At the end of this turn: what ended in it travels together. */
  function sendSoon(): void {
    if (isTurnDue) return;
    isTurnDue = true;
    void Promise.resolve().then(() => {
      isTurnDue = false;
      sendDue();
    });
  }

  function detach(): void {
    carrier = null;
    timer?.dispose();
    timerAtMs = Number.POSITIVE_INFINITY;
    unsent.clear();
  }

  return {
    attach(to, all) {
      detach();
      carrier = to;
      // What is held no longer and was not taken either is told beside it: that an unknown attempt was cancelled.
      const held = new Set(all.map(({ attemptId }) => attemptId));
      for (const [attemptId, report] of untaken)
        if (!held.has(attemptId)) unsent.set(attemptId, { report, dueAtMs: Number.NEGATIVE_INFINITY });
      for (const report of all) untaken.set(report.attemptId, report);
      sendAll(to, all);
      sendSoon();
    },
    detach,
    changed(report) {
      untaken.set(report.attemptId, report);
      if (carrier === null) return;
      const dueAtMs = unsent.get(report.attemptId)?.dueAtMs ?? clock.monotonicMs() + HOLD_BACK_MS;
      if (report.state === 'ended') {
        unsent.set(report.attemptId, { report, dueAtMs: Number.NEGATIVE_INFINITY });
        sendSoon();
      } else {
        unsent.set(report.attemptId, { report, dueAtMs });
        wakeAt(dueAtMs);
      }
    },
    pulses(pulses) {
      if (carrier === null || pulses.length === 0 || carrier.unsentBytes() > SLOW_BYTES) return;
      const most = Math.floor(MESSAGE_BYTES / wireBytes(pulses[0])) || 1;
      for (let from = 0; from < pulses.length; from += most)
        carrier.send({ kind: 'pulses', pulses: pulses.slice(from, from + most) });
    },
    taken(message) {
      for (const { attemptId, version } of message.taken)
        if (untaken.get(attemptId)?.version === version) untaken.delete(attemptId);
    },
    drop(attemptId) {
      untaken.delete(attemptId);
      unsent.delete(attemptId);
    },
    untaken: () => untaken.size,
    dispose: detach,
  };
}
