/** A listener, links and raw connections for tests: real sockets on loopback, gone when the test is. */
import { connect, type TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';
import type { Result } from '../../../src/core/result.ts';
import type { Link, LinkEnd, LinkListener } from '../../../src/engine/ports.ts';
import { connectLink } from '../../../src/node/transport/client.ts';
import { type Identity, openIdentity } from '../../../src/node/transport/identity.ts';
import { LISTENER_LIMITS, type ListenerLimits, listenForLinks } from '../../../src/node/transport/server.ts';
import { tempFolder } from '../../support/temp-folder.ts';

export function unwrapped<Value>(result: Result<Value>): Value {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return result.value;
}

export async function newIdentity(): Promise<Identity> {
  return unwrapped(await openIdentity(tempFolder()));
}

export interface RunningListener {
  readonly listener: LinkListener;
  readonly identity: Identity;
  /** The links that came in, in order; waits for the next one that was not asked for yet. */
  nextLink(): Promise<Link>;
  readonly linkCount: () => number;
}

export async function startListener(
  options: {
    readonly identity?: Identity;
    readonly address?: string;
    readonly limits?: Partial<ListenerLimits>;
    readonly agentFile?: () => Promise<Uint8Array>;
  } = {},
): Promise<RunningListener> {
  const identity = options.identity ?? (await newIdentity());
  const links: Link[] = [];
  const waiting: ((link: Link) => void)[] = [];
  let count = 0;
  const listener = unwrapped(
    await listenForLinks({
      identity,
      address: options.address ?? '127.0.0.1',
      port: 0,
      agentFile: options.agentFile ?? (async () => new TextEncoder().encode('// agent\n')),
      onLink: (link) => {
        count += 1;
        const next = waiting.shift();
        if (next === undefined) links.push(link);
        else next(link);
      },
      limits: { ...LISTENER_LIMITS, ...options.limits },
    }),
  );
  onTestFinished(() => listener.dispose());
  return {
    listener,
    identity,
    linkCount: () => count,
    nextLink: () => {
      const link = links.shift();
      return link === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(link);
    },
  };
}

export async function dial(running: RunningListener): Promise<Link> {
  const { listener, identity } = running;
  const options = {
    addresses: ['127.0.0.1'],
    port: listener.port,
    fingerprint: identity.fingerprint,
    timeoutMs: 30_000,
  };
  const link = unwrapped(await connectLink(options));
  onTestFinished(() => link.dispose());
  return link;
}

/** Both ends of one link. */
export async function linkPair(): Promise<{ readonly agent: Link; readonly coordinator: Link }> {
  const running = await startListener();
  return { agent: await dial(running), coordinator: await running.nextLink() };
}

/** The messages of a link as they come. */
export function collect(link: Link): readonly string[] {
  const messages: string[] = [];
  link.onMessage((text) => messages.push(text));
  return messages;
}

export function endOf(link: Link): Promise<LinkEnd> {
  return new Promise((resolve) => link.onEnd(resolve));
}

/** TLS and nothing above it: for what no honest agent does. */
export function rawTls(port: number): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
    socket.once('secureConnect', () => resolve(socket));
    socket.on('error', reject);
    onTestFinished(() => void socket.destroy());
  });
}

export const UPGRADE_HEADERS = [
  'Host: x',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
];

/** A TLS socket whose request for a link was granted; what it writes from now on are frames. */
export async function rawLink(port: number, extraHeaders: readonly string[] = []): Promise<TLSSocket> {
  const socket = await rawTls(port);
  const answered = textUntil(socket, '\r\n\r\n');
  socket.write(`${['GET /link HTTP/1.1', ...UPGRADE_HEADERS, ...extraHeaders].join('\r\n')}\r\n\r\n`);
  const answer = await answered;
  if (!answer.startsWith('HTTP/1.1 101')) throw new Error(answer);
  return socket;
}

function textUntil(socket: TLSSocket, mark: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const read = (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (!text.includes(mark)) return;
      socket.off('data', read);
      resolve(text);
    };
    socket.on('data', read);
    socket.once('close', () => reject(new Error(`closed after: ${text}`)));
  });
}

/** Everything the other side says until it closes. */
export function textUntilClose(socket: TLSSocket): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
    });
    socket.removeAllListeners('error');
    socket.on('error', () => undefined);
    socket.once('close', () => resolve(text));
  });
}

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** A frame as a client sends it, masked with zeros (RFC 6455, 5.2). */
export function frame(opcode: number, payload: Uint8Array | string, { isLast = true, reserved = 0 } = {}): Buffer {
  const bytes = Buffer.from(payload as Uint8Array);
  return Buffer.concat([frameHead(opcode, bytes.length, { isLast, reserved }), bytes]);
}

/** Only the beginning of a frame, which announces `length` bytes. */
export function frameHead(opcode: number, length: number, { isLast = true, reserved = 0 } = {}): Buffer {
  const first = (isLast ? 0x80 : 0) | (reserved << 4) | opcode;
  const mask = [0, 0, 0, 0];
  if (length < 126) return Buffer.from([first, 0x80 | length, ...mask]);
  if (length < 65_536) return Buffer.from([first, 0x80 | 126, length >> 8, length & 0xff, ...mask]);
  const head = Buffer.alloc(14);
  head.set([first, 0x80 | 127]);
  head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}
