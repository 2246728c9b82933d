/** Links that the coordinator dials: real sockets, TLS the other way round, and strangers on either side. */
import { connect, createServer, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Link, LinkListener } from '../../../src/engine/ports.ts';
import { type DialLinkOptions, dialLink } from '../../../src/node/transport/dialling.ts';
import type { Identity } from '../../../src/node/transport/identity.ts';
import { WAITING_LIMITS, type WaitOptions, waitForLinks } from '../../../src/node/transport/waiting.ts';
import { collect, endOf, newIdentity, unwrapped } from './transport.ts';

/** A machine that waits, for whoever holds `pin` (anybody: null), and the links that came about there. */
async function wait(pin: Uint8Array | null, options: Partial<WaitOptions> = {}) {
  const links: Link[] = [];
  const waiting = unwrapped(
    await waitForLinks({
      ...{ address: '127.0.0.1', port: 0, fingerprint: () => pin, onLink: (link) => void links.push(link) },
      ...options,
    }),
  );
  onTestFinished(() => waiting.dispose());
  return { waiting, links };
}

async function dial(identity: Identity, { port }: Pick<LinkListener, 'port'>, part: Partial<DialLinkOptions> = {}) {
  const { signal } = new AbortController();
  const dialled = await dialLink({
    ...{ identity, address: '127.0.0.1', port, connectMs: 5_000, askMs: 5_000, signal },
    ...part,
  });
  if (dialled.ok) onTestFinished(() => dialled.value.link.dispose());
  return dialled;
}

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  await new Promise((resolve) => socket.once('connect', resolve));
  return socket;
}

const isClosed = (socket: Socket) => new Promise((resolve) => socket.once('close', () => resolve(true)));

describe('a link that the coordinator dials', () => {
  test.each(['with its key pinned', 'with nobody pinned yet'])('is a link like any other, %s', async (how) => {
    const identity = await newIdentity();
    const { waiting, links } = await wait(how === 'with its key pinned' ? identity.fingerprint : null);
    const { link, closed } = unwrapped(await dial(identity, waiting));
    await expect.poll(() => links.length).toBe(1);
    const [agent] = links as [Link];
    expect(agent.channelBinding).toEqual(link.channelBinding);
    expect(link.peerAddress).toBe('127.0.0.1');
    const [heardThere, heardHere] = [collect(agent), collect(link)];
    const long = 'x'.repeat(10_000);
    link.send(long);
    agent.send('back');
    await expect.poll(() => [heardThere, heardHere]).toEqual([[long], ['back']]);
    agent.dispose();
    expect(await endOf(link)).toEqual({ kind: 'closed' });
    await closed;
  });

  test('does not come about for whoever holds another key, and not a byte of a request is sent', async () => {
    const pinned = await newIdentity();
    const another = await newIdentity();
    const { waiting, links } = await wait(pinned.fingerprint);
    expect(await dial(another, waiting)).toMatchObject({ ok: false, error: { code: 'not-permitted' } });
    const { privateKeyPem: key, certificatePem: cert } = another;
    const socket = new TLSSocket(await connected(waiting.port), { isServer: true, key, cert });
    let heard = '';
    socket.on('data', (bytes) => {
      heard += bytes;
    });
    socket.on('error', () => undefined);
    await isClosed(socket);
    expect([heard, links]).toEqual(['', []]);
  });

  test('does not come about where nobody listens, nobody answers, or something else does, and says which', async () => {
    const identity = await newIdentity();
    const { waiting } = await wait(identity.fingerprint);
    await waiting.dispose();
    expect(await dial(identity, waiting)).toMatchObject({
      error: { code: 'unavailable', message: 'nothing listens there' },
    });
    for (const greeting of ['', 'SSH-2.0-OpenSSH_9.6\r\n']) {
      const server = createServer((socket) => void socket.on('error', () => undefined).write(greeting));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      onTestFinished(() => void server.close());
      const { port } = server.address() as { readonly port: number };
      expect(await dial(identity, { port }, { askMs: 200 })).toMatchObject({
        error: { code: 'not-permitted', message: 'it does not speak as a worker that waits' },
      });
    }
  });

  test('is given up when its maker is told to', async () => {
    const server = createServer((socket) => void socket.on('error', () => undefined));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const given = new AbortController();
    const dialled = dial(await newIdentity(), server.address() as { port: number }, { signal: given.signal });
    setImmediate(() => given.abort());
    expect(await dialled).toMatchObject({ ok: false, error: { message: 'given up' } });
  });
});

describe('a machine that waits', () => {
  test('gives no stranger more time than it has, and no more room', async () => {
    const { waiting } = await wait(null, {
      limits: { ...WAITING_LIMITS, strangersPerAddress: 2, requestMs: 1_000 },
    });
    const strangers: Socket[] = [];
    for (let count = 0; count < 3; count += 1) strangers.push((await connected(waiting.port)).resume());
    const isGone = () => strangers.map(({ closed }) => closed);
    await expect.poll(isGone).toEqual([false, false, true]);
    await expect.poll(isGone).toEqual([true, true, true]);
  });

  test('says what to do where it cannot listen', async () => {
    const { waiting } = await wait(null);
    const listen = (address: string, port: number) =>
      waitForLinks({ address, port, fingerprint: () => null, onLink: () => undefined });
    expect(await listen('127.0.0.1', waiting.port)).toMatchObject({
      error: { code: 'unavailable', message: expect.stringContaining('--port') },
    });
    expect(await listen('192.0.2.1', 0)).toMatchObject({
      error: { code: 'invalid-argument', message: expect.stringContaining('--address') },
    });
  });
});
