/** One link after its welcome, until it ends: deliveries out, requests in, the clock measured, silence noticed. */
import type { Level } from '../core/metrics/level.ts';
import type { SampleBatch } from '../core/metrics/sample.ts';
import { fail, ok, type Result } from '../core/result.ts';
import type { Clock, Disposable } from '../core/time.ts';
import type { LinkHandlers } from '../engine/link-reader.ts';
import type { Link, LinkEnd, Timers } from '../engine/ports.ts';
import { BatchEncoder } from '../shared/protocol/codec.ts';
import { type AgentRequests, type FromAgent, LIMITS, type Refusal, type Request } from '../shared/protocol/contract.ts';
import { type MisreadRequest, parseFromCoordinator, type Understood } from '../shared/protocol/coordinator-messages.ts';
import type { CoordinatorClock } from './coordinator-clock.ts';
import type { Outbox } from './outbox.ts';
import { createPinger } from './pinger.ts';
import type { TaskDesk } from './task-desk.ts';

/** How often health and silence are looked at. */
const LOOK_EVERY_MS = 2_000;
/** The coordinator asks each two seconds. After this much silence it is asked, after twice as much it is given up. */
const SILENCE_MS = 5_000;
const HEALTH_EVERY_MS = 5_000;
/** The first delivery waits so long for the clock, which the first answer to a ping tells. */
const CLOCK_LIMIT_MS = 1_000;

const ONLY_WATCHED = fail('not-permitted', 'The owner of this worker lets it run no tasks.');

export type SessionEnd =
  /** The link is gone; another may come. `isClosed`: the coordinator ended it in order. */
  | { readonly kind: 'broken'; readonly message: string; readonly isClosed: boolean }
  /** The coordinator ended it, and says why. */
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export interface SessionOptions {
  readonly link: Link;
  readonly handOver: (handlers: LinkHandlers) => void;
  readonly outbox: Outbox;
  /** Null: this machine is only watched. */
  readonly tasks: TaskDesk | null;
  readonly clock: CoordinatorClock;
  readonly machine: Clock;
  readonly timers: Timers;
  readonly health: () => { readonly spooledBytes: number; readonly lostTicks: number };
  readonly onSetLevel: (level: Level) => void;
  readonly onRefreshInventory: () => void;
  readonly onWatchProcesses: (isWatched: boolean) => void;
  /** A piece of a newer agent. */
  readonly onUpdate: (piece: AgentRequests['update-agent']['params']) => Promise<Result<null>>;
  /** A ping was answered: the clock is known, or known better. */
  readonly onClock: () => void;
}

export interface Session {
  readonly ended: Promise<SessionEnd>;
  send(message: FromAgent): void;
  /** Ends the link after what was sent has left. */
  close(): void;
}

export function startSession(options: SessionOptions): Session {
  const { link, outbox, tasks, clock, machine, timers } = options;
  const encoder = new BatchEncoder();
  let sequence = 0;
  let heardAtMs = machine.monotonicMs();
  let isAttached = false;
  let healthSaid = '';
  let healthSaidAtMs = Number.NEGATIVE_INFINITY;
  let isOver = false;
  const running: Disposable[] = [];
  let end: (how: SessionEnd) => void = () => undefined;
  const ended = new Promise<SessionEnd>((resolve) => {
    end = resolve;
  });

  const send = (message: FromAgent) => link.send(JSON.stringify(message));
  const pinger = createPinger({ machine, timers, send, onAnswer: takeAnswer });

  function finish(how: SessionEnd): void {
    if (isOver) return;
    isOver = true;
    for (const one of running) void one.dispose();
    pinger.dispose();
    outbox.detach();
    tasks?.detach();
    link.dispose();
    end(how);
  }

  function breakOff(message: string): void {
    finish({ kind: 'broken', message, isClosed: false });
  }

  function deliver(batch: SampleBatch, isLate: boolean): number {
    sequence += 1;
    const wire = encoder.encode(batch);
    const text = JSON.stringify({ kind: 'delivery', sequence, isLate, batch: wire } satisfies FromAgent);
    // Only lists of processes grow like this; the link would end at a message that is too large, again and again.
    const isTooLarge = Buffer.byteLength(text) > LIMITS.messageBytes;
    if (isTooLarge) send({ kind: 'delivery', sequence, isLate, batch: { ...wire, processes: [] } });
    else link.send(text);
    return sequence;
  }

  function attach(): void {
    if (isAttached || isOver) return;
    isAttached = true;
    sayHealth(machine.monotonicMs());
    tasks?.attach({ send, unsentBytes: () => link.unsentBytes(), differenceMs: () => clock.assumedDifferenceMs() });
    outbox.attach({ deliver });
  }

  function takeAnswer(ping: Parameters<CoordinatorClock['take']>[0]): void {
    clock.take(ping);
    options.onClock();
    attach();
  }

  function receive(text: string): void {
    heardAtMs = machine.monotonicMs();
    const parsed = parseFromCoordinator(text);
    if (!parsed.ok) breakOff(`The coordinator was not understood: ${parsed.error.message}`);
    else if (parsed.value !== null) take(parsed.value);
  }

  function take(message: Understood): void {
    switch (message.kind) {
      case 'taken':
        outbox.taken(message.sequence);
        break;
      case 'ping':
        send({ kind: 'pong', id: message.id, atMs: machine.nowMs() });
        break;
      case 'pong':
        pinger.answered(message);
        break;
      case 'request':
        void obey(message);
        break;
      case 'misread':
        refuse(message);
        break;
      case 'attempts-taken':
        tasks?.taken(message);
        break;
      case 'refusal':
        finish({ kind: 'refused', refusal: message });
        break;
      case 'challenge':
      case 'welcome':
        breakOff('The coordinator spoke out of turn.');
    }
  }

  /** Answers when it is done, which may be after later requests were answered. */
  async function obey(request: Request): Promise<void> {
    const { id } = request;
    const done = obeyAtOnce(request) ? ok(null) : await obeyInTime(request);
    send({ kind: 'answer', id, ...done });
  }

  async function obeyInTime(request: Request): Promise<Result<unknown>> {
    if (request.method !== 'update-agent') return (await tasks?.obey(request)) ?? ONLY_WATCHED;
    return options.onUpdate(request.params as AgentRequests['update-agent']['params']);
  }

  /** False for what takes time. */
  function obeyAtOnce(request: Request): boolean {
    // The checks tie parameters to methods; the type of a request does not.
    const params = request.params as { readonly level: Level; readonly isWatched: boolean };
    switch (request.method) {
      case 'set-level':
        options.onSetLevel(params.level);
        return true;
      case 'refresh-inventory':
        options.onRefreshInventory();
        return true;
      case 'watch-processes':
        options.onWatchProcesses(params.isWatched);
        return true;
      default:
        return false;
    }
  }

  function refuse({ id, method, fault }: MisreadRequest): void {
    const message = `This worker does not understand what it is asked (${method}): ${fault} is not as it should be.`;
    send({ kind: 'answer', id, ok: false, error: fail('invalid-argument', message).error });
  }

  function look(): void {
    running[0] = timers.after(LOOK_EVERY_MS, look);
    const nowMs = machine.monotonicMs();
    const silentMs = nowMs - heardAtMs;
    if (silentMs >= 2 * SILENCE_MS && pinger.isWaiting()) {
      breakOff(`The coordinator has been silent for ${Math.round(silentMs / 1_000)} s.`);
    } else if (silentMs >= SILENCE_MS) pinger.ask();
    if (nowMs - healthSaidAtMs >= HEALTH_EVERY_MS) sayHealth(nowMs);
  }

  function sayHealth(nowMs: number): void {
    const text = JSON.stringify({
      kind: 'health',
      clockDifferenceMs: clock.differenceMs(),
      ...options.health(),
    } satisfies FromAgent);
    if (text === healthSaid || isOver) return;
    healthSaid = text;
    healthSaidAtMs = nowMs;
    link.send(text);
  }

  running.push(timers.after(LOOK_EVERY_MS, look), timers.after(CLOCK_LIMIT_MS, attach));
  options.handOver({
    onMessage: receive,
    onEnd: (how) => finish({ kind: 'broken', message: wordsOf(how), isClosed: how.kind === 'closed' }),
  });
  if (!isOver) pinger.ask();
  return { ended, send, close: () => breakOff('This agent ended the link.') };
}

function wordsOf(end: LinkEnd): string {
  return end.kind === 'closed' ? 'The coordinator ended the connection.' : end.message;
}
