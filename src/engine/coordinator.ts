/** Knows the remote workers: lets them in, keeps their links, asks them, and says who is out of reach. */
import type { Moment } from '../core/coordination/link-state.ts';
import { wasAway } from '../core/coordination/own-absence.ts';
import { fingerprintText } from '../core/fleet/fingerprint.ts';
import { isLoopback } from '../core/fleet/listener.ts';
import type { WorkerId } from '../core/fleet/worker.ts';
import type { Level } from '../core/metrics/level.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { type Clock, type Disposable, MINUTE_MS } from '../core/time.ts';
import { fromBase64Url, toBase64Url } from '../shared/protocol/base64url.ts';
import { invitationIdOf } from '../shared/protocol/invitation-id.ts';
import { createAdmission, REMOVED } from './admission.ts';
import { type AttendedWorker, attendWorker } from './attended-worker.ts';
import { type Admission, type AgentClaim, meetAgent } from './coordinator-handshake.ts';
import { createMeter } from './meter.ts';
import type { Monitor } from './monitor.ts';
import type { Cryptography, EnrolledWorker, Invitation, Link, Log, SigningKey, Store, Timers } from './ports.ts';

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
  readonly reachableAt: () => { readonly addresses: readonly string[]; readonly port: number };
  readonly lostAfterMs: () => number;
  /** Whether this machine has a network beyond itself: without one, no worker elsewhere becomes lost. */
  readonly hasNetwork: () => boolean;
  /** All that are enrolled; the local one is left alone. */
  readonly workers: readonly EnrolledWorker[];
}

export interface Coordinator extends Disposable {
  /** A link whose other side is not known yet. */
  readonly accept: (link: Link) => void;
  /** Gives out a code, good for one worker and ten minutes. */
  invite(): Promise<Result<Invitation>>;
  /** Kept, and told to the worker now or when it is back. */
  setLevel(workerId: WorkerId, level: Level): Promise<Result<null>>;
  /** `unavailable` while the worker is out of reach. */
  refreshInventory(workerId: WorkerId): Promise<Result<null>>;
  /** Null: nobody looks at a remote worker. */
  watchProcesses(workerId: WorkerId | null): void;
  rename(workerId: WorkerId, name: string): Promise<Result<null>>;
  /** Ends the trust for ever. */
  remove(workerId: WorkerId): Promise<Result<null>>;
  dispose(): Promise<void>;
}

export function createCoordinator(options: CoordinatorOptions): Coordinator {
  const { store, monitor, cryptography, clock, timers, log } = options;
  const attended = new Map<WorkerId, AttendedWorker>();
  const meetings = new Set<Link>();
  const admission = createAdmission({ store, cryptography, clock, find: (id) => attended.get(id)?.worker() });
  const mayComplain = createMeter(COMPLAINTS, clock);
  let watched: WorkerId | null = null;
  let lastLook = moment();
  let isDisposed = false;
  for (const worker of options.workers) attend(worker);
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
    attended.set(workerId, attendWorker({ worker, store, monitor, clock, timers, log, onLeaving }));
    if (workerId === watched) attended.get(workerId)?.watch(true);
  }

  function look(): void {
    const now = moment();
    if (wasAway(lastLook, now, LOOK_EVERY_MS)) {
      log.info('Labwatch itself was away: every worker gets its time to come back.');
      for (const one of attended.values()) one.resumed();
    }
    lastLook = now;
    lookTimer = timers.after(LOOK_EVERY_MS, look);
    const lostAfterMs = options.lostAfterMs();
    for (const one of attended.values()) one.look(lostAfterMs, () => !isHere(one) && !options.hasNetwork());
  }

  async function admit(claim: AgentClaim): Promise<Admission> {
    const decision = await admission(claim);
    // Enrolled is enrolled, also when the link ends before the welcome.
    if (decision.kind === 'admitted' && decision.isNew && !isDisposed) welcomeNew(decision.worker, claim);
    return decision;
  }

  function welcomeNew(worker: EnrolledWorker, claim: AgentClaim): void {
    const known = attended.get(worker.workerId);
    monitor.enrol(worker);
    if (known === undefined) attend(worker);
    else known.update(worker);
    if (worker.remote !== null) monitor.setRemote(worker.workerId, { pairedAtMs: worker.remote.pairedAtMs });
    const again = known === undefined ? '' : ' again';
    attended.get(worker.workerId)?.record('paired', `Paired${again} as ${worker.name}, from ${claim.address}.`);
    log.info('A worker was paired.', { worker: worker.name, address: claim.address });
  }

  async function meet(link: Link): Promise<void> {
    const { key, version, reachableAt } = options;
    const meeting = await meetAgent({ link, key, cryptography, timers, version, admit, reachableAt });
    meetings.delete(link);
    if (!meeting.ok) {
      const about = { address: link.peerAddress, reason: meeting.error.message };
      if (mayComplain()) log.warn('A link came to nothing.', about);
      return;
    }
    const worker = attended.get(meeting.value.worker.workerId);
    if (worker === undefined || isDisposed) link.dispose();
    else worker.attach(link, meeting.value);
  }

  async function remove(workerId: WorkerId): Promise<Result<null>> {
    const one = attended.get(workerId);
    if (one === undefined) return unknownWorker();
    const removed = await store.removeWorker(workerId);
    if (!removed.ok) return removed;
    attended.delete(workerId);
    await one.dispose(REMOVED);
    monitor.forget(workerId);
    log.info('A worker was removed.', { worker: one.worker().name });
    return ok(null);
  }

  async function leave(workerId: WorkerId): Promise<void> {
    const removed = await remove(workerId);
    if (!removed.ok) log.warn('A worker that leaves could not be removed.', { reason: removed.error.message });
  }

  return {
    accept(link) {
      if (isDisposed || meetings.size >= MOST_MEETINGS) return void link.dispose();
      meetings.add(link);
      void meet(link);
    },
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
    remove,
    async dispose() {
      isDisposed = true;
      lookTimer.dispose();
      for (const link of meetings) link.dispose();
      await Promise.all([...attended.values()].map((one) => one.dispose()));
    },
  };
}

/** On this very machine: its link needs no network. */
function isHere(one: AttendedWorker): boolean {
  const address = one.address();
  return address !== null && isLoopback(address);
}

function unknownWorker() {
  return fail('not-found', 'No other machine is enrolled under this id.');
}
