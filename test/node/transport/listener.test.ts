import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { connect, createServer } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { listenForLinks } from '../../../src/node/transport/server.ts';
import {
  collect,
  dial,
  endOf,
  newIdentity,
  rawLink,
  rawTls,
  startListener,
  textUntilClose,
  UPGRADE_HEADERS,
  unwrapped,
} from './transport.ts';

const curl = (...args: readonly string[]) =>
  promisify(execFile)('curl', ['-fsSk', ...args], { encoding: 'buffer', maxBuffer: 64 * 1024 * 1024 });
const pin = (fingerprint: Uint8Array) => `sha256//${Buffer.from(fingerprint).toString('base64')}`;

/** What the server says to a request, until it closes. */
async function answerTo(port: number, request: string): Promise<string> {
  const socket = await rawTls(port);
  const answer = textUntilClose(socket);
  socket.write(request);
  return answer;
}

describe('the agent’s file', () => {
  test('comes to a curl that pins the right key, and not to one that pins another', async () => {
    const file = randomBytes(3_000_000);
    const { listener, identity } = await startListener({ agentFile: async () => file });
    const url = `https://127.0.0.1:${listener.port}/agent.mjs`;
    const { stdout } = await curl('--pinnedpubkey', pin(identity.fingerprint), url);
    expect(stdout.equals(file)).toBe(true);
    const { fingerprint: another } = await newIdentity();
    await expect(curl('--pinnedpubkey', pin(another), url)).rejects.toMatchObject({ code: 90 });
  });

  test('that cannot be had is an error for curl, and nothing is told of why', async () => {
    const { listener } = await startListener({ agentFile: () => Promise.reject(new Error('no /secret/path')) });
    const answer = await answerTo(listener.port, 'GET /agent.mjs HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 503 /);
    expect(answer).not.toContain('secret');
  });

  test('is given once a connection, whatever is asked in one breath', async () => {
    let asked = 0;
    const agentFile = async () => {
      asked += 1;
      return randomBytes(1_000);
    };
    const { listener } = await startListener({ agentFile });
    await answerTo(listener.port, 'GET /agent.mjs HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(500));
    expect(asked).toBe(1);
  });
});

describe('anything else', () => {
  const silent =
    /^HTTP\/1\.1 404 Not Found\r\n(?:(?:Connection: close|Content-Length: 0|Keep-Alive: [^\r]*)\r\n)+\r\n$/i;

  test.each([
    ['another path', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['another method', 'POST /agent.mjs HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n'],
    ['a path with a question', 'GET /agent.mjs?x HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a link without an upgrade', 'GET /link HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['an upgrade elsewhere', `GET /other HTTP/1.1\r\n${UPGRADE_HEADERS.join('\r\n')}\r\n\r\n`],
    [
      'an upgrade from a web page',
      `GET /link HTTP/1.1\r\nOrigin: https://a.example\r\n${UPGRADE_HEADERS.join('\r\n')}\r\n\r\n`,
    ],
    ['an upgrade to something else', 'GET /link HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n'],
    ['an upgrade without a key', `GET /link HTTP/1.1\r\n${UPGRADE_HEADERS.slice(0, -1).join('\r\n')}\r\n\r\n`],
  ])('%s is answered 404 without a word', async (_, request) => {
    const running = await startListener();
    expect(await answerTo(running.listener.port, request)).toMatch(silent);
    expect(running.linkCount()).toBe(0);
  });

  test.each([
    ['no HTTP at all', 'hello\r\n\r\n'],
    ['headers without end', `GET /link HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`],
  ])('%s is answered with nothing', async (_, request) => {
    const { listener } = await startListener();
    expect(await answerTo(listener.port, request)).toBe('');
  });

  test('TLS 1.2 is refused', async () => {
    const { listener } = await startListener();
    const socket = connectTls({
      port: listener.port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      maxVersion: 'TLSv1.2',
    });
    const outcome = new Promise((resolve) => {
      socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code));
      socket.once('secureConnect', () => resolve(socket.getProtocol()));
    });
    expect(await outcome).toMatch(/PROTOCOL_VERSION|ECONNRESET/);
  });
});

describe('connections that want nothing', () => {
  test('are ended at the deadline: silent ones, TLS without a request, and one that drips', async () => {
    const { listener } = await startListener({ limits: { requestMs: 1_000 } });
    const silent = connect(listener.port, '127.0.0.1');
    onTestFinished(() => void silent.destroy());
    const withoutTls = new Promise((resolve) => silent.once('close', resolve));
    const withoutRequest = textUntilClose(await rawTls(listener.port));
    const dripping = await rawTls(listener.port);
    const dripped = textUntilClose(dripping);
    dripping.write('GET /agent.mjs HTTP/1.1\r\n');
    const drip = setInterval(() => dripping.write('X: y\r\n'), 20);
    onTestFinished(() => clearInterval(drip));
    await withoutTls;
    expect(await Promise.all([withoutRequest, dripped])).toEqual(['', '']);
  });

  test('do not end a link at the deadline', async () => {
    const running = await startListener({ limits: { requestMs: 1_000 } });
    const agent = await dial(running);
    const messages = collect(await running.nextLink());
    // Another connection, opened later, has met its deadline.
    await textUntilClose(await rawTls(running.listener.port));
    agent.send('still here');
    await expect.poll(() => messages).toEqual(['still here']);
  });

  test('that fetch the file and do not read it are ended too', async () => {
    const { listener } = await startListener({
      agentFile: async () => randomBytes(50_000_000),
      limits: { downloadMs: 300 },
    });
    const socket = await rawTls(listener.port);
    socket.write('GET /agent.mjs HTTP/1.1\r\nHost: x\r\n\r\n');
    socket.pause();
    socket.removeAllListeners('error');
    const broken = new Promise((resolve) => socket.once('error', resolve).once('close', resolve));
    // A closed peer is noticed by writing while nothing is read.
    const probe = setInterval(() => socket.write('x'), 20);
    onTestFinished(() => clearInterval(probe));
    await broken;
  });

  test('are so many from one address and no more, and links do not count among them', async () => {
    const running = await startListener({ limits: { strangersPerAddress: 2 } });
    const { port } = running.listener;
    await dial(running);
    await dial(running);
    const strangers = [await rawTls(port), await rawTls(port)];
    await expect(rawTls(port)).rejects.toMatchObject({ code: 'ECONNRESET' });
    strangers[0]?.destroy();
    // The seat is free once the server has noticed.
    await expect
      .poll(() =>
        rawTls(port).then(
          () => 'seated',
          () => 'refused',
        ),
      )
      .toBe('seated');
  });

  test('are refused while all seats of an address are taken by links', async () => {
    const running = await startListener({ limits: { connectionsPerAddress: 2 } });
    const first = await dial(running);
    (await running.nextLink()).onMessage(() => undefined);
    await dial(running);
    await expect(rawTls(running.listener.port)).rejects.toMatchObject({ code: 'ECONNRESET' });
    first.dispose();
    await expect
      .poll(() =>
        rawTls(running.listener.port).then(
          () => 'seated',
          () => 'refused',
        ),
      )
      .toBe('seated');
  });
});

describe('a listener', () => {
  test('says where it listens', async () => {
    const { listener } = await startListener();
    expect(listener.address).toBe('127.0.0.1');
    expect(listener.port).toBeGreaterThan(0);
  });

  test('gives a whole lab its links that comes back from one address at the same moment', async () => {
    const running = await startListener();
    const agents = await Promise.all(Array.from({ length: 100 }, () => dial(running)));
    const bindings = new Set(agents.map(({ channelBinding }) => Buffer.from(channelBinding).toString('hex')));
    expect(bindings.size).toBe(100);
    await expect.poll(() => running.linkCount()).toBe(100);
  });

  test('fails with a sentence and the next step where the port is taken or the address is not here', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await new Promise((resolve) => other.once('listening', resolve));
    const port = (other.address() as { readonly port: number }).port;
    const options = {
      identity: await newIdentity(),
      agentFile: async () => new Uint8Array(0),
      onLink: () => undefined,
    };
    expect(await listenForLinks({ ...options, address: '127.0.0.1', port })).toMatchObject({
      ok: false,
      error: { code: 'unavailable', message: expect.stringMatching(/Another program.*settings set listener\.port/) },
    });
    // TEST-NET-1, which no machine has (RFC 5737).
    expect(await listenForLinks({ ...options, address: '192.0.2.1', port: 0 })).toMatchObject({
      ok: false,
      error: { code: 'invalid-argument', message: expect.stringContaining('192.0.2.1') },
    });
  });

  test('that is disposed ends its links in peace and everybody else, and frees its port', async () => {
    const running = await startListener();
    const { port } = running.listener;
    const agent = await dial(running);
    agent.onMessage(() => undefined);
    const stranger = textUntilClose(await rawTls(port));
    const coordinator = await running.nextLink();
    const ends = [endOf(agent), endOf(coordinator)];
    await running.listener.dispose();
    expect(await Promise.all(ends)).toEqual([{ kind: 'closed' }, { kind: 'closed' }]);
    expect(await stranger).toBe('');
    const next = await listenForLinks({
      identity: running.identity,
      address: '127.0.0.1',
      port,
      agentFile: async () => new Uint8Array(0),
      onLink: () => undefined,
    });
    await unwrapped(next).dispose();
  });

  test('that is disposed does not wait for a link that answers nothing longer than a second', async () => {
    const running = await startListener();
    const socket = await rawLink(running.listener.port);
    socket.pause();
    const link = await running.nextLink();
    link.onMessage(() => undefined);
    await running.listener.dispose();
    expect(await endOf(link)).toEqual({ kind: 'closed' });
  });
});
