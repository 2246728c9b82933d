import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connectLink } from '../../../src/node/transport/client.ts';
import { openIdentity } from '../../../src/node/transport/identity.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { newIdentity, startListener, unwrapped } from './transport.ts';

const pin = new Uint8Array(32).fill(1);

/** A TCP server on its own loopback address, so that several may have the same port. */
async function serve(address: string, port: number, onSocket: (socket: Socket) => void): Promise<number> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    onSocket(socket);
  });
  server.listen(port, address);
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

/** A TLS server with a key of its own. */
async function serveTls(address: string, port: number, onSocket: (socket: Socket) => void) {
  const identity = await newIdentity();
  const server = createTlsServer({ key: identity.privateKeyPem, cert: identity.certificatePem }, (socket) => {
    socket.on('error', () => undefined);
    onSocket(socket);
  });
  server.listen(port, address);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { identity, port: (server.address() as AddressInfo).port };
}

/** Sits between, passes on what it gets, and keeps what came from the dialling side. */
async function eavesdrop(toPort: number) {
  const heard: Buffer[] = [];
  let tellEnd: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    tellEnd = resolve;
  });
  const port = await serve('127.0.0.1', 0, (socket) => {
    const onward = connect(toPort, '127.0.0.1');
    onward.on('error', () => undefined);
    socket.on('data', (chunk) => heard.push(chunk));
    socket.pipe(onward).pipe(socket);
    socket.on('close', tellEnd);
  });
  return { port, ended, encryptedRecords: () => encryptedRecordsIn(Buffer.concat(heard)) };
}

/** The lengths of the encrypted records (RFC 8446, 5.1): the first ends the handshake, each further one is data. */
function encryptedRecordsIn(bytes: Buffer): readonly number[] {
  const lengths: number[] = [];
  for (let at = 0; at + 5 <= bytes.length; at += 5 + bytes.readUInt16BE(at + 3)) {
    if (bytes[at] === 23) lengths.push(bytes.readUInt16BE(at + 3));
  }
  return lengths;
}

describe('dialling the coordinator', () => {
  test('a swapped certificate is a failure of its own, and not one byte left before it was noticed', async () => {
    const { identity, port: impostor } = await serveTls('127.0.0.1', 0, (socket) => socket.resume());
    const { fingerprint } = await newIdentity();
    const between = await eavesdrop(impostor);
    const options = { addresses: ['127.0.0.1'], timeoutMs: 20_000 };
    expect(await connectLink({ ...options, port: between.port, fingerprint })).toMatchObject({
      ok: false,
      error: { code: 'not-permitted', message: expect.stringMatching(/not the coordinator.*nothing was sent/) },
    });
    await between.ended;
    expect(between.encryptedRecords().length).toBeLessThan(2);
    // The eavesdropper would have noticed: towards the key that is pinned, the request is the second record.
    const trusted = await eavesdrop(impostor);
    const enough = new AbortController();
    const { signal } = enough;
    const asking = connectLink({ ...options, port: trusted.port, fingerprint: identity.fingerprint, signal });
    await expect.poll(() => trusted.encryptedRecords().length).toBeGreaterThan(1);
    enough.abort();
    await asking;
  });

  test('a certificate that was made again around the same key is trusted', async () => {
    const folder = tempFolder();
    const { fingerprint } = unwrapped(await openIdentity(folder));
    rmSync(join(folder, 'coordinator-cert.pem'));
    const { listener } = await startListener({ identity: unwrapped(await openIdentity(folder)) });
    const options = { addresses: ['127.0.0.1'], port: listener.port, fingerprint, timeoutMs: 20_000 };
    const link = unwrapped(await connectLink(options));
    onTestFinished(() => link.dispose());
  });

  test('an address that now is somebody else’s does not keep from the right one', async () => {
    const { listener, identity } = await startListener();
    await serveTls('127.0.0.2', listener.port, (socket) => socket.resume());
    const { port } = listener;
    const addresses = ['127.0.0.2', '127.0.0.1'];
    const link = unwrapped(
      await connectLink({ addresses, port, fingerprint: identity.fingerprint, timeoutMs: 20_000 }),
    );
    onTestFinished(() => link.dispose());
    expect(link.peerAddress).toBe('127.0.0.1');
  });

  test('addresses that answer nothing do not keep from the one that does, and are left', async () => {
    const running = await startListener();
    const { port } = running.listener;
    const left: Promise<unknown>[] = [];
    const silent = (socket: Socket) => {
      socket.resume();
      left.push(once(socket, 'close'));
    };
    await serve('127.0.0.2', port, silent);
    await serve('127.0.0.3', port, silent);
    const addresses = ['127.0.0.2', 'no-such-name.invalid', '127.0.0.3', '127.0.0.1'];
    const { fingerprint } = running.identity;
    const link = unwrapped(await connectLink({ addresses, port, fingerprint, timeoutMs: 60_000 }));
    onTestFinished(() => link.dispose());
    expect(link.peerAddress).toBe('127.0.0.1');
    expect(left).toHaveLength(2);
    await Promise.all(left);
  });

  test('where nothing listens, each address and its reason are named', async () => {
    const port = await new Promise<number>((resolve) => {
      const server = createServer().listen(0, '127.0.0.1', () => {
        const free = (server.address() as AddressInfo).port;
        server.close(() => resolve(free));
      });
    });
    const addresses = ['127.0.0.1', 'no-such-name.invalid'];
    expect(await connectLink({ addresses, port, fingerprint: pin, timeoutMs: 60_000 })).toEqual({
      ok: false,
      error: {
        code: 'unavailable',
        message: `The coordinator cannot be reached (127.0.0.1:${port}: nothing listens there; no-such-name.invalid:${port}: no such name is known here).`,
      },
    });
    expect(await connectLink({ addresses: [], port, fingerprint: pin, timeoutMs: 1_000 })).toMatchObject({
      ok: false,
      error: { code: 'invalid-argument' },
    });
  });

  test.each([
    ['hangs up', (socket: Socket) => socket.destroy()],
    ['speaks no TLS', (socket: Socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n')],
  ])('what %s is no coordinator', async (_, behave) => {
    const port = await serve('127.0.0.1', 0, behave);
    expect(await connectLink({ addresses: ['127.0.0.1'], port, fingerprint: pin, timeoutMs: 20_000 })).toMatchObject({
      ok: false,
      error: {
        code: 'unavailable',
        message: expect.stringMatching(/cannot be reached \(127\.0\.0\.1:\d+: (it ended|no TLS)/),
      },
    });
  });

  test('the right key without a link there is said as that', async () => {
    const { identity, port } = await serveTls('127.0.0.1', 0, (socket) =>
      socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'),
    );
    const options = { addresses: ['127.0.0.1'], port, fingerprint: identity.fingerprint, timeoutMs: 20_000 };
    expect(await connectLink(options)).toMatchObject({
      ok: false,
      error: { code: 'unavailable', message: expect.stringMatching(/gave no link \(.*404/) },
    });
  });

  test.each(['before TLS', 'after TLS'])('silence %s ends at the time limit, and nothing stays open', async (when) => {
    let closed: Promise<unknown> = Promise.resolve();
    const silent = (socket: Socket) => {
      socket.resume();
      closed = once(socket, 'close');
    };
    const tls = await serveTls('127.0.0.1', 0, silent);
    const port = when === 'after TLS' ? tls.port : await serve('127.0.0.1', 0, silent);
    const options = { addresses: ['127.0.0.1'], port, fingerprint: tls.identity.fingerprint, timeoutMs: 400 };
    expect(await connectLink(options)).toMatchObject({
      ok: false,
      error: { code: 'timeout', message: expect.stringContaining('0.4 s (127.0.0.1)') },
    });
    await closed;
  });

  test('it is given up when it is no longer wanted, before and while', async () => {
    let arrived: () => void = () => undefined;
    const hasArrived = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const port = await serve('127.0.0.1', 0, () => arrived());
    const options = { addresses: ['127.0.0.1'], port, fingerprint: pin, timeoutMs: 60_000 };
    const failed = { ok: false, error: { code: 'unavailable' } };
    expect(await connectLink({ ...options, signal: AbortSignal.abort() })).toMatchObject(failed);
    const controller = new AbortController();
    const connecting = connectLink({ ...options, signal: controller.signal });
    await hasArrived;
    controller.abort();
    expect(await connecting).toMatchObject(failed);
  });
});
