/** The part of the store that knows workers, in memory, by the same rules as the real one. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { type WorkerId, workerId } from '../../src/core/fleet/worker.ts';
import type { Level } from '../../src/core/metrics/level.ts';
import type { SampleBatch } from '../../src/core/metrics/sample.ts';
import { fail, ok, type Result } from '../../src/core/result.ts';
import type { Clock } from '../../src/core/time.ts';
import type { EnrolledWorker, Enrolment, Invitation, LastSeen, SigningKey, Store } from '../../src/engine/ports.ts';

/** An agent's key. */
export function ed25519Key(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    publicKey: new Uint8Array(publicKey.export({ format: 'der', type: 'spki' })),
    sign: (bytes) => new Uint8Array(sign(null, bytes, privateKey)),
  };
}

/** A coordinator's key. */
export function p256Key(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    publicKey: new Uint8Array(publicKey.export({ format: 'der', type: 'spki' })),
    sign: (bytes) => new Uint8Array(sign('sha256', bytes, privateKey)),
  };
}

export interface FakeFleet {
  readonly store: Store;
  readonly workers: Map<WorkerId, EnrolledWorker>;
  readonly invitations: Map<string, Invitation>;
  readonly stored: { readonly workerId: WorkerId; readonly batch: SampleBatch }[];
  /** From now on every write answers this. */
  refuseWrites(failure: Result<never>): void;
}

export function fakeFleet(clock: Clock): FakeFleet {
  const workers = new Map<WorkerId, EnrolledWorker>();
  const invitations = new Map<string, Invitation>();
  const removedKeys = new Set<string>();
  const stored: FakeFleet['stored'] = [];
  let refusal: Result<never> | null = null;

  async function write<Value>(change: () => Result<Value>): Promise<Result<Value>> {
    return refusal ?? change();
  }

  function changeRemote(id: WorkerId, change: Partial<{ level: Level; lastSeen: LastSeen }>): Result<null> {
    const worker = workers.get(id);
    if (worker?.remote == null) return fail('not-found', 'No such worker is enrolled.');
    workers.set(id, { ...worker, remote: { ...worker.remote, ...change } });
    return ok(null);
  }

  function enrol({ invitationId, publicKey, dialledAt, ...wish }: Enrolment): Result<EnrolledWorker> {
    const code = invitationId === null ? null : invitations.get(invitationId);
    if (code === undefined) return fail('not-found', 'This code was not given out here.');
    if (removedKeys.has(publicKey)) return fail('not-permitted', 'This machine was removed.');
    const known = [...workers.values()].find(({ remote }) => remote?.publicKey === publicKey);
    if (code !== null) {
      if (code.usedAtMs !== null && known === undefined) return fail('not-permitted', 'This code was used already.');
      if (clock.nowMs() >= code.expiresAtMs) return fail('not-permitted', 'This code has expired.');
      invitations.set(code.invitationId, { ...code, usedAtMs: clock.nowMs() });
    }
    if (known !== undefined) return ok(known);
    const { level, lastSeen } = wish;
    const worker: EnrolledWorker = {
      workerId: wish.workerId,
      name: wish.name,
      isLocal: false,
      admission: 'open',
      remote: { publicKey, pairedAtMs: clock.nowMs(), level, lastSeen, dialledAt },
    };
    workers.set(worker.workerId, worker);
    return ok(worker);
  }

  const store: Partial<Store> = {
    append: (id, batch) => void stored.push({ workerId: id, batch }),
    saveInvitation: (invitation) =>
      write(() => {
        invitations.set(invitation.invitationId, invitation);
        return ok(null);
      }),
    invitation: async (id) => ok(invitations.get(id) ?? null),
    enrol: (enrolment) => write(() => enrol(enrolment)),
    renameWorker: (id, name) =>
      write(() => {
        const worker = workers.get(id);
        if (worker === undefined) return fail('not-found', 'No such worker is enrolled.');
        workers.set(id, { ...worker, name });
        return ok({ ...worker, name });
      }),
    saveWorkerLevel: (id, level) => write(() => changeRemote(id, { level })),
    saveLastSeen: (id, lastSeen) => write(() => changeRemote(id, { lastSeen })),
    saveAdmission: (id, admission) =>
      write(() => {
        const worker = workers.get(id);
        if (worker === undefined) return fail('not-found', 'No such worker is enrolled.');
        workers.set(id, { ...worker, admission });
        return ok(null);
      }),
    removeWorker: (id) =>
      write(() => {
        const worker = workers.get(id);
        if (worker?.remote == null) return fail('not-found', 'No such worker is enrolled.');
        workers.delete(id);
        removedKeys.add(worker.remote.publicKey);
        return ok(null);
      }),
    isRemovedKey: async (key) => ok(removedKeys.has(key)),
  };
  return {
    store: store as Store,
    workers,
    invitations,
    stored,
    refuseWrites(failure) {
      refusal = failure;
    },
  };
}

export const localWorker: EnrolledWorker = {
  workerId: workerId('local'),
  name: 'bench-desk',
  isLocal: true,
  admission: 'open',
  remote: null,
};
