/** The agent's end: finds the coordinator it trusts, and asks it for a link. */
import type { TLSSocket } from 'node:tls';
import { WebSocket } from 'ws';
import { fail, ok, type Result } from '../../core/result.ts';
import type { Link } from '../../engine/ports.ts';
import { dialPinned } from './dial.ts';
import { linkOverSocket } from './link-over-socket.ts';
import { LINK_PATH, WEB_SOCKET_OPTIONS } from './web-socket.ts';

/** The request names no host: what is known about the other side is its key. */
const LINK_URL = `wss://coordinator${LINK_PATH}`;

export interface ConnectOptions {
  /** IP addresses and host names, best first. */
  readonly addresses: readonly string[];
  readonly port: number;
  /** SHA-256 of the coordinator's public key. */
  readonly fingerprint: Uint8Array;
  /** For all of it: names, TCP, TLS, the request. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/**
 * `not-permitted`: somebody else answers there, with another key; nothing was sent. `timeout`: nobody answered in time.
 * `unavailable`: it cannot be reached, refused the link, or `signal` was aborted.
 */
export async function connectLink(options: ConnectOptions): Promise<Result<Link>> {
  const { addresses, port, fingerprint, timeoutMs } = options;
  const ended = new AbortController();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    ended.abort();
  }, timeoutMs);
  const giveUp = () => ended.abort();
  if (options.signal?.aborted) giveUp();
  options.signal?.addEventListener('abort', giveUp);
  try {
    const socket = await dialPinned({ addresses, port, fingerprint, signal: ended.signal });
    const link = socket.ok ? await askForLink(socket.value, ended.signal) : socket;
    if (link.ok || !isLate) return link;
    return fail('timeout', `The coordinator did not answer within ${timeoutMs / 1_000} s (${addresses.join(', ')}).`);
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', giveUp);
  }
}

/** Over a socket whose other side proved who it is, or is to prove it by its words. */
export function askForLink(tls: TLSSocket, signal: AbortSignal): Promise<Result<Link>> {
  return new Promise((resolve) => {
    const options = { ...WEB_SOCKET_OPTIONS, createConnection: () => tls };
    const socket = new WebSocket(LINK_URL, options);
    const giveUp = (reason: string): void => {
      signal.removeEventListener('abort', aborted);
      socket.terminate();
      resolve(fail('unavailable', `The coordinator was reached, but gave no link (${reason}).`));
    };
    const aborted = () => giveUp('given up');
    signal.addEventListener('abort', aborted);
    socket.on('error', (error) => giveUp(error.message));
    socket.once('open', () => {
      signal.removeEventListener('abort', aborted);
      socket.removeAllListeners('error');
      resolve(ok(linkOverSocket(socket, tls)));
    });
  });
}
