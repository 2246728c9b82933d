/** Finds the coordinator and meets it: every place where it may be, in order, until one of them welcomes this worker. */
import { type Failure, fail } from '../core/result.ts';
import { type AgentMeetingOptions, type CoordinatorMeeting, meetCoordinator } from '../engine/agent-handshake.ts';
import type { Link } from '../engine/ports.ts';
import type { Place } from '../node/agent-home/trust.ts';
import { systemTimers } from '../node/system-timers.ts';
import { connectLink } from '../node/transport/client.ts';
import { nodeCryptography } from '../node/transport/cryptography.ts';
import type { Refusal } from '../shared/protocol/contract.ts';

/** For one place, all its addresses together. */
const CONNECT_LIMIT_MS = 6_000;

export interface ReachOptions {
  /** Best first. */
  readonly places: readonly Place[];
  /** Who this worker is, and whom it wants to meet. */
  readonly meeting: Omit<AgentMeetingOptions, 'link' | 'cryptography' | 'timers'> & {
    readonly fingerprint: Uint8Array;
  };
  readonly signal: AbortSignal;
}

export type Reached =
  | {
      readonly kind: 'welcome';
      readonly link: Link;
      readonly place: Place;
      readonly meeting: Extract<CoordinatorMeeting, { readonly kind: 'welcome' }>;
    }
  | Exclude<CoordinatorMeeting, { readonly kind: 'welcome' }>;

/** The coordinator does not know this worker any more. */
export function isForgotten({ code }: Refusal): boolean {
  return code === 'removed' || code === 'unknown-worker';
}

export async function reachCoordinator({ places, meeting, signal }: ReachOptions): Promise<Reached> {
  let failure = fail('unavailable', 'There is no address to look for the coordinator at.').error as Failure;
  for (const { addresses, port } of places) {
    if (signal.aborted) break;
    const { fingerprint } = meeting;
    const link = await connectLink({ addresses, port, fingerprint, timeoutMs: CONNECT_LIMIT_MS, signal });
    if (!link.ok) {
      // That somebody else answers at one address says more than that nobody does at another.
      if (failure.code !== 'not-permitted') failure = link.error;
      continue;
    }
    const giveUp = () => link.value.dispose();
    signal.addEventListener('abort', giveUp);
    const met = await meetCoordinator({
      ...meeting,
      link: link.value,
      cryptography: nodeCryptography,
      timers: systemTimers,
    });
    signal.removeEventListener('abort', giveUp);
    const place = { addresses: [link.value.peerAddress], port };
    if (met.kind === 'welcome') return { kind: 'welcome', link: link.value, place, meeting: met };
    if (met.kind === 'refused') return met;
    failure = met.failure;
  }
  return { kind: 'failed', failure };
}
