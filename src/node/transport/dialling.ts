/**
 * The coordinator's end of a link that it dials itself: TCP leads out, and everything above it is as if the agent had
 * come in. So this side is the TLS server still, and the agent asks for the link.
 */
import { createServer, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { WebSocketServer } from 'ws';
import { fail, ok, type Result } from '../../core/result.ts';
import type { Link } from '../../engine/ports.ts';
import { reasonOf } from './dial.ts';
import type { Identity } from './identity.ts';
import { linkOverSocket } from './link-over-socket.ts';
import { isForLink, WEB_SOCKET_OPTIONS } from './web-socket.ts';

export interface DialLinkOptions {
  readonly identity: Pick<Identity, 'privateKeyPem' | 'certificatePem'>;
  /** An IP address or a host name. */
  readonly address: string;
  readonly port: number;
  /** Until the connection is there. */
  readonly connectMs: number;
  /** From then until the machine there asks for a link. */
  readonly askMs: number;
  readonly signal: AbortSignal;
}

export interface DialledLink {
  readonly link: Link;
  /** Resolves when the connection is gone. */
  readonly closed: Promise<void>;
}

/**
 * `unavailable` where nobody is reached; `not-permitted` where somebody is and does not want a link with whoever holds
 * this identity. The message is the reason in a few words: `no answer`.
 */
export async function dialLink(options: DialLinkOptions): Promise<Result<DialledLink>> {
  const connected = await connectSocket(options);
  if (!connected.ok) return connected;
  const socket = connected.value;
  const closed = new Promise<void>((resolve) => void socket.once('close', () => resolve()));
  const link = await awaitRequest(socket, options);
  if (!link.ok) socket.destroy();
  return link.ok ? ok({ link: link.value, closed }) : link;
}

function connectSocket({ address, port, connectMs, signal }: DialLinkOptions): Promise<Result<Socket>> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, noDelay: true });
    const timer = setTimeout(() => giveUp('no answer'), connectMs);
    const giveUp = (reason: string): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      socket.destroy();
      resolve(fail('unavailable', reason));
    };
    const abort = () => giveUp('given up');
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort);
    // Stays: a socket between two owners must not bring the process down.
    socket.on('error', (error) => giveUp(reasonOf(error)));
    socket.once('connect', () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      resolve(ok(socket));
    });
  });
}

/** The machine there compares this side's key before it asks for anything. */
function awaitRequest(socket: Socket, { identity, askMs, signal }: DialLinkOptions): Promise<Result<Link>> {
  const tls = new TLSSocket(socket, {
    isServer: true,
    key: identity.privateKeyPem,
    cert: identity.certificatePem,
    minVersion: 'TLSv1.3',
  });
  const http = createServer();
  const sockets = new WebSocketServer({ ...WEB_SOCKET_OPTIONS, noServer: true, clientTracking: false });
  return new Promise((resolve) => {
    const timer = setTimeout(() => giveUp('it does not speak as a worker that waits'), askMs);
    const settle = (result: Result<Link>): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      resolve(result);
    };
    const giveUp = (reason: string): void => {
      settle(fail('not-permitted', reason));
      tls.destroy();
    };
    const abort = () => giveUp('given up');
    signal.addEventListener('abort', abort);
    tls.on('error', () => giveUp('it does not speak as a worker that waits'));
    tls.once('close', () => giveUp('it ended the connection'));
    http.on('clientError', () => giveUp('it does not speak as a worker that waits'));
    http.on('request', () => giveUp('it does not speak as a worker that waits'));
    http.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
      if (!isForLink(request)) return giveUp('it does not speak as a worker that waits');
      sockets.handleUpgrade(request, stream, head, (webSocket) => settle(ok(linkOverSocket(webSocket, tls))));
    });
    http.emit('connection', tls);
  });
}
