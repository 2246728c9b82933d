/** One link to one worker after both sides are known: its messages in, in order; pings, requests and receipts out. */
import type { SampleBatch } from '../core/metrics/sample.ts';
import { fail } from '../core/result.ts';
import type { AttemptPulse } from '../core/tasks/attempt.ts';
import type { Clock } from '../core/time.ts';
import { BatchDecoder, type KnownSeries } from '../shared/protocol/codec.ts';
import {
  type AgentHealth,
  type AttemptReports,
  type Delivery,
  type FromAgent,
  type FromCoordinator,
  LIMITS,
  type Refusal,
} from '../shared/protocol/contract.ts';
import { parseFromAgent } from '../shared/protocol/schemas.ts';
import { createLinkPace } from './link-pace.ts';
import { type LinkHandlers, wordsForEnd } from './link-reader.ts';
import type { Link, Timers } from './ports.ts';
import { createRequestTable } from './request-table.ts';
import type { WorkerLine } from './tasks/contract.ts';

export interface SessionOptions {
  readonly link: Link;
  /** Series of this worker that are known from earlier links. */
  readonly knownSeries: KnownSeries;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly to: SessionListener;
}

export interface SessionListener {
  /** Anything at all arrived. */
  heard(): void;
  delivered(batch: SampleBatch, isLate: boolean): void;
  /** Series without a place in the history, all of this link; told when the number grows. */
  leftOut(series: number): void;
  health(health: AgentHealth): void;
  attempts(message: AttemptReports): void;
  pulses(pulses: readonly AttemptPulse[]): void;
  leaving(): void;
  /** The other side ended it, or broke the rules. Nothing else follows. */
  ended(reason: string): void;
}

export interface WorkerSession extends LinkHandlers, WorkerLine {
  ping(): void;
  /** Ends it from this side, after a last word where there is one; `ended` is not told. */
  close(lastWord?: Refusal): void;
}

/** Feed it by `link-reader`'s `handOver`. */
export function createSession({ link, knownSeries, clock, timers, to }: SessionOptions): WorkerSession {
  const decoder = new BatchDecoder(knownSeries);
  const send = (message: FromCoordinator) => link.send(JSON.stringify(message));
  const requests = createRequestTable(timers, send);
  const pace = createLinkPace(link, clock, timers);
  let lastSequence = 0;
  let lastPingId = 0;
  let leftOut = 0;
  let isOver = false;

  function close(lastWord?: Refusal): void {
    if (isOver) return;
    isOver = true;
    if (lastWord !== undefined) send(lastWord);
    pace.dispose();
    link.dispose();
    requests.dispose();
  }

  function end(reason: string, lastWord?: Refusal): void {
    if (isOver) return;
    close(lastWord);
    to.ended(reason);
  }

  /** What breaks the rules costs the link and nothing else; the agent is told why and may come again. */
  function object(reason: string): void {
    end(reason, { kind: 'refusal', code: 'unavailable', message: reason, isFinal: false });
  }

  function faultOf(text: string): string | null {
    if (!pace.admit(text.length)) return 'The agent sends faster than a link may.';
    return link.unsentBytes() > LIMITS.messageBytes ? 'The agent does not read what is sent to it.' : null;
  }

  function receive(message: FromAgent): void {
    switch (message.kind) {
      case 'delivery':
        receiveDelivery(message);
        break;
      case 'health':
        to.health(message);
        break;
      case 'ping':
        send({ kind: 'pong', id: message.id, atMs: clock.nowMs() });
        break;
      case 'answer':
        requests.answer(message);
        break;
      case 'attempts':
        to.attempts(message);
        break;
      case 'pulses':
        to.pulses(message.pulses);
        break;
      case 'leaving':
        to.leaving();
        break;
      case 'hello':
      case 'proof':
        object(`The agent said its ${message.kind} a second time.`);
        break;
      case 'pong':
        break;
    }
  }

  function receiveDelivery({ sequence, batch, isLate }: Delivery): void {
    const decoded =
      sequence === lastSequence + 1
        ? decoder.decode(batch)
        : fail('invalid-argument', `Delivery ${sequence} came after delivery ${lastSequence}.`);
    if (!decoded.ok) {
      object(decoded.error.message);
      return;
    }
    lastSequence = sequence;
    to.delivered(decoded.value, isLate);
    if (decoder.leftOut > leftOut) {
      leftOut = decoder.leftOut;
      to.leftOut(leftOut);
    }
    send({ kind: 'taken', sequence });
  }

  return {
    onMessage(text) {
      if (isOver) return;
      const fault = faultOf(text);
      if (fault !== null) {
        object(fault);
        return;
      }
      to.heard();
      const message = parseFromAgent(text);
      if (!message.ok) object(message.error.message);
      else if (message.value !== null) receive(message.value);
    },
    onEnd: (linkEnd) => end(wordsForEnd(linkEnd)),
    ping() {
      lastPingId += 1;
      send({ kind: 'ping', id: lastPingId });
    },
    ask: requests.ask,
    taken: send,
    object,
    close,
  };
}
