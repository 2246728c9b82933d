import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../../src/shared/protocol/contract.ts';
import {
  collect,
  dial,
  endOf,
  frame,
  frameHead,
  OPCODE,
  type RunningListener,
  rawLink,
  rawTls,
  startListener,
  textUntilClose,
} from './transport.ts';

/** Writes to a link by hand and resolves with what the coordinator's end saw. */
async function send(running: RunningListener, ...writes: readonly Uint8Array[]) {
  const socket = await rawLink(running.listener.port);
  const link = await running.nextLink();
  const messages = collect(link);
  const ended = endOf(link);
  const closed = textUntilClose(socket);
  for (const bytes of writes) socket.write(bytes);
  return { socket, messages, ended, closed };
}

async function stillWorks(running: RunningListener): Promise<void> {
  const agent = await dial(running);
  const messages = collect(await running.nextLink());
  agent.send('still here');
  await expect.poll(() => messages).toEqual(['still here']);
}

describe('what no honest agent sends', () => {
  test.each([
    ['bytes instead of text', frame(OPCODE.binary, 'abc'), 'broken'],
    ['text that is no UTF-8', frame(OPCODE.text, Uint8Array.of(0xc3, 0x28)), 'broken'],
    ['a ping', frame(OPCODE.ping, ''), 'broken'],
    ['a pong', frame(OPCODE.pong, ''), 'broken'],
    ['an opcode that does not exist', frame(3, 'abc'), 'broken'],
    ['reserved bits', frame(OPCODE.text, 'abc', { reserved: 2 }), 'broken'],
    ['a frame without a mask', Uint8Array.of(0x81, 1, 0x61), 'broken'],
    ['a continuation of nothing', frame(OPCODE.continuation, 'abc'), 'broken'],
    ['compressed bytes that are none', frame(OPCODE.text, 'not deflated', { reserved: 4 }), 'broken'],
    [
      'a message in more pieces than 16',
      Buffer.concat(
        Array.from({ length: 20 }, (_, piece) =>
          frame(piece === 0 ? OPCODE.text : OPCODE.continuation, 'a', { isLast: false }),
        ),
      ),
      'broken',
    ],
    ['a frame of 2 MiB', frameHead(OPCODE.text, 2 * 1024 * 1024), 'too-large'],
    ['a frame of 2^60 bytes', frameHead(OPCODE.text, 2 ** 60), 'too-large'],
  ])('%s ends the link, and no other', async (_, bytes, kind) => {
    const running = await startListener();
    const { messages, ended, closed } = await send(running, frame(OPCODE.text, 'hello'), bytes);
    expect(await ended).toMatchObject({ kind, message: expect.stringMatching(/^[A-Z].*\.$/) });
    await closed;
    expect(messages).toEqual(['hello']);
    await stillWorks(running);
  });

  test('a message that is too large for the beginning ends the link before it is whole', async () => {
    const running = await startListener();
    const announced = frameHead(OPCODE.text, LIMITS.messageBytes);
    const { socket, ended, closed } = await send(running, announced);
    const drip = setInterval(() => socket.write(Buffer.alloc(LIMITS.handshakeBytes / 4)), 5);
    expect(await ended).toMatchObject({ kind: 'too-large' });
    clearInterval(drip);
    await closed;
    expect(socket.bytesWritten).toBeLessThan(LIMITS.messageBytes / 2);
  });

  test('a small message that grows large when it is unpacked ends the link', async () => {
    const running = await startListener();
    const { deflateRawSync } = await import('node:zlib');
    const packed = deflateRawSync(Buffer.alloc(50 * 1024 * 1024, 'a'));
    const socket = await rawLink(running.listener.port, ['Sec-WebSocket-Extensions: permessage-deflate']);
    const link = await running.nextLink();
    link.limitMessages(LIMITS.messageBytes);
    const messages = collect(link);
    const ended = endOf(link);
    const closed = textUntilClose(socket);
    socket.write(frame(OPCODE.text, packed, { reserved: 4 }));
    expect(await ended).toMatchObject({ kind: 'too-large' });
    await closed;
    expect(messages).toEqual([]);
  });

  test('whatever bytes come, as a request or as frames, the next agent gets its link', async () => {
    const running = await startListener();
    const { port } = running.listener;
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 400 }), fc.boolean(), async (bytes, isLink) => {
        const socket = isLink ? await rawLink(port) : await rawTls(port);
        if (isLink) {
          const link = await running.nextLink();
          link.onMessage(() => undefined);
          link.onEnd(() => undefined);
        }
        const closed = textUntilClose(socket);
        socket.end(bytes);
        await closed;
      }),
      { numRuns: 60 },
    );
    await stillWorks(running);
  });
});
