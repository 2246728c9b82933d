/** Keeps a link to the coordinator: meets it, holds a session, and looks for it again until somebody ends the trust. */
import { setTimeout as pause } from 'node:timers/promises';
import { createBackOff } from '../core/coordination/back-off.ts';
import type { Level } from '../core/metrics/level.ts';
import type { Log, SigningKey } from '../engine/ports.ts';
import { coordinatorText, type Place, type Trust, withPlace } from '../node/agent-home/trust.ts';
import { fromBase64Url } from '../shared/protocol/base64url.ts';
import type { Refusal, Welcome } from '../shared/protocol/contract.ts';
import type { Arrivals } from './arrivals.ts';
import type { Introduction } from './introduction.ts';
import { type Reached, reachCoordinator } from './reaching.ts';
import { type Session, type SessionEnd, type SessionOptions, startSession } from './session.ts';

const FIRST_WAIT_MS = 300;
/** A link that held so long was a good one: the next try comes soon. */
const GOOD_LINK_MS = 10_000;
/**
 * Most outages are short and end where they began, so at first the address that worked is tried alone: another one may
 * belong to somebody else, or lead around a way that a person chose.
 */
const ALONE_MS = 20_000;

export type LinkNews =
  | { readonly kind: 'online'; readonly address: string; readonly awayMs: number | null }
  | { readonly kind: 'away'; readonly reason: string; readonly isClosed: boolean }
  | { readonly kind: 'still-away'; readonly reason: string };

export interface ConnectionOptions {
  readonly trust: Trust;
  /** Where somebody else keeps the file of the trust: read before each try. */
  readonly readTrustAgain?: () => Trust | null;
  /** Between two tries, at most. */
  readonly longestWaitMs: number;
  readonly key: SigningKey;
  readonly introduction: Introduction;
  /** A meeting that just took place: the first session is held over its link. */
  readonly first: Extract<Reached, { readonly kind: 'welcome' }> | null;
  /** Where the coordinator dials this machine; absent or null: it is looked for. */
  readonly arrivals?: Arrivals | null;
  readonly session: Omit<SessionOptions, 'link' | 'handOver'>;
  readonly log: Log;
  readonly random: () => number;
  readonly onNews: (news: LinkNews) => void;
  readonly onLevel: (level: Level) => void;
  /** To be kept on disk. */
  readonly onTrust: (trust: Trust) => void;
}

export interface Connection {
  /** Why no link is looked for any more; null when `close` was called. */
  readonly ended: Promise<Refusal | null>;
  /** Ends the link after what was sent has left, and looks for no other. */
  close(): void;
}

export function openConnection(options: ConnectionOptions): Connection {
  const { key, introduction, log, onNews, arrivals = null } = options;
  const { machine } = options.session;
  const closed = new AbortController();
  const backOff = createBackOff({ firstMs: FIRST_WAIT_MS, mostMs: options.longestWaitMs, random: options.random });
  let trust = options.trust;
  let current: Session | null = null;
  let awaySinceMs: number | null = null;

  function placesNow(): readonly Place[] {
    const isAlone = awaySinceMs !== null && machine.monotonicMs() - awaySinceMs < ALONE_MS;
    return isAlone ? [trust.proven] : [trust.proven, ...trust.places];
  }

  function reach(): Promise<Reached> {
    if (arrivals !== null) return arrivals.next(closed.signal);
    trust = options.readTrustAgain?.() ?? trust;
    const fingerprint = fromBase64Url(trust.fingerprint)!;
    const as = { kind: 'enrolled', workerId: trust.workerId } as const;
    return reachCoordinator({
      places: placesNow(),
      meeting: { ...introduction, key, fingerprint, as },
      signal: closed.signal,
    });
  }

  function learn(welcome: Welcome, proven: Place): void {
    const { name, level, addresses, port } = welcome;
    const isTold = addresses.length > 0 && arrivals === null;
    const places = !isTold ? trust.places : withPlace(trust.places, { addresses, port });
    const learned = { ...trust, name, level, proven, places };
    const isNew = JSON.stringify(learned) !== JSON.stringify(trust);
    trust = learned;
    if (isNew) options.onTrust(trust);
    options.onLevel(level);
  }

  async function hold(reached: Extract<Reached, { readonly kind: 'welcome' }>): Promise<SessionEnd> {
    const { link, place, meeting } = reached;
    const sinceMs = machine.monotonicMs();
    learn(meeting.welcome, place);
    onNews({
      kind: 'online',
      address: coordinatorText(trust),
      awayMs: awaySinceMs === null ? null : sinceMs - awaySinceMs,
    });
    current = startSession({ ...options.session, link, handOver: meeting.handOver });
    const end = await current.ended;
    current = null;
    const nowMs = machine.monotonicMs();
    awaySinceMs = nowMs;
    if (nowMs - sinceMs >= GOOD_LINK_MS) backOff.reset();
    return end;
  }

  /** The refusal that ends it for good, or null: it was closed from here. */
  async function run(): Promise<Refusal | null> {
    let reached: Reached | null = options.first;
    while (!closed.signal.aborted) {
      reached ??= await reach();
      if (closed.signal.aborted && reached.kind === 'welcome') reached.link.dispose();
      if (closed.signal.aborted) break;
      const end = reached.kind === 'welcome' ? await hold(reached) : reached;
      if (closed.signal.aborted) break;
      const wasOnline = reached.kind === 'welcome';
      reached = null;
      const reason = reasonOf(end);
      log.warn(wasOnline ? 'The link ended.' : 'The coordinator was not reached.', { reason });
      if (end.kind === 'refused' && end.refusal.isFinal) return end.refusal;
      const isClosed = end.kind === 'broken' && end.isClosed;
      onNews(wasOnline ? { kind: 'away', reason, isClosed } : { kind: 'still-away', reason });
      // Who dials keeps to a pace of its own.
      if (arrivals === null) await pause(backOff.nextMs(), undefined, { signal: closed.signal }).catch(() => undefined);
    }
    return null;
  }

  // A link that died unseen must not keep out the coordinator that has come back.
  arrivals?.onReady(() => current?.close());
  return {
    ended: run(),
    close() {
      closed.abort();
      current?.close();
    },
  };
}

function reasonOf(end: SessionEnd | Exclude<Reached, { readonly kind: 'welcome' }>): string {
  switch (end.kind) {
    case 'refused':
      return end.refusal.message;
    case 'failed':
      return end.failure.message;
    case 'broken':
      return end.message;
  }
}
