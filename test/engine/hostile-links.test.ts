/** Links that say anything at all: nothing is thrown, nobody gets in without a proof, nobody else is harmed. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { workerId } from '../../src/core/fleet/worker.ts';
import { meetCoordinator } from '../../src/engine/agent-handshake.ts';
import { nodeCryptography } from '../../src/node/transport/cryptography.ts';
import { toBase64Url } from '../../src/shared/protocol/base64url.ts';
import { ed25519Key } from './fake-fleet.ts';
import { linkPair, settle } from './memory-link.ts';
import { buildCoordinator, cpuBatch } from './test-coordinator.ts';

const key = ed25519Key();
const bytes = fc.oneof(
  fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toBase64Url),
  fc.uint8Array({ minLength: 64, maxLength: 64 }).map(toBase64Url),
  fc.constantFrom('', 'A', toBase64Url(key.publicKey)),
);
const count = fc.oneof(fc.integer({ min: -1, max: 5 }), fc.double());
const tick = fc.tuple(count, count, fc.array(fc.oneof(count, fc.constant(null)), { maxLength: 3 }));
const layout = fc.record({
  layout: count,
  seriesKeys: fc.array(fc.constantFrom('system.cpu.utilization', 'system.uptime', 'a{b=c}', '<b>', ''), {
    maxLength: 3,
  }),
});
const batch = fc.record(
  {
    ticks: fc.array(tick, { maxLength: 3 }),
    layouts: fc.array(layout, { maxLength: 3 }),
    events: fc.array(fc.record({ atMs: count, kind: fc.constantFrom('started', 'lost'), message: fc.string() })),
    collectors: fc.jsonValue(),
    inventory: fc.jsonValue(),
    processes: fc.jsonValue(),
  },
  { requiredKeys: [] },
);

/** Every kind of message of either side, mostly well-formed and mostly out of place; and what is no message at all. */
const words = fc.oneof(
  fc.record({
    kind: fc.constant('hello'),
    protocol: fc.record({ major: fc.constantFrom(1, 1, 1, 2), minor: count }),
    agentVersion: fc.string(),
    nonce: bytes,
  }),
  fc.record({
    kind: fc.constant('proof'),
    publicKey: bytes,
    signature: bytes,
    as: fc.oneof(
      fc.record({ kind: fc.constant('enrolled'), workerId: fc.constantFrom('id-of-rig-07', 'local', 'x') }),
      fc.record({ kind: fc.constant('invited'), invitationId: fc.string(), codeProof: bytes }),
    ),
    hostName: fc.string(),
    platform: fc.string(),
    runsTasks: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('challenge'),
    protocol: fc.record({ major: fc.constantFrom(1, 1, 2), minor: count }),
    coordinatorVersion: fc.string(),
    nonce: bytes,
    publicKey: bytes,
    signature: bytes,
    codeProof: fc.constant(null),
  }),
  fc.record({ kind: fc.constant('delivery'), sequence: count, isLate: fc.boolean(), batch }),
  fc.record({ kind: fc.constant('health'), clockDifferenceMs: count, spooledBytes: count, lostTicks: count }),
  fc.record({ kind: fc.constantFrom('ping', 'pong', 'leaving', 'taken'), id: count, atMs: count, sequence: count }),
  fc.record({ kind: fc.constant('answer'), id: count, ok: fc.boolean(), value: fc.jsonValue(), error: fc.jsonValue() }),
  fc.record({ kind: fc.constant('welcome'), workerId: fc.string(), name: fc.string(), port: count }),
  fc.record({ kind: fc.constant('refusal'), code: fc.string(), message: fc.string(), isFinal: fc.boolean() }),
  fc.jsonValue(),
);
const texts = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: words.map((word) => JSON.stringify(word)) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('['.repeat(5_000), '{"kind":"hello"', '\0', '{"__proto__":{"kind":"ping"}}'),
    },
  ),
  { maxLength: 12 },
);

test('a stranger may say what he wants to a coordinator: he is never welcomed', async () => {
  const lab = buildCoordinator();
  const { welcome } = await lab.join({ kind: 'invited', secret: await lab.invite() }, { key });
  await lab.invite();
  const workers = lab.fleet.workers.size;
  await fc.assert(
    fc.asyncProperty(texts, async (said) => {
      const { agentEnd, coordinatorEnd } = linkPair();
      const heard: string[] = [];
      agentEnd.onMessage((text) => heard.push(JSON.parse(text).kind));
      agentEnd.onEnd(() => {});
      lab.coordinator.accept(coordinatorEnd);
      for (const text of said) agentEnd.send(text.replaceAll('id-of-rig-07', welcome.workerId));
      await settle();
      agentEnd.dispose();
      expect(heard).not.toContain('welcome');
      expect(lab.fleet.workers.size).toBe(workers);
    }),
  );
});

test('a coordinator’s stranger may say what he wants to an agent: he is never believed, and hears no proof', async () => {
  const lab = buildCoordinator();
  await fc.assert(
    fc.asyncProperty(texts, async (said) => {
      const { agentEnd, coordinatorEnd } = linkPair();
      coordinatorEnd.onMessage(() => {});
      coordinatorEnd.onEnd(() => {});
      const meeting = meetCoordinator({
        link: agentEnd,
        key,
        cryptography: nodeCryptography,
        timers: lab.timers,
        fingerprint: nodeCryptography.sha256(lab.key.publicKey),
        as: { kind: 'enrolled', workerId: workerId('x') },
        agentVersion: '0.1.0',
        hostName: 'rig-03',
        platform: 'linux',
        taskTerms: null,
      });
      for (const text of said) coordinatorEnd.send(text);
      await settle();
      coordinatorEnd.dispose();
      const end = await meeting;
      expect(end.kind).not.toBe('welcome');
      if (end.kind === 'refused' && end.refusal.isFinal) expect(end.refusal.code).toBe('incompatible');
      expect(agentEnd.sent.map((text) => JSON.parse(text).kind)).toEqual(['hello']);
    }),
  );
});

test('a worker that was let in may say what it wants: it costs at most its own link, and the others go on', async () => {
  const lab = buildCoordinator();
  const other = await lab.join({ kind: 'invited', secret: await lab.invite() }, { name: 'rig-04' });
  let delivered = 0;
  await fc.assert(
    fc.asyncProperty(texts, async (said) => {
      const { link, heard, welcome } = await lab.join({ kind: 'invited', secret: await lab.invite() });
      for (const text of said) link.send(text);
      await settle();
      const refusals = heard.filter((message) => message.kind === 'refusal');
      expect(refusals.length).toBe(link.isEnded() ? 1 : 0);
      await lab.pass(1_000);
      await other.deliver(cpuBatch(lab.clock.nowMs(), 0.5));
      delivered += 1;
      expect(other.heard.at(-1)).toEqual({ kind: 'taken', sequence: delivered });
      await lab.coordinator.remove(welcome.workerId);
    }),
  );
  for (const { batch: stored } of lab.fleet.stored) {
    for (const { atMs, values, seriesKeys } of stored.ticks ?? []) {
      expect(Number.isSafeInteger(atMs) && values.every(Number.isFinite) && values.length === seriesKeys.length).toBe(
        true,
      );
    }
    for (const { atMs } of stored.events ?? []) expect(Number.isSafeInteger(atMs)).toBe(true);
  }
});
