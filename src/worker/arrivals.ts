/** Links of a machine that waits to be dialled: meets whoever comes, and holds ready the newest coordinator that proved itself. */
import { fail, ok, type Result } from '../core/result.ts';
import { type AgentMeetingOptions, meetCoordinator } from '../engine/agent-handshake.ts';
import { createMeter } from '../engine/meter.ts';
import type { Link, LinkListener, Log } from '../engine/ports.ts';
import type { ListeningPlace } from '../node/agent-home/trust.ts';
import { systemClock } from '../node/system-clock.ts';
import { systemTimers } from '../node/system-timers.ts';
import { nodeCryptography } from '../node/transport/cryptography.ts';
import { waitForLinks } from '../node/transport/waiting.ts';
import type { Reached } from './reaching.ts';

/** Lines of the log about strangers: some at once, then one a minute. */
const COMPLAINTS = { perSecond: 1 / 60, atOnce: 20 };

/** Whom this machine wants to meet, and as who. */
export type Whom = Pick<AgentMeetingOptions, 'fingerprint' | 'as' | 'mayTrust'>;

export interface Arrivals {
  /** Where it waits: with the port that was free, if any was to do. */
  readonly place: ListeningPlace;
  /** From now on. */
  expect(whom: Whom): void;
  /** The next coordinator, or its final refusal; `failed` once `signal` is aborted. */
  next(signal: AbortSignal): Promise<Reached>;
  /** Called whenever a coordinator stands ready and nobody has asked for it. */
  onReady(listener: () => void): void;
  dispose(): Promise<void>;
}

export interface ArrivalsOptions {
  readonly place: ListeningPlace;
  readonly whom: Whom;
  readonly introduction: Omit<AgentMeetingOptions, 'link' | 'cryptography' | 'timers' | keyof Whom>;
  readonly log: Log;
}

/** Fails as `waitForLinks` does. */
export async function openArrivals(options: ArrivalsOptions): Promise<Result<Arrivals>> {
  const { place, introduction, log } = options;
  const mayComplain = createMeter(COMPLAINTS, systemClock);
  let whom = options.whom;
  let ready: Reached | null = null;
  let take: ((reached: Reached) => void) | null = null;
  let tellReady: () => void = () => undefined;
  let isDisposed = false;

  async function meet(link: Link): Promise<void> {
    const timers = systemTimers;
    const met = await meetCoordinator({ ...introduction, ...whom, link, cryptography: nodeCryptography, timers });
    const from = { address: link.peerAddress };
    if (met.kind === 'failed' || (met.kind === 'refused' && !met.refusal.isFinal)) {
      const reason = met.kind === 'failed' ? met.failure.message : met.refusal.message;
      if (mayComplain()) log.warn('Somebody dialled, and no link came of it.', { ...from, reason });
      return;
    }
    const at = { addresses: [link.peerAddress], port: listener.port };
    offer(met.kind === 'welcome' ? { kind: 'welcome', link, place: at, meeting: met } : met);
  }

  function offer(reached: Reached): void {
    if (ready?.kind === 'welcome') ready.link.dispose();
    if (isDisposed) {
      if (reached.kind === 'welcome') reached.link.dispose();
      return;
    }
    const taker = take;
    take = null;
    ready = taker === null ? reached : null;
    if (taker === null) tellReady();
    else taker(reached);
  }

  const waiting = await waitForLinks({
    ...place,
    fingerprint: () => whom.fingerprint,
    onLink: (link) => void meet(link),
  });
  if (!waiting.ok) return waiting;
  const listener: LinkListener = waiting.value;

  return ok({
    place: { address: place.address, port: listener.port },
    expect(next) {
      whom = next;
    },
    next(signal) {
      const already = ready;
      ready = null;
      if (already !== null) return Promise.resolve(already);
      return new Promise((resolve) => {
        const end = () => {
          take = null;
          resolve({ kind: 'failed', failure: fail('unavailable', 'Nobody dialled.').error });
        };
        if (signal.aborted) return end();
        signal.addEventListener('abort', end, { once: true });
        take = (reached) => {
          signal.removeEventListener('abort', end);
          resolve(reached);
        };
      });
    },
    onReady(told) {
      tellReady = told;
    },
    async dispose() {
      isDisposed = true;
      if (ready?.kind === 'welcome') ready.link.dispose();
      ready = null;
      await listener.dispose();
    },
  });
}
