import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fail, ok, type Result } from '../../src/core/result.ts';
import type { Disposable } from '../../src/core/time.ts';
import { type ControlCall, listenControl } from '../../src/node/control-socket.ts';
import { connectControl } from '../../src/node/control-socket-client.ts';
import { temporaryFolder } from '../cli/process.ts';

let folder: ReturnType<typeof temporaryFolder>;
let socketPath: string;
const opened: Disposable[] = [];
const bugs: unknown[] = [];

beforeEach(() => {
  folder = temporaryFolder();
  socketPath = join(folder.path, 'control.sock');
});
afterEach(async () => {
  for (const part of opened.splice(0).reverse()) await part.dispose();
  bugs.splice(0);
  folder.dispose();
});

async function serve(handle: (call: ControlCall) => Promise<Result<unknown>>): Promise<void> {
  const limits = { silenceMs: 200, callDeadlineMs: 100 };
  const server = await listenControl({ socketPath, handle, onBug: (error) => bugs.push(error), limits });
  if (!server.ok) throw new Error(server.error.message);
  opened.push(server.value);
}

async function ask() {
  const client = await connectControl(socketPath);
  if (!client.ok) return client;
  opened.push(client.value);
  return client.value.call('status', {});
}

describe('a control server whose engine misbehaves', () => {
  it('answers for a handler that never does, when the deadline is over', async () => {
    await serve(() => new Promise(() => undefined));
    expect(await ask()).toMatchObject({
      ok: false,
      error: { code: 'timeout', message: expect.stringContaining('0.1 s') },
    });
  });

  it('answers for a handler that throws, without telling the client what, and reports the bug', async () => {
    await serve(async () => {
      throw new Error('secret detail');
    });
    const answer = await ask();
    expect(answer).toMatchObject({ ok: false, error: { code: 'internal' } });
    expect(JSON.stringify(answer)).not.toContain('secret');
    expect(bugs).toEqual([new Error('secret detail')]);
  });

  it('passes on an expected failure as it is', async () => {
    await serve(async () => fail('disk-full', 'The disk is full.'));
    expect(await ask()).toEqual({ ok: false, error: { code: 'disk-full', message: 'The disk is full.' } });
  });
});

describe('a control server whose clients misbehave', () => {
  it('sends away a client that says nothing, or never ends its line', async () => {
    await serve(async () => ok(null));
    for (const bytes of ['', '{"id":1,']) {
      const socket = connect(socketPath);
      socket.write(bytes);
      await new Promise((resolve) => socket.on('close', resolve));
    }
    expect(await ask()).toEqual({ ok: true, value: null });
  });

  it('survives a client that leaves before its answer', async () => {
    let finish: (answer: Result<unknown>) => void = () => undefined;
    const called = new Promise<ControlCall>((resolve) => {
      void serve((call) => {
        resolve(call);
        return new Promise((answer) => {
          finish = answer;
        });
      }).then(() => {
        const socket = connect(socketPath);
        socket.write('{"id":1,"method":"status"}\n', () => socket.destroy());
      });
    });
    const { signal } = await called;
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
    finish(ok('too late'));
    expect(bugs).toEqual([]);
  });

  it('says why where it cannot listen', async () => {
    socketPath = join(folder.path, 'missing', 'control.sock');
    const server = await listenControl({ socketPath, handle: async () => ok(null), onBug: () => undefined });
    expect(server).toMatchObject({
      ok: false,
      error: { code: 'unavailable', message: expect.stringContaining(socketPath) },
    });
  });
});

describe('a client without a server', () => {
  it('finds nothing to talk to', async () => {
    expect(await ask()).toMatchObject({
      ok: false,
      error: { code: 'unavailable', message: expect.stringContaining('ENOENT') },
    });
  });

  it('waits for one that is about to listen', async () => {
    const client = connectControl(socketPath, { patienceMs: 30_000 });
    await serve(async () => ok('here'));
    const connected = await client;
    if (!connected.ok) throw new Error(connected.error.message);
    opened.push(connected.value);
    expect(await connected.value.call('status', {})).toEqual({ ok: true, value: 'here' });
  });
});
