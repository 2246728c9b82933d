/** Agent and coordinator meet: each proves itself to the other, on this very connection, or nothing comes of it. */
import { describe, expect, test } from 'vitest';
import { workerId } from '../../src/core/fleet/worker.ts';
import { fail } from '../../src/core/result.ts';
import type { Dialling } from '../../src/engine/admission.ts';
import { type CoordinatorMeeting, meetCoordinator } from '../../src/engine/agent-handshake.ts';
import type { SigningKey } from '../../src/engine/ports.ts';
import { nodeCryptography } from '../../src/node/transport/cryptography.ts';
import { fromBase64Url, toBase64Url } from '../../src/shared/protocol/base64url.ts';
import { LIMITS, type Proof } from '../../src/shared/protocol/contract.ts';
import { invitationIdOf } from '../../src/shared/protocol/invitation-id.ts';
import { transcriptBytes } from '../../src/shared/protocol/transcript.ts';
import { ed25519Key, p256Key } from './fake-fleet.ts';
import { linkPair, type MemoryLink, settle } from './memory-link.ts';
import { buildCoordinator, earlierWorker, succeeded, type TestCoordinator } from './test-coordinator.ts';

const START_MS = Date.UTC(2026, 0, 1);

function refusalOf(meeting: CoordinatorMeeting): string {
  return meeting.kind === 'refused'
    ? `${meeting.refusal.code} ${meeting.refusal.isFinal ? 'final' : 'for now'}`
    : meeting.kind;
}

/** An agent that pinned the lab's key and has this code, at its end of whatever link. */
function meetOver(
  link: MemoryLink,
  lab: TestCoordinator,
  secret: Uint8Array,
  fingerprint: Uint8Array | null = nodeCryptography.sha256(lab.key.publicKey),
): Promise<CoordinatorMeeting> {
  return meetCoordinator({
    link,
    key: ed25519Key(),
    cryptography: nodeCryptography,
    timers: lab.timers,
    fingerprint,
    as: { kind: 'invited', secret },
    agentVersion: '0.1.0',
    hostName: 'rig-03',
    platform: 'linux',
    taskTerms: null,
  });
}

/** An agent whose words a test writes itself, up to the challenge. */
async function rawAgent({ coordinator }: TestCoordinator) {
  const { agentEnd, coordinatorEnd } = linkPair();
  const heard: Record<string, string>[] = [];
  agentEnd.onMessage((text) => heard.push(JSON.parse(text)));
  agentEnd.onEnd(() => {});
  coordinator.accept(coordinatorEnd);
  const nonce = nodeCryptography.randomBytes(32);
  const say = async (message: unknown) => {
    agentEnd.send(JSON.stringify(message));
    await settle();
  };
  const hello = { kind: 'hello', protocol: { major: 1, minor: 0 }, agentVersion: '0.1.0', nonce: toBase64Url(nonce) };
  return { agentEnd, coordinatorEnd, heard, nonce, say, hello };
}

type RawAgent = Awaited<ReturnType<typeof rawAgent>>;

/** The proof that belongs to this very meeting, for the test to spoil. */
function proofFor(raw: RawAgent, key: SigningKey, as: Proof['as'] | Uint8Array): Proof {
  const [challenge] = raw.heard;
  const parts = {
    channelBinding: raw.agentEnd.channelBinding,
    agentNonce: raw.nonce,
    coordinatorNonce: fromBase64Url(challenge!.nonce!)!,
    coordinatorFingerprint: nodeCryptography.sha256(fromBase64Url(challenge!.publicKey!)!),
    agentFingerprint: nodeCryptography.sha256(key.publicKey),
  };
  const invited = (secret: Uint8Array): Proof['as'] => ({
    kind: 'invited',
    invitationId: invitationIdOf(secret, nodeCryptography.sha256),
    codeProof: toBase64Url(nodeCryptography.hmacSha256(secret, transcriptBytes('worker-code', parts))),
  });
  return {
    kind: 'proof',
    publicKey: toBase64Url(key.publicKey),
    signature: toBase64Url(key.sign(transcriptBytes('worker', parts))),
    as: as instanceof Uint8Array ? invited(as) : as,
    hostName: 'rig-03',
    platform: 'linux',
    runsTasks: false,
  };
}

describe('a machine with a code', () => {
  test('is enrolled, welcomed, and seen at once', async () => {
    const lab = buildCoordinator();
    const key = ed25519Key();
    const { welcome } = await lab.join({ kind: 'invited', secret: await lab.invite() }, { key, name: 'rig-03' });
    expect(welcome).toMatchObject({
      name: 'rig-03',
      level: 'standard',
      addresses: ['desk.lab', '192.168.1.5'],
      port: 7461,
    });
    expect(welcome.workerId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(lab.fleet.workers.get(welcome.workerId)?.remote).toMatchObject({ publicKey: toBase64Url(key.publicKey) });
    expect(lab.viewOf(welcome.workerId)).toMatchObject({
      link: 'online',
      remote: {
        address: '192.168.1.20',
        agentVersion: '0.1.0',
        platform: 'linux',
        keyFingerprint: expect.stringMatching(/^([0-9a-f]{4} ){15}[0-9a-f]{4}$/),
      },
    });
    expect(lab.eventsOf(welcome.workerId)).toEqual(['paired']);
  });

  test('never lets the secret of its code out', async () => {
    const lab = buildCoordinator();
    const secret = await lab.invite();
    const { agentEnd, coordinatorEnd } = await lab.dial({ kind: 'invited', secret });
    const said = [...agentEnd.sent, ...coordinatorEnd.sent].join('\n');
    expect(said).not.toContain(toBase64Url(secret));
    expect(said).not.toContain(Buffer.from(secret).toString('hex'));
  });

  test('is refused for good with a code that nobody gave out, that was used, or that has expired', async () => {
    const lab = buildCoordinator();
    const used = await lab.invite();
    await lab.join({ kind: 'invited', secret: used });
    const expired = await lab.invite();
    await lab.pass(10 * 60_000, 60_000);
    const refusals = [];
    for (const secret of [nodeCryptography.randomBytes(16), used, expired]) {
      refusals.push(refusalOf((await lab.dial({ kind: 'invited', secret })).meeting));
    }
    expect(refusals).toEqual(['unknown-code final', 'used-code final', 'expired-code final']);
    expect(lab.fleet.workers.size).toBe(2);
  });

  test('that knows which code it is but not its secret learns nothing of it', async () => {
    const lab = buildCoordinator();
    const secret = await lab.invite();
    const raw = await rawAgent(lab);
    await raw.say(raw.hello);
    const proof = proofFor(raw, ed25519Key(), nodeCryptography.randomBytes(16));
    const invitationId = invitationIdOf(secret, nodeCryptography.sha256);
    await raw.say({ ...proof, as: { ...proof.as, invitationId } });
    expect(raw.heard.at(-1)).toMatchObject({ kind: 'refusal', code: 'bad-proof', isFinal: true });
    expect(lab.fleet.invitations.get(invitationId)?.usedAtMs).toBeNull();
  });

  test('whose link broke before it heard that it is welcome comes in with the same code, and nobody else does', async () => {
    const lab = buildCoordinator();
    const secret = await lab.invite();
    const key = ed25519Key();
    const raw = await rawAgent(lab);
    await raw.say(raw.hello);
    raw.agentEnd.send(JSON.stringify(proofFor(raw, key, secret)));
    raw.agentEnd.breakOff();
    await settle();
    const enrolled = [...lab.fleet.workers.values()].find(({ isLocal }) => !isLocal);
    expect(lab.viewOf(enrolled!.workerId)?.link).toBe('stale');
    expect(refusalOf((await lab.dial({ kind: 'invited', secret })).meeting)).toBe('used-code final');
    const { welcome } = await lab.join({ kind: 'invited', secret }, { key });
    expect(welcome.workerId).toBe(enrolled?.workerId);
    expect(lab.fleet.workers.size).toBe(2);
  });

  test('is asked to come again where nothing can be stored now', async () => {
    const lab = buildCoordinator();
    const secret = await lab.invite();
    lab.fleet.refuseWrites(fail('disk-full', 'The disk is full.'));
    const { meeting } = await lab.dial({ kind: 'invited', secret });
    expect(meeting).toMatchObject({
      kind: 'refused',
      refusal: { code: 'unavailable', message: 'The disk is full.', isFinal: false },
    });
  });
});

describe('a worker that was paired', () => {
  test('is welcomed by its key, over any number of links and starts of the coordinator', async () => {
    const key = ed25519Key();
    const lab = buildCoordinator({ workers: [earlierWorker('rig-07', key, START_MS - 60_000)] });
    const as = { kind: 'enrolled', workerId: workerId('id-of-rig-07') } as const;
    for (let link = 0; link < 3; link += 1) {
      const { welcome } = await lab.join(as, { key });
      expect(welcome).toMatchObject({ workerId: as.workerId, name: 'rig-07' });
    }
    expect(lab.fleet.workers.get(as.workerId)?.remote?.lastSeen?.atMs).toBe(START_MS);
    expect(lab.eventsOf(as.workerId)).toEqual([]);
  });

  test('is not believed with another key, and unknown under an id that nobody has', async () => {
    const lab = buildCoordinator({ workers: [earlierWorker('rig-07', ed25519Key(), START_MS)] });
    const outcomes = [];
    for (const id of ['id-of-rig-07', 'id-of-nobody', 'local']) {
      outcomes.push(refusalOf((await lab.dial({ kind: 'enrolled', workerId: workerId(id) })).meeting));
    }
    expect(outcomes).toEqual(['bad-proof final', 'unknown-worker final', 'unknown-worker final']);
  });

  test('is refused for ever once it was removed, by its key and with every later code', async () => {
    const lab = buildCoordinator();
    const key = ed25519Key();
    const { welcome } = await lab.join({ kind: 'invited', secret: await lab.invite() }, { key });
    succeeded(await lab.coordinator.remove(welcome.workerId));
    const byKey = await lab.dial({ kind: 'enrolled', workerId: welcome.workerId }, { key });
    const byCode = await lab.dial({ kind: 'invited', secret: await lab.invite() }, { key });
    expect([byKey, byCode].map(({ meeting }) => refusalOf(meeting))).toEqual(['removed final', 'removed final']);
  });
});

describe('a machine that waits to be dialled', () => {
  const secret = new Uint8Array(16).fill(9);
  const place = { addresses: ['10.0.9.7'], port: 7462 };
  const byCode: Dialling = { kind: 'code', secret, place };
  const invited = { kind: 'invited', secret } as const;

  test('trusts the coordinator that knows its code, and is a worker that is dialled from then on', async () => {
    const lab = buildCoordinator();
    const key = ed25519Key();
    const { meeting, met } = await lab.dial(invited, { key, fingerprint: null, dialling: byCode, name: 'rig-far' });
    const fingerprint = nodeCryptography.sha256(lab.key.publicKey);
    expect(meeting).toMatchObject({ kind: 'welcome', fingerprint, welcome: { name: 'rig-far' } });
    expect(met).toMatchObject({ ok: true, value: { name: 'rig-far', remote: { dialledAt: place } } });
    const { workerId: id } = succeeded(met!);
    expect(lab.viewOf(id)).toMatchObject({ link: 'online', remote: { dialledAt: '10.0.9.7:7462' } });
    expect(lab.eventsOf(id)).toEqual(['paired']);
    const again = await lab.dial(
      { kind: 'enrolled', workerId: id },
      { key, dialling: { kind: 'worker', workerId: id } },
    );
    expect(again.met).toMatchObject({ ok: true, value: { workerId: id } });
  });

  test('tells nothing but its version and a random number to whoever does not know its code', async () => {
    const lab = buildCoordinator();
    const wrong: Dialling = { ...byCode, secret: new Uint8Array(16).fill(8) };
    for (const dialling of [wrong, { kind: 'worker', workerId: workerId('x') } as const]) {
      const { meeting, met, agentEnd } = await lab.dial(invited, { fingerprint: null, dialling });
      expect(meeting).toMatchObject({ kind: 'failed', failure: { code: 'not-permitted' } });
      expect(met).toMatchObject({ ok: false });
      expect(agentEnd.sent.map((text) => JSON.parse(text).kind)).toEqual(['hello']);
    }
    expect(lab.fleet.workers.size).toBe(1);
  });

  test('does not count a proof of knowing the code that was made for another connection', async () => {
    const lab = buildCoordinator();
    const outer = linkPair();
    const inner = linkPair();
    for (const [from, to] of [
      [outer.coordinatorEnd, inner.agentEnd],
      [inner.agentEnd, outer.coordinatorEnd],
    ] as const) {
      from.onMessage((text) => to.send(text));
      from.onEnd(() => to.dispose());
    }
    void lab.coordinator.meet(inner.coordinatorEnd, byCode);
    const meeting = await meetOver(outer.agentEnd, lab, secret, null);
    expect(meeting).toMatchObject({ kind: 'failed', failure: { code: 'not-permitted' } });
    expect(outer.agentEnd.sent).toHaveLength(1);
  });

  test('is asked whether it may trust the key, and says nothing more where it may not', async () => {
    const lab = buildCoordinator();
    const asked: Uint8Array[] = [];
    const mayTrust = (fingerprint: Uint8Array) => asked.push(fingerprint) > 9;
    const { meeting, agentEnd } = await lab.dial(invited, { fingerprint: null, dialling: byCode, mayTrust });
    expect(meeting.kind).toBe('failed');
    expect(asked).toEqual([nodeCryptography.sha256(lab.key.publicKey)]);
    expect(agentEnd.sent).toHaveLength(1);
  });

  test('is believed only where it knows its own code: what answers at its address is not let in', async () => {
    const lab = buildCoordinator();
    const impostor = { kind: 'invited', secret: new Uint8Array(16).fill(8) } as const;
    const fingerprint = nodeCryptography.sha256(lab.key.publicKey);
    const { meeting, met } = await lab.dial(impostor, { fingerprint, dialling: byCode });
    expect(refusalOf(meeting)).toBe('bad-proof final');
    expect(met).toMatchObject({ ok: false, error: { code: 'not-permitted' } });
    expect(lab.fleet.workers.size).toBe(1);
  });

  test('whose link broke before it heard that it is welcome comes in with the same code, as the same worker', async () => {
    const lab = buildCoordinator();
    const key = ed25519Key();
    const first = await lab.dial(invited, { key, fingerprint: null, dialling: byCode });
    const { workerId: id } = succeeded(first.met!);
    const fingerprint = nodeCryptography.sha256(lab.key.publicKey);
    const redialled = await lab.dial(invited, { key, fingerprint, dialling: { kind: 'worker', workerId: id } });
    expect(refusalOf(redialled.meeting)).toBe('unavailable for now');
    const again = await lab.dial(invited, { key, fingerprint, dialling: byCode });
    expect(again.meeting).toMatchObject({ kind: 'welcome', welcome: { workerId: id } });
    expect(lab.fleet.workers.size).toBe(2);
  });

  test('is no other worker than the one that was looked for', async () => {
    const key = ed25519Key();
    const lab = buildCoordinator({ workers: [earlierWorker('rig-07', key, START_MS)] });
    const dialling: Dialling = { kind: 'worker', workerId: workerId('id-of-rig-08') };
    const { meeting } = await lab.dial({ kind: 'enrolled', workerId: workerId('id-of-rig-07') }, { key, dialling });
    expect(refusalOf(meeting)).toBe('unavailable for now');
  });
});

describe('nobody is believed who', () => {
  test('signs with a key of another kind', async () => {
    const lab = buildCoordinator();
    const raw = await rawAgent(lab);
    await raw.say(raw.hello);
    await raw.say(proofFor(raw, p256Key(), await lab.invite()));
    expect(raw.heard.at(-1)).toMatchObject({ kind: 'refusal', code: 'bad-proof' });
  });

  test('replays the proof of an earlier meeting', async () => {
    const lab = buildCoordinator();
    const key = ed25519Key();
    const { welcome } = await lab.join({ kind: 'invited', secret: await lab.invite() }, { key });
    const overheard = await rawAgent(lab);
    await overheard.say(overheard.hello);
    const proof = proofFor(overheard, key, { kind: 'enrolled', workerId: welcome.workerId });
    overheard.agentEnd.breakOff();
    const raw = await rawAgent(lab);
    await raw.say(overheard.hello);
    await raw.say(proof);
    expect(raw.heard.at(-1)).toMatchObject({ kind: 'refusal', code: 'bad-proof' });
  });

  test('stands between: what is relayed over another connection proves nothing, to either side', async () => {
    const lab = buildCoordinator();
    const secret = await lab.invite();
    const outer = linkPair();
    const inner = linkPair();
    const relay = (from: MemoryLink, to: MemoryLink) => {
      from.onMessage((text) => to.send(text));
      from.onEnd(() => to.dispose());
    };
    relay(outer.coordinatorEnd, inner.agentEnd);
    relay(inner.agentEnd, outer.coordinatorEnd);
    lab.coordinator.accept(inner.coordinatorEnd);
    const meeting = await meetOver(outer.agentEnd, lab, secret);
    expect(meeting).toMatchObject({ kind: 'failed', failure: { code: 'not-permitted' } });
    expect(outer.agentEnd.sent).toHaveLength(1);
  });

  test('is another coordinator than the pinned one: it hears a hello and nothing of code or key', async () => {
    const lab = buildCoordinator();
    const fingerprint = nodeCryptography.randomBytes(32);
    const { meeting, agentEnd } = await lab.dial({ kind: 'invited', secret: await lab.invite() }, { fingerprint });
    expect(meeting).toMatchObject({ kind: 'failed', failure: { code: 'not-permitted' } });
    expect(agentEnd.sent.map((text) => JSON.parse(text).kind)).toEqual(['hello']);
    expect(agentEnd.isEnded()).toBe(true);
  });

  test('knows which key is pinned and signs for it with a key of his own', async () => {
    const lab = buildCoordinator();
    const impostor = p256Key();
    const fingerprint = nodeCryptography.sha256(lab.key.publicKey);
    const { agentEnd, coordinatorEnd } = linkPair();
    coordinatorEnd.onEnd(() => {});
    coordinatorEnd.onMessage((text) => {
      const coordinatorNonce = nodeCryptography.randomBytes(32);
      const signed = transcriptBytes('coordinator', {
        channelBinding: coordinatorEnd.channelBinding,
        agentNonce: fromBase64Url(JSON.parse(text).nonce)!,
        coordinatorNonce,
        coordinatorFingerprint: fingerprint,
        agentFingerprint: null,
      });
      coordinatorEnd.send(
        JSON.stringify({
          kind: 'challenge',
          protocol: { major: 1, minor: 0 },
          coordinatorVersion: '0.1.0',
          nonce: toBase64Url(coordinatorNonce),
          publicKey: toBase64Url(impostor.publicKey),
          signature: toBase64Url(impostor.sign(signed)),
          codeProof: null,
        }),
      );
    });
    const meeting = await meetOver(agentEnd, lab, await lab.invite());
    expect(meeting).toMatchObject({ kind: 'failed', failure: { code: 'not-permitted' } });
    expect(agentEnd.sent).toHaveLength(1);
  });

  test('shows the pinned key without holding it, or with the challenge of an earlier meeting', async () => {
    const lab = buildCoordinator();
    const overheard = await rawAgent(lab);
    await overheard.say(overheard.hello);
    const { agentEnd, coordinatorEnd } = linkPair();
    coordinatorEnd.onEnd(() => {});
    coordinatorEnd.onMessage(() => coordinatorEnd.send(JSON.stringify(overheard.heard[0])));
    const meeting = await meetOver(agentEnd, lab, await lab.invite());
    expect(meeting).toMatchObject({ kind: 'failed', failure: { code: 'not-permitted' } });
    expect(agentEnd.sent).toHaveLength(1);
  });
});

describe('a meeting', () => {
  test('between incompatible versions ends with a refusal that says what to update', async () => {
    const lab = buildCoordinator();
    const raw = await rawAgent(lab);
    await raw.say({ ...raw.hello, protocol: { major: 2, minor: 3 } });
    expect(raw.heard).toEqual([
      {
        kind: 'refusal',
        code: 'incompatible',
        message:
          'The agent (0.1.0) speaks protocol 2, this coordinator (0.1.0) protocol 1: update Labwatch on the coordinator.',
        isFinal: true,
      },
    ]);
    expect(raw.agentEnd.isEnded()).toBe(true);
  });

  test('with a newer minor version comes about', async () => {
    const lab = buildCoordinator();
    const raw = await rawAgent(lab);
    await raw.say({ ...raw.hello, protocol: { major: 1, minor: 7 }, languages: ['en'] });
    expect(raw.heard[0]?.kind).toBe('challenge');
  });

  test('ends after ten seconds with an agent that says nothing, or stops in the middle', async () => {
    const lab = buildCoordinator();
    const silent = await rawAgent(lab);
    const stopping = await rawAgent(lab);
    await stopping.say(stopping.hello);
    await lab.pass(LIMITS.handshakeMs - 500);
    expect([silent.agentEnd.isEnded(), stopping.agentEnd.isEnded()]).toEqual([false, false]);
    await lab.pass(500);
    expect([silent.agentEnd.isEnded(), stopping.agentEnd.isEnded()]).toEqual([true, true]);
  });

  test('ends after ten seconds with a coordinator that says nothing', async () => {
    const lab = buildCoordinator();
    const { agentEnd } = linkPair();
    const meeting = meetOver(agentEnd, lab, nodeCryptography.randomBytes(16));
    await lab.pass(LIMITS.handshakeMs);
    expect(await meeting).toMatchObject({ kind: 'failed', failure: { code: 'unavailable' } });
  });

  test('takes small messages only, and larger ones after the welcome', async () => {
    const lab = buildCoordinator();
    const raw = await rawAgent(lab);
    expect(raw.coordinatorEnd.limit()).toBe(LIMITS.handshakeBytes);
    await raw.say({ ...raw.hello, agentVersion: 'x'.repeat(LIMITS.handshakeBytes) });
    expect(raw.agentEnd.isEnded()).toBe(true);
    const { link, coordinatorEnd } = await lab.join({ kind: 'invited', secret: await lab.invite() });
    expect([link.limit(), coordinatorEnd.limit()]).toEqual([LIMITS.messageBytes, LIMITS.messageBytes]);
  });

  test('keeps what comes right behind the welcome until somebody listens, in order', async () => {
    const lab = buildCoordinator();
    const dialled = await lab.dial({ kind: 'invited', secret: await lab.invite() });
    if (dialled.meeting.kind !== 'welcome') throw new Error('It was not welcomed.');
    const { workerId: id } = dialled.meeting.welcome;
    await settle();
    void lab.coordinator.setLevel(id, 'basic');
    lab.coordinator.watchProcesses(id);
    await settle();
    const heard: string[] = [];
    dialled.meeting.handOver({ onMessage: (text) => void heard.push(JSON.parse(text).method), onEnd: () => {} });
    expect(heard.sort()).toEqual(['set-level', 'watch-processes']);
  });

  test('is had with so many strangers at once and no more', async () => {
    const lab = buildCoordinator();
    const strangers = [];
    for (let index = 0; index < 260; index += 1) strangers.push(await rawAgent(lab));
    expect(strangers.filter(({ agentEnd }) => agentEnd.isEnded())).toHaveLength(4);
    expect(lab.logged).toEqual([]);
    await lab.pass(LIMITS.handshakeMs);
    expect(strangers.every(({ agentEnd }) => agentEnd.isEnded())).toBe(true);
    expect(lab.logged.length).toBeLessThanOrEqual(33);
  });
});
