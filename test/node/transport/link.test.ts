import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../../src/shared/protocol/contract.ts';
import { collect, dial, endOf, linkPair, startListener } from './transport.ts';

describe('a link', () => {
  test('carries messages both ways, whole and in order, short and compressed ones mixed', async () => {
    const { agent, coordinator } = await linkPair();
    for (const link of [agent, coordinator]) link.limitMessages(LIMITS.messageBytes);
    const repeats = [1, 300, 2, 20_000, 0, 150, 160, 5, 50_000, 7];
    const messages = repeats.map((count, index) => `${index}: ${'naïve ≠ 𝄞 '.repeat(count)}`);
    const [atCoordinator, atAgent] = [collect(coordinator), collect(agent)];
    for (const text of messages) {
      agent.send(text);
      coordinator.send(text);
    }
    await expect.poll(() => atCoordinator.length).toBe(messages.length);
    await expect.poll(() => atAgent.length).toBe(messages.length);
    // Compared one by one, so that a failure says which in a line.
    const differing = (got: readonly string[]) => messages.flatMap((text, index) => (got[index] === text ? [] : index));
    expect([differing(atCoordinator), differing(atAgent)]).toEqual([[], []]);
  });

  test('has 32 bytes that only its two ends know, and another link has others', async () => {
    const running = await startListener();
    const agents = [await dial(running), await dial(running)];
    const coordinators = [await running.nextLink(), await running.nextLink()];
    expect(agents[0]?.channelBinding).toHaveLength(32);
    const hex = (link: (typeof agents)[0]) => Buffer.from(link.channelBinding).toString('hex');
    expect(agents.map(hex).sort()).toEqual(coordinators.map(hex).sort());
    expect(new Set(agents.map(hex)).size).toBe(2);
  });

  test('names the other side’s address as people write it', async () => {
    const running = await startListener({ address: '::' });
    const agent = await dial(running);
    expect(agent.peerAddress).toBe('127.0.0.1');
    expect((await running.nextLink()).peerAddress).toBe('127.0.0.1');
  });

  test.each([false, true])('keeps what came before somebody listened (paused for a while: %s)', async (wasPaused) => {
    const { agent, coordinator } = await linkPair();
    if (wasPaused) for (const isPaused of [true, false]) coordinator.setPaused(isPaused);
    agent.send('first');
    agent.send('second');
    await expect.poll(() => agent.unsentBytes()).toBe(0);
    // A round trip the other way, so that both are surely there.
    const atAgent = collect(agent);
    coordinator.send('over');
    await expect.poll(() => atAgent).toEqual(['over']);
    const atCoordinator = collect(coordinator);
    await expect.poll(() => atCoordinator).toEqual(['first', 'second']);
  });

  test('takes small messages only, until it is told otherwise', async () => {
    const small = await linkPair();
    const got = collect(small.coordinator);
    const ends = [endOf(small.agent), endOf(small.coordinator)];
    small.agent.onMessage(() => undefined);
    small.agent.send('x'.repeat(LIMITS.handshakeBytes));
    small.agent.send('y'.repeat(LIMITS.handshakeBytes + 1));
    small.agent.send('never');
    expect(await Promise.all(ends)).toEqual([
      { kind: 'too-large', message: expect.stringContaining('other side refused') },
      { kind: 'too-large', message: expect.stringContaining(`${LIMITS.handshakeBytes} bytes`) },
    ]);
    expect(got.map((text) => text.length)).toEqual([LIMITS.handshakeBytes]);

    const large = await linkPair();
    large.coordinator.limitMessages(LIMITS.messageBytes);
    const taken = collect(large.coordinator);
    const ended = endOf(large.coordinator);
    large.agent.send('x'.repeat(LIMITS.messageBytes));
    await expect.poll(() => taken.map((text) => text.length)).toEqual([LIMITS.messageBytes]);
    large.agent.send('x'.repeat(LIMITS.messageBytes + 1));
    expect(await ended).toMatchObject({ kind: 'too-large' });
  });

  test('takes many messages of the greatest size allowed, however they are cut on their way', async () => {
    const { agent, coordinator } = await linkPair();
    const got = collect(coordinator);
    const ended = endOf(coordinator);
    const lengths = Array.from({ length: 300 }, (_, index) => LIMITS.handshakeBytes - (index % 7));
    // Random, so that compression does not make them small.
    for (const length of lengths) agent.send(randomBytes(length).toString('base64').slice(0, length));
    agent.dispose();
    expect(await ended).toEqual({ kind: 'closed' });
    expect(got.map((text) => text.length)).toEqual(lengths);
  });

  test('tells how much waits while the other side does not read, and loses none of it', async () => {
    const { agent, coordinator } = await linkPair();
    coordinator.limitMessages(LIMITS.messageBytes);
    const got = collect(coordinator);
    coordinator.setPaused(true);
    // Cannot be compressed to little, so that it fills what the system buffers.
    const text = randomBytes(500_000).toString('hex');
    for (let sent = 0; sent < 20; sent += 1) agent.send(text);
    await expect.poll(() => agent.unsentBytes()).toBeGreaterThan(1_000_000);
    expect(got.length).toBeLessThan(20);
    coordinator.setPaused(false);
    await expect.poll(() => got.length).toBe(20);
    expect(got.every((one) => one === text)).toBe(true);
    await expect.poll(() => agent.unsentBytes()).toBe(0);
  });

  test('that is disposed lets leave what was sent, then ends in peace on both sides', async () => {
    const { agent, coordinator } = await linkPair();
    coordinator.limitMessages(LIMITS.messageBytes);
    const got = collect(coordinator);
    agent.onMessage(() => undefined);
    const ends = [endOf(agent), endOf(coordinator)];
    for (let sent = 0; sent < 5; sent += 1) agent.send(`${sent}${'x'.repeat(200_000)}`);
    agent.dispose();
    agent.dispose();
    agent.send('too late');
    expect(await Promise.all(ends)).toEqual([{ kind: 'closed' }, { kind: 'closed' }]);
    expect(got.map((text) => text[0])).toEqual(['0', '1', '2', '3', '4']);
    expect(agent.unsentBytes()).toBe(0);
  });

  test('that is disposed delivers nothing more', async () => {
    const { agent, coordinator } = await linkPair();
    const got = collect(coordinator);
    coordinator.dispose();
    agent.send('into the dark');
    expect(await endOf(coordinator)).toEqual({ kind: 'closed' });
    expect(got).toEqual([]);
  });

  test('that is disposed towards a side that does not read ends after a second', async () => {
    const { agent, coordinator } = await linkPair();
    coordinator.setPaused(true);
    const text = randomBytes(500_000).toString('hex');
    for (let sent = 0; sent < 20; sent += 1) agent.send(text);
    agent.dispose();
    expect(await endOf(agent)).toEqual({ kind: 'closed' });
  });

  test('tells the end also to who asks after it', async () => {
    const { agent, coordinator } = await linkPair();
    coordinator.onMessage(() => undefined);
    const ended = endOf(coordinator);
    agent.dispose();
    await ended;
    expect(await endOf(coordinator)).toEqual({ kind: 'closed' });
  });
});
