/** The part of fleet.db that says who belongs to the fleet: workers, trusted keys, codes given out, keys that were removed. */

import type { DialPlace } from '../../core/fleet/dial-place.ts';
import type { WorkerId } from '../../core/fleet/worker.ts';
import { freeWorkerName, workerNameFrom } from '../../core/fleet/worker-name.ts';
import type { Level } from '../../core/metrics/level.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { Admission } from '../../core/scheduling/place.ts';
import { DAY_MS } from '../../core/time.ts';
import type { EnrolledWorker, Enrolment, Invitation, LastSeen } from '../../engine/ports.ts';
import type { ReadableDatabase, WritableDatabase } from './connection.ts';
import { ReadOnlyError } from './fault.ts';
import { invitationOf, prepareWorkerReads, prepareWorkerWrites, workerOf } from './fleet-workers-statements.ts';

/** A code is remembered this long after it expired, so that whoever comes late is told why. */
const FORGET_CODES_AFTER_MS = DAY_MS;

export type FleetWorkers = ReturnType<typeof createFleetWorkers>;

export function createFleetWorkers(connection: ReadableDatabase) {
  const reads = prepareWorkerReads(connection);
  const writes = connection.readonly ? null : prepareWorkerWrites(connection as WritableDatabase);

  function writable() {
    if (writes === null) throw new ReadOnlyError('fleet.db is open for reading only.');
    return writes;
  }

  /** Whole or not at all; what other connections wrote meanwhile is seen. */
  function transact<Value>(work: (write: ReturnType<typeof writable>) => Value): Value {
    const write = writable();
    return connection.transaction(() => work(write)).immediate();
  }

  function find(id: WorkerId): EnrolledWorker | null {
    const row = reads.byId.get(id);
    return row === undefined ? null : workerOf(row);
  }

  function invitation(invitationId: string): Invitation | null {
    const row = reads.invitation?.get(invitationId);
    return row === undefined ? null : invitationOf(row);
  }

  function isRemovedKey(publicKey: string): boolean {
    return reads.removedKey?.get(publicKey) !== undefined;
  }

  /** Ids count as taken as well: where a name or an id may be typed, both must mean the same worker. */
  function isTaken(name: string, except: WorkerId | null): boolean {
    const row = reads.byNameOrId.get(name, name, except ?? '');
    return row !== undefined;
  }

  /** Null when the code may be used by this key. */
  function objectionTo({ invitationId, publicKey }: Enrolment, nowMs: number) {
    const code = invitationId === null ? null : reads.invitation?.get(invitationId);
    if (code === undefined) return fail('not-found', 'This code was not given out here. Ask for a new one.');
    if (isRemovedKey(publicKey)) {
      return fail('not-permitted', 'This machine was removed from the fleet and cannot come back with the same key.');
    }
    if (code === null) return null;
    // A machine that lost the connection before it heard that it was welcome asks again.
    if (code.used_by_key === publicKey) return null;
    if (code.used_at_ms !== null) return fail('not-permitted', 'This code was used already. Ask for a new one.');
    return nowMs < code.expires_at_ms ? null : fail('not-permitted', 'This code has expired. Ask for a new one.');
  }

  function addRemote(write: ReturnType<typeof writable>, enrolment: Enrolment, nowMs: number): void {
    const { workerId, publicKey, level, lastSeen } = enrolment;
    const name = freeWorkerName(workerNameFrom(enrolment.name), (wish) => isTaken(wish, null));
    write.insertWorker.run(workerId, name, 0, nowMs);
    write.insertRemote.run({ ...rowOf(workerId, lastSeen), publicKey, level, nowMs });
  }

  /** How it was paired last is how it is reached. */
  function saveDialled(write: ReturnType<typeof writable>, workerId: string, place: DialPlace | null): void {
    if (place === null) write.deleteDialled.run(workerId);
    else write.upsertDialled.run(workerId, JSON.stringify(place.addresses), place.port);
  }

  return {
    /** The local one first, then in the order in which they joined. */
    all: (): readonly EnrolledWorker[] => reads.all.all().map(workerOf),
    /** Does nothing where there is a local worker already. */
    addLocal(worker: Pick<EnrolledWorker, 'workerId' | 'name'>, nowMs: number): void {
      writable().insertLocal.run(worker.workerId, worker.name, nowMs);
    },
    invitation,
    hasOpenInvitation: (nowMs: number): boolean => reads.openInvitation?.get(nowMs) !== undefined,
    saveInvitation({ invitationId, secret, expiresAtMs }: Invitation, nowMs: number): void {
      transact((write) => {
        write.forgetInvitations.run(nowMs - FORGET_CODES_AFTER_MS);
        write.insertInvitation.run(invitationId, secret, expiresAtMs);
      });
    },
    enrol: (enrolment: Enrolment, nowMs: number): Result<EnrolledWorker> =>
      transact((write) => {
        const objection = objectionTo(enrolment, nowMs);
        if (objection !== null) return objection;
        const known = reads.byKey?.get(enrolment.publicKey);
        if (known === undefined) addRemote(write, enrolment, nowMs);
        else write.pairAgain.run({ ...rowOf(known.worker_id, enrolment.lastSeen), nowMs });
        saveDialled(write, known?.worker_id ?? enrolment.workerId, enrolment.dialledAt);
        if (enrolment.invitationId !== null)
          write.useInvitation.run(nowMs, enrolment.publicKey, enrolment.invitationId);
        return ok(workerOf(reads.byKey!.get(enrolment.publicKey)!));
      }),
    rename: (workerId: WorkerId, name: string): Result<EnrolledWorker> =>
      transact((write) => {
        const worker = find(workerId);
        if (worker === null) return unknownWorker();
        if (isTaken(name, workerId)) return fail('invalid-argument', `Another worker is called ${name} already.`);
        write.rename.run(name, workerId);
        return ok({ ...worker, name });
      }),
    saveLevel(workerId: WorkerId, level: Level): Result<null> {
      return writable().saveLevel.run(level, workerId).changes === 1 ? ok(null) : unknownWorker();
    },
    saveAdmission(workerId: WorkerId, admission: Admission): Result<null> {
      return writable().saveAdmission.run(admission, workerId).changes === 1 ? ok(null) : unknownWorker();
    },
    saveLastSeen(workerId: WorkerId, lastSeen: LastSeen): Result<null> {
      return writable().saveLastSeen.run(rowOf(workerId, lastSeen)).changes === 1 ? ok(null) : unknownWorker();
    },
    remove: (workerId: WorkerId, nowMs: number): Result<null> =>
      transact((write) => {
        const worker = find(workerId);
        if (worker === null) return unknownWorker();
        if (worker.remote === null) {
          return fail(
            'invalid-argument',
            'The machine that Labwatch runs on stays a worker; only others can be removed.',
          );
        }
        write.insertRemoved.run(worker.remote.publicKey, workerId, worker.name, nowMs);
        write.deleteWorker.run(workerId);
        return ok(null);
      }),
    isRemovedKey,
  };
}

function rowOf(workerId: string, { atMs, address, agentVersion, platform, runsTasks }: LastSeen) {
  return { workerId, atMs: Math.round(atMs), address, agentVersion, platform, runsTasks: runsTasks ? 1 : 0 };
}

function unknownWorker() {
  return fail('not-found', 'No such worker is enrolled.');
}
