/**
 * Where agents come in: one TLS port that serves the agent's file and turns `/link` into links.
 *
 * Whoever asks for anything else learns nothing, not even what answers here. Links to agents that wait to be dialled are
 * `dialling.ts`.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { WebSocketServer } from 'ws';
import { fail, ok, type Result } from '../../core/result.ts';
import type { Link, LinkListener } from '../../engine/ports.ts';
import { createSeats, type SeatLimits } from './connection-seats.ts';
import type { Identity } from './identity.ts';
import { linkOverSocket } from './link-over-socket.ts';
import { sendInPieces } from './send-in-pieces.ts';
import { startListening } from './tcp-listening.ts';
import { AGENT_FILE_PATH, isForLink, WEB_SOCKET_OPTIONS } from './web-socket.ts';

const HEADER_BYTES = 8 * 1024;
const HEADERS = 32;
const NOT_FOUND = 'HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';

export interface ListenerLimits extends SeatLimits {
  /** For fetching the agent's file. */
  readonly downloadMs: number;
}

export const LISTENER_LIMITS: ListenerLimits = {
  connections: 2_048,
  // A whole lab may stand behind one address, and come back at the same moment.
  connectionsPerAddress: 1_024,
  strangersPerAddress: 256,
  requestMs: 10_000,
  downloadMs: 5 * 60_000,
};

export interface ListenOptions {
  readonly identity: Identity;
  /** An IP address of this machine, `0.0.0.0` or `::`. */
  readonly address: string;
  /** 0: any free one. */
  readonly port: number;
  /** The agent as one self-contained file; asked for at each request. */
  readonly agentFile: () => Promise<Uint8Array>;
  readonly onLink: (link: Link) => void;
  readonly limits?: ListenerLimits;
}

/**
 * Listens until disposed; the links that came in end with it. Fails with a sentence where the port is taken
 * (`unavailable`), the address is not this machine's (`invalid-argument`), or the port is not for this user
 * (`not-permitted`).
 */
export function listenForLinks(options: ListenOptions): Promise<Result<LinkListener>> {
  const { identity, address, port, agentFile, onLink, limits = LISTENER_LIMITS } = options;
  const seats = createSeats(limits);
  const links = new Set<Link>();
  const sockets = new WebSocketServer({ ...WEB_SOCKET_OPTIONS, noServer: true, clientTracking: false });
  const tls = createTlsServer({
    key: identity.privateKeyPem,
    cert: identity.certificatePem,
    minVersion: 'TLSv1.3',
    maxHeaderSize: HEADER_BYTES,
  });
  tls.maxHeadersCount = HEADERS;

  const serve = (socket: Socket): void => {
    socket.on('error', () => socket.destroy());
    if (seats.take(socket)) tls.emit('connection', socket);
    else socket.destroy();
  };
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on('error', () => socket.destroy());
    if (!isForLink(request)) {
      refuse(socket);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      seats.becomeLink(request.socket);
      const link = linkOverSocket(webSocket, socket as TLSSocket);
      links.add(link);
      webSocket.once('close', () => links.delete(link));
      onLink(link);
    });
  };
  sockets.on('wsClientError', (_error, socket) => refuse(socket));
  tls.on('upgrade', upgrade);
  // What is no request gets no answer; without a listener Node would explain itself.
  tls.on('clientError', (_error, socket) => socket.destroy());
  tls.on('request', (request, response) => {
    response.sendDate = false;
    const isForAgentFile = request.method === 'GET' && request.url === AGENT_FILE_PATH;
    if (isForAgentFile && seats.allow(request.socket, limits.downloadMs)) void sendAgentFile(agentFile, response);
    else answer(response, 404);
  });

  const front = createServer({ noDelay: true }, serve);
  const close = () =>
    new Promise<void>((resolve) => {
      front.close(() => resolve());
      seats.clear();
      for (const link of links) link.dispose();
    });
  return startListening(front, { address, port }, listenFailure).then((failure) => {
    if (failure !== null) return failure;
    let closed: Promise<void> | null = null;
    return ok({
      address: (front.address() as AddressInfo).address,
      port: (front.address() as AddressInfo).port,
      dispose: () => {
        closed ??= close();
        return closed;
      },
    });
  });
}

function refuse(socket: Duplex): void {
  socket.end(NOT_FOUND, () => socket.destroy());
}

function answer(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'Content-Length': 0, Connection: 'close' });
  response.end();
}

/** 503 where the file cannot be had: a checkout that was never built. */
async function sendAgentFile(agentFile: ListenOptions['agentFile'], response: ServerResponse): Promise<void> {
  let file: Uint8Array;
  try {
    file = await agentFile();
  } catch {
    answer(response, 503);
    return;
  }
  response.writeHead(200, {
    'Content-Type': 'text/javascript; charset=utf-8',
    'Content-Length': file.length,
    'Cache-Control': 'no-store',
    Connection: 'close',
  });
  await sendInPieces(file, response);
}

function listenFailure(error: NodeJS.ErrnoException, address: string, port: number) {
  switch (error.code) {
    case 'EADDRINUSE':
      return fail(
        'unavailable',
        `Another program listens on port ${port} of ${address}. End it, or choose another port in Settings or with \`labwatch settings set listener.port ${port === 65_535 ? 7461 : port + 1}\`.`,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return fail(
        'invalid-argument',
        `This machine does not have the address ${address} (any more). Choose another in Settings or with \`labwatch settings set listener.address 0.0.0.0\` (all).`,
      );
    case 'EACCES':
    case 'EPERM':
      return fail(
        'not-permitted',
        `This user may not listen on port ${port}. Choose one above 1023 in Settings or with \`labwatch settings set listener.port 7461\`.`,
      );
    default:
      return fail('unavailable', `Cannot listen on port ${port} of ${address}: ${error.message}.`);
  }
}
