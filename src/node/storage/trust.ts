/** What the store answers about who belongs to the fleet, and takes of what people say of them. A change that cannot be kept is refused: nobody is let in by half. */
import { parseWorkerName } from '../../core/fleet/worker-name.ts';
import { ok, type Result } from '../../core/result.ts';
import type { Clock } from '../../core/time.ts';
import { attempt } from './fault.ts';
import type { FleetDatabase } from './fleet-database.ts';
import type { FleetHome } from './fleet-home.ts';
import type { FleetWorkers } from './fleet-workers.ts';
import type { StoreCalls } from './messages.ts';

type TrustCalls = Pick<
  StoreCalls,
  | 'saveInvitation'
  | 'invitation'
  | 'enrol'
  | 'renameWorker'
  | 'saveWorkerLevel'
  | 'saveLastSeen'
  | 'changeLabels'
  | 'savePrice'
  | 'saveAdmission'
  | 'removeWorker'
  | 'isRemovedKey'
>;

export type TrustAnswers = {
  readonly [Name in keyof TrustCalls]: (...args: Parameters<TrustCalls[Name]>) => Awaited<ReturnType<TrustCalls[Name]>>;
};

export function createTrustAnswers(fleet: () => FleetHome, clock: Clock): TrustAnswers {
  const workers = (): FleetWorkers => fleet().database().workers;

  function changeDatabase<Value>(work: (database: FleetDatabase) => Result<Value>): Result<Value> {
    const answer = attempt(() => {
      const database = fleet().forKeeps('nobody can be let in or sent away');
      return database.ok ? work(database.value) : database;
    });
    return answer.ok ? answer.value : answer;
  }

  function change<Value>(work: (workers: FleetWorkers) => Result<Value>): Result<Value> {
    return changeDatabase((database) => work(database.workers));
  }

  /** Kept in today's backup as well: a torn fleet.db must not forget a worker, nor take a removed one back. */
  function changeTrust<Value>(work: (workers: FleetWorkers) => Result<Value>): Result<Value> {
    const result = change(work);
    if (result.ok) attempt(() => fleet().backUp(true));
    return result;
  }

  return {
    saveInvitation: (invitation) =>
      change((known) => {
        known.saveInvitation(invitation, clock.nowMs());
        return ok(null);
      }),
    invitation: (invitationId) => attempt(() => workers().invitation(invitationId)),
    enrol: (enrolment) => changeTrust((known) => known.enrol(enrolment, clock.nowMs())),
    renameWorker(workerId, name) {
      const parsed = parseWorkerName(name);
      return parsed.ok ? change((known) => known.rename(workerId, parsed.value)) : parsed;
    },
    saveWorkerLevel: (workerId, level) => change((known) => known.saveLevel(workerId, level)),
    saveLastSeen: (workerId, lastSeen) => change((known) => known.saveLastSeen(workerId, lastSeen)),
    changeLabels: (workerId, changes) => changeDatabase(({ profiles }) => profiles.changeLabels(workerId, changes)),
    savePrice: (workerId, pricePerHour) => changeDatabase(({ profiles }) => profiles.savePrice(workerId, pricePerHour)),
    saveAdmission: (workerId, admission) => change((known) => known.saveAdmission(workerId, admission)),
    removeWorker: (workerId) => changeTrust((known) => known.remove(workerId, clock.nowMs())),
    isRemovedKey: (publicKey) => attempt(() => workers().isRemovedKey(publicKey)),
  };
}
