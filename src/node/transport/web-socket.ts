/** What both ends of a link agree on beneath its messages: where it is asked for, and how ws is set up. */
import type { IncomingMessage } from 'node:http';
import { LIMITS } from '../../shared/protocol/contract.ts';

export const LINK_PATH = '/link';
export const AGENT_FILE_PATH = '/agent.mjs';

/** Only browsers say where they come from, and no page has any business here. */
export function isForLink({ url, headers }: IncomingMessage): boolean {
  return url === LINK_PATH && headers.origin === undefined;
}

/** How long what was sent may take to leave once a link is disposed. */
const CLOSE_MS = 1_000;

/**
 * Messages of this many characters and more travel compressed. Below, a tick of 400 bytes would shrink by a third for ten
 * times the processor's time; above, process snapshots shrink to a quarter, and backfills to less than half.
 */
export const COMPRESSED_FROM = 2_048;

export const WEB_SOCKET_OPTIONS = {
  maxPayload: LIMITS.messageBytes,
  // Both ends send each message in one frame and never ping: their pings are messages, counted like all others.
  maxFragments: 16,
  autoPong: false,
  closeTimeout: CLOSE_MS,
  perMessageDeflate: {
    // Without the window of earlier messages: a link at rest keeps no memory for it.
    serverNoContextTakeover: true,
    clientNoContextTakeover: true,
    threshold: 0,
    // Level 6 would save another tenth of a backfill, for twice the time.
    zlibDeflateOptions: { level: 1 },
  },
};
