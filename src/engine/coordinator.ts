/** Knows the remote workers: lets them in, keeps their links, asks them, and says who is out of reach. */
import type { Moment } from '../core/coordination/link-state.ts';
import { wasAway } from '../core/coordination/own-absence.ts';
import { dialPlaceText } from '../core/fleet/dial-place.ts';
import { fingerprintText } from '../core/fleet/fingerprint.ts';
import { isLoopback } from '../core/fleet/listener.ts';
import type { WorkerId } from '../core/fleet/worker.ts';
import type { Level } from '../core/metrics/level.ts';
import { fail, ok, type Result } from '../core/result.ts';
import type { Admission as TaskTaking } from '../core/scheduling/place.ts';
import { type Clock, type Disposable, MINUTE_MS } from '../core/time.ts';
import { fromBase64Url, toBase64Url } from '../shared/protocol/base64url.ts';
import { invitationIdOf } from '../shared/protocol/invitation-id.ts';
import { createAdmission, type Dialling, type LocalAgent, REMOVED } from './admission.ts';
import { type AttendedWorker, attendWorker } from './attended-worker.ts';
import { type Admission, type AgentClaim, meetAgent } from './coordinator-handshake.ts';
import { attendLocalTasks } from './local-tasks.ts';
import { createMeter } from './meter.ts';
import type { Monitor } from './monitor.ts';
import type { Cryptography, EnrolledWorker, Invitation, Link, Log, SigningKey, Store, Timers } from './ports.ts';
import { createTaskAdmission } from './task-admission.ts';
import type { TaskDoor } from './tasks/contract.ts';

/** Half a second: a worker is called unreachable that much too late at most. */
const LOOK_EVERY_MS = 500;
/** A code is good for ten minutes (definitions). */
const CODE_LIFETIME_MS = 10 * MINUTE_MS;
/** Links whose other side is not known yet; more are turned away. */
const MOST_MEETINGS = 256;
/** Lines of the log about strangers: some at once, then one each five seconds. */
const COMPLAINTS = { perSecond: 0.2, atOnce: 30 };

export interface CoordinatorOptions {
  readonly store: Store;
  readonly monitor: Monitor;
  readonly key: SigningKey;
  readonly cryptography: Cryptography;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly version: string;
  /** The agent's one file, of the same version. Rejects where there is none. */
  readonly agentFile: () => Promise<Uint8Array>;
  readonly reachableAt: () => { readonly addresses: readonly string[]; readonly port: number };
  readonly lostAfterMs: () => number;
  /** Whether this machine has a network beyond itself: without one, no worker elsewhere becomes lost. */
  readonly hasNetwork: () => boolean;
  /** All that are enrolled; the local one is linked only for its tasks. */
  readonly workers: readonly EnrolledWorker[];
  readonly localAgent: LocalAgent | null;
  readonly tasks: TaskDoor;
  /** Whether a task on this worker is not over. */
  readonly hasWork: (workerId: WorkerId) => boolean;
}

export interface Coordinator extends Disposable {
  /** A link whose other side is not known yet. */
  readonly accept: (link: Link) => void;
  /** A link that this side dialled; the worker that it leads to, once it is welcomed. */
  meet(link: Link, dialling: Dialling): Promise<Result<EnrolledWorker>>;
  /** Gives out a code, good for one worker and ten minutes. */
  invite(): Promise<Result<Invitation>>;
  /** Kept, and told to the worker now or when it is back. */
  setLevel(workerId: WorkerId, level: Level): Promise<Result<null>>;
  /** `unavailable` while the worker is out of reach. */
  refreshInventory(workerId: WorkerId): Promise<Result<null>>;
  /** Resolves when the worker runs this Labwatch's agent, or with why it does not. */
  updateAgent(workerId: WorkerId): Promise<Result<null>>;
  /** Null: nobody looks at a remote worker. */
  watchProcesses(workerId: WorkerId | null): void;
  rename(workerId: WorkerId, name: string): Promise<Result<null>>;
  /** Whether it takes new tasks; for the local worker too. */
  setAdmission(workerId: WorkerId, admission: TaskTaking): Promise<Result<null>>;
  /** Ends the trust for ever. What ran there runs elsewhere. */
  remove(workerId: WorkerId): Promise<Result<null>>;
  dispose(): Promise<void>;
}

export function createCoordinator(options: CoordinatorOptions): Coordinator {
  const { store, monitor, cryptography, clock, timers, log, tasks, localAgent, workers, hasWork } = options;
  const attended = new Map<WorkerId, AttendedWorker>();
  const meetings = new Set<Link>();
  const local = workers.find(({ isLocal }) => isLocal);
  const localTasks = local && attendLocalTasks({ workerId: local.workerId, tasks, clock, timers, log });
  const find = (id: WorkerId) => (id === local?.workerId ? local : attended.get(id)?.worker());
  const admission = createAdmission({ store, cryptography, clock, find, localAgent });
  const taskAdmission = createTaskAdmission({ store, monitor, clock, workers, hasWork });
  const mayComplain = createMeter(COMPLAINTS, clock);
  let watched: WorkerId | null = null;
  let lastLook = moment();
  let isDisposed = false;
  for (const worker of workers) attend(worker);
  let lookTimer = timers.after(LOOK_EVERY_MS, look);

  function moment(): Moment {
    return { monotonicMs: clock.monotonicMs(), wallMs: clock.nowMs() };
  }

  function attend(worker: EnrolledWorker): void {
    if (worker.remote === null) return;
    const { workerId } = worker;
    const key = fromBase64Url(worker.remote.publicKey);
    if (key !== null) {
      const keyFingerprint = fingerprintText(cryptography.sha256(key));
      monitor.setRemote(workerId, { keyFingerprint, pairedAtMs: worker.remote.pairedAtMs });
    }
    const onLeaving = () => void leave(workerId);
    attended.set(workerId, attendWorker({ worker, store, monitor, tasks, clock, timers, log, onLeaving }));
    if (workerId === watched) attended.get(workerId)?.watch(true);
  }

  function look(): void {
    const now = moment();
    if (wasAway(lastLook, now, LOOK_EVERY_MS)) {
      log.info('Labwatch itself was away: every worker gets its time to come back.');
      for (const one of attended.values()) one.resumed();
    }
    lastLook = now;
    taskAdmission.look();
    lookTimer = timers.after(LOOK_EVERY_MS, look);
    const lostAfterMs = options.lostAfterMs();
    for (const one of attended.values()) one.look(lostAfterMs, () => !isHere(one) && !options.hasNetwork());
  }

  async function admit(claim: AgentClaim, dialling: Dialling | null): Promise<Admission> {
    const decision = await admission(claim, dialling);
    // Enrolled is enrolled, also when the link ends before the welcome.
    if (decision.kind === 'admitted' && decision.isNew && !isDisposed) welcomeNew(decision.worker, claim);
    return decision;
  }

  function welcomeNew(worker: EnrolledWorker, claim: AgentClaim): void {
    const known = attended.get(worker.workerId);
    monitor.enrol(worker);
    if (known === undefined) attend(worker);
    else known.update(worker);
    if (worker.remote !== null) {
      const { pairedAtMs, dialledAt } = worker.remote;
      monitor.setRemote(worker.workerId, { pairedAtMs, dialledAt: dialledAt && dialPlaceText(dialledAt) });
    }
    const again = known === undefined ? '' : ' again';
    attended.get(worker.workerId)?.record('paired', `Paired${again} as ${worker.name}, from ${claim.address}.`);
    log.info('A worker was paired.', { worker: worker.name, address: claim.address });
  }

  async function meet(link: Link, dialling: Dialling | null): Promise<Result<EnrolledWorker>> {
    if (isDisposed || meetings.size >= MOST_MEETINGS) {
      link.dispose();
      return fail('unavailable', 'Too many others are at the door.');
    }
    meetings.add(link);
    const { key, version, reachableAt } = options;
    const meeting = await meetAgent({
      ...{ link, key, cryptography, timers, version, reachableAt },
      codeSecret: dialling?.kind === 'code' ? dialling.secret : null,
      admit: (claim) => admit(claim, dialling),
    });
    meetings.delete(link);
    if (!meeting.ok) {
      const about = { address: link.peerAddress, reason: meeting.error.message };
      if (mayComplain()) log.warn('A link came to nothing.', about);
      return meeting;
    }
    const { workerId } = meeting.value.worker;
    const worker = workerId === local?.workerId ? localTasks : attended.get(workerId);
    if (worker === undefined || isDisposed) link.dispose();
    else worker.attach(link, meeting.value);
    return ok(meeting.value.worker);
  }

  async function remove(workerId: WorkerId): Promise<Result<null>> {
    const one = attended.get(workerId);
    if (one === undefined) return unknownWorker();
    const removed = await store.removeWorker(workerId);
    if (!removed.ok) return removed;
    attended.delete(workerId);
    await one.dispose(REMOVED);
    monitor.forget(workerId);
    tasks.removed(workerId);
    log.info('A worker was removed.', { worker: one.worker().name });
    return ok(null);
  }

  async function leave(workerId: WorkerId): Promise<void> {
    const removed = await remove(workerId);
    if (!removed.ok) log.warn('A worker that leaves could not be removed.', { reason: removed.error.message });
  }

  return {
    accept: (link) => void meet(link, null),
    meet,
    async invite() {
      const secret = cryptography.randomBytes(16);
      const invitation: Invitation = {
        invitationId: invitationIdOf(secret, cryptography.sha256),
        secret: toBase64Url(secret),
        expiresAtMs: Math.round(clock.nowMs()) + CODE_LIFETIME_MS,
        usedAtMs: null,
      };
      const saved = await store.saveInvitation(invitation);
      return saved.ok ? ok(invitation) : saved;
    },
    async setLevel(workerId, level) {
      return attended.get(workerId)?.setLevel(level) ?? unknownWorker();
    },
    async refreshInventory(workerId) {
      const one = attended.get(workerId);
      if (one === undefined) return unknownWorker();
      return one.ask('refresh-inventory', {}) ?? fail('unavailable', `${one.worker().name} cannot be reached now.`);
    },
    async updateAgent(workerId) {
      const one = attended.get(workerId);
      if (one === undefined) return unknownWorker();
      const bytes = await options.agentFile().catch(() => null);
      if (bytes === null) return fail('not-found', 'The program of the agent is missing here. Build Labwatch anew.');
      const sha256 = toHex(cryptography.sha256(bytes));
      const updated = await one.updateAgent({ version: options.version, bytes, sha256 });
      const about = { worker: one.worker().name, version: options.version };
      if (updated.ok) log.info('A worker’s agent was updated.', about);
      else log.warn('A worker’s agent was not updated.', { ...about, reason: updated.error.message });
      return updated;
    },
    watchProcesses(workerId) {
      if (workerId === watched) return;
      if (watched !== null) attended.get(watched)?.watch(false);
      watched = workerId;
      if (watched !== null) attended.get(watched)?.watch(true);
    },
    async rename(workerId, name) {
      const one = attended.get(workerId);
      if (one === undefined) return unknownWorker();
      const before = one.worker().name;
      const renamed = await store.renameWorker(workerId, name);
      if (!renamed.ok) return renamed;
      if (!attended.has(workerId)) return unknownWorker();
      one.update(renamed.value);
      monitor.rename(workerId, renamed.value.name);
      if (renamed.value.name !== before) one.record('renamed', `Renamed from ${before} to ${renamed.value.name}.`);
      return ok(null);
    },
    setAdmission: taskAdmission.set,
    remove,
    async dispose() {
      isDisposed = true;
      lookTimer.dispose();
      for (const link of meetings) link.dispose();
      localTasks?.dispose();
      await Promise.all([...attended.values()].map((one) => one.dispose()));
    },
  };
}

/** On this very machine: its link needs no network. */
function isHere(one: AttendedWorker): boolean {
  const address = one.address();
  return address !== null && isLoopback(address);
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function unknownWorker() {
  return fail('not-found', 'No other machine is enrolled under this id.');
}
