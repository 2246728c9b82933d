/** The live fleet: one door in (`ingest`), a snapshot and revisioned patches out. */
import { dialPlaceText } from '../core/fleet/dial-place.ts';
import {
  candidateOf,
  type LiveWorker,
  msUntilStale,
  newLiveWorker,
  reached,
  readingOf,
  receive,
  viewOf,
  withProfile,
} from '../core/fleet/live-worker.ts';
import type { WorkerProfile } from '../core/fleet/profile.ts';
import type { LinkState, RemoteView, WorkerId, WorkerView } from '../core/fleet/worker.ts';
import type { Level } from '../core/metrics/level.ts';
import type { SampleBatch } from '../core/metrics/sample.ts';
import type { Admission, FleetCandidate } from '../core/scheduling/place.ts';
import type { WorkerReading } from '../core/scheduling/worker-load.ts';
import type { TaskTerms } from '../core/tasks/terms.ts';
import type { Clock, Disposable } from '../core/time.ts';
import type { FleetPatch, FleetSnapshot } from '../shared/ipc/contract.ts';
import { listeners } from './listeners.ts';
import type { EnrolledWorker, RemoteWorker, Store, Timers } from './ports.ts';

/** Four publishes a second at most (design, "Look"). */
const PUBLISH_INTERVAL_MS = 250;

export interface Monitor extends Disposable {
  /**
   * The one door for everything a worker reports: updates the live view and stores. What is `late` is history: it is
   * stored, and changes nothing that is live.
   */
  ingest(workerId: WorkerId, batch: SampleBatch, arrival?: 'live' | 'late'): void;
  setLevel(workerId: WorkerId, level: Level): void;
  /** A worker that joined, or joined again under the same id. */
  enrol(worker: EnrolledWorker): void;
  rename(workerId: WorkerId, name: string): void;
  /** The worker is no longer of the fleet. */
  forget(workerId: WorkerId): void;
  setLink(
    workerId: WorkerId,
    link: { readonly state: Exclude<LinkState, 'stale'>; readonly awaySinceMs: number | null },
  ): void;
  /** What is newly known of a remote worker. */
  setRemote(workerId: WorkerId, news: Partial<RemoteView>): void;
  /** What people newly said of a worker. */
  setProfile(workerId: WorkerId, news: Partial<Pick<WorkerProfile, 'labels' | 'pricePerHour'>>): void;
  /** Whether it takes new tasks. */
  setAdmission(workerId: WorkerId, admission: Admission): void;
  /** On what terms the local worker runs tasks; null: it runs none. */
  setTasks(workerId: WorkerId, terms: TaskTerms | null): void;
  /** What runs there now: a few names, and how many there are. */
  setRunning(workerId: WorkerId, names: readonly string[], count: number): void;
  /** What its machine does at this moment, by its own readings; null before the first. */
  reading(workerId: WorkerId): WorkerReading | null;
  /** Every worker as placement sees it. */
  candidates(): readonly FleetCandidate[];
  snapshot(): FleetSnapshot;
  /** One worker alone, as in the snapshot; with hundreds of them the whole costs too much to ask for at each tick. */
  worker(workerId: WorkerId): WorkerView | undefined;
  /** Patches at most four times a second; nothing is built while nobody listens. */
  onPatch(listener: (patch: FleetPatch) => void): Disposable;
  /** Something that placement looks at has changed. */
  onCandidates(listener: () => void): Disposable;
  /** Every batch of the present as it comes, after the live view was updated. */
  onBatch(listener: (workerId: WorkerId, batch: SampleBatch) => void): Disposable;
}

export interface MonitorOptions {
  readonly workers: readonly EnrolledWorker[];
  /** What is kept of them. */
  readonly profiles?: readonly WorkerProfile[];
  /** Of the local worker. */
  readonly level: Level;
  readonly store: Pick<Store, 'append'>;
  readonly clock: Clock;
  readonly timers: Timers;
}

export function createMonitor({ workers, profiles = [], level, store, clock, timers }: MonitorOptions): Monitor {
  const live = new Map<WorkerId, LiveWorker>();
  const changed = new Set<WorkerId>();
  const removed = new Set<WorkerId>();
  const patchListeners = listeners<[FleetPatch]>();
  const batchListeners = listeners<[WorkerId, SampleBatch]>();
  const candidateListeners = listeners<[]>();
  const staleTimers = new Map<WorkerId, Disposable>();
  let revision = 0;
  let lastPublishMs = Number.NEGATIVE_INFINITY;
  let publishTimer: Disposable | null = null;
  for (const worker of workers) live.set(worker.workerId, newcomer(worker));
  for (const { workerId, ...profile } of profiles) live.set(workerId, withProfile(known(workerId), profile));

  function newcomer({ remote, ...identity }: EnrolledWorker): LiveWorker {
    const view = remote === null ? null : firstViewOf(remote);
    return newLiveWorker(identity, remote?.level ?? level, clock.monotonicMs(), view);
  }

  const view = (worker: LiveWorker) => viewOf(worker, clock.nowMs(), clock.monotonicMs());

  function known(workerId: WorkerId): LiveWorker {
    const worker = live.get(workerId);
    if (worker === undefined) throw new Error(`No worker ${workerId} is enrolled.`);
    return worker;
  }

  function update(worker: LiveWorker): void {
    const before = live.get(worker.workerId);
    live.set(worker.workerId, worker);
    changed.add(worker.workerId);
    removed.delete(worker.workerId);
    publishSoon();
    if (before === undefined || isOtherForPlacement(before, worker)) candidateListeners.tell();
  }

  function publishSoon(): void {
    if (publishTimer !== null) return;
    const waitMs = Math.max(0, lastPublishMs + PUBLISH_INTERVAL_MS - clock.monotonicMs());
    if (waitMs === 0) publish();
    else publishTimer = timers.after(waitMs, publish);
  }

  function publish(): void {
    publishTimer = null;
    lastPublishMs = clock.monotonicMs();
    revision += 1;
    const changedIds = [...changed];
    const removedIds = [...removed];
    changed.clear();
    removed.clear();
    if (patchListeners.isEmpty()) return;
    patchListeners.tell({ revision, changed: changedIds.map((id) => view(known(id))), removed: removedIds });
  }

  /** One timer a worker, moved along lazily: it looks again when it rings instead of being reset at every sample. */
  function watchStaleness(workerId: WorkerId): void {
    if (staleTimers.has(workerId)) return;
    const waitMs = Math.max(1, msUntilStale(known(workerId), clock.monotonicMs()));
    const ring = () => {
      staleTimers.delete(workerId);
      if (msUntilStale(known(workerId), clock.monotonicMs()) > 0) return watchStaleness(workerId);
      update(known(workerId));
      candidateListeners.tell();
    };
    staleTimers.set(workerId, timers.after(waitMs, ring));
  }

  function receiveLive(workerId: WorkerId, batch: SampleBatch): void {
    const before = known(workerId);
    const after = receive(before, batch, clock.monotonicMs());
    if (after === before) return;
    const wasStale = msUntilStale(before, clock.monotonicMs()) <= 0;
    update(after);
    watchStaleness(workerId);
    if (wasStale) candidateListeners.tell();
  }

  return {
    ingest(workerId, batch, arrival = 'live') {
      known(workerId);
      store.append(workerId, batch);
      if (arrival === 'late') return;
      receiveLive(workerId, batch);
      batchListeners.tell(workerId, batch);
    },
    setLevel(workerId, newLevel) {
      update({ ...known(workerId), level: newLevel });
    },
    enrol(worker) {
      const before = live.get(worker.workerId);
      update(before === undefined ? newcomer(worker) : { ...before, name: worker.name, admission: worker.admission });
    },
    rename(workerId, name) {
      update({ ...known(workerId), name });
    },
    forget(workerId) {
      if (!live.delete(workerId)) return;
      staleTimers.get(workerId)?.dispose();
      staleTimers.delete(workerId);
      changed.delete(workerId);
      removed.add(workerId);
      publishSoon();
      candidateListeners.tell();
    },
    setLink(workerId, link) {
      update(reached(known(workerId), link, clock.monotonicMs()));
      watchStaleness(workerId);
    },
    setProfile(workerId, news) {
      update(withProfile(known(workerId), news));
    },
    setRemote(workerId, news) {
      const worker = known(workerId);
      if (worker.remote === null) throw new Error(`Worker ${workerId} is not a remote one.`);
      const remote = { ...worker.remote, ...news };
      const isNew = (Object.keys(news) as (keyof RemoteView)[]).some((key) => worker.remote?.[key] !== remote[key]);
      if (isNew) update({ ...worker, remote });
    },
    setAdmission(workerId, admission) {
      update({ ...known(workerId), admission });
    },
    setTasks(workerId, localTerms) {
      update({ ...known(workerId), localTerms });
    },
    setRunning(workerId, runningTasks, runningTaskCount) {
      const worker = live.get(workerId);
      // What ran on a worker that was just removed is told once more.
      if (worker !== undefined) update({ ...worker, runningTasks, runningTaskCount });
    },
    reading: (workerId) => readingOf(known(workerId), clock.nowMs(), clock.monotonicMs()),
    candidates: () => [...live.values()].map((worker) => candidateOf(worker, clock.monotonicMs())),
    snapshot: () => ({ revision, workers: [...live.values()].map(view) }),
    worker(workerId) {
      const worker = live.get(workerId);
      return worker === undefined ? undefined : view(worker);
    },
    onPatch: patchListeners.add,
    onCandidates: candidateListeners.add,
    onBatch: batchListeners.add,
    dispose() {
      publishTimer?.dispose();
      for (const timer of staleTimers.values()) timer.dispose();
      staleTimers.clear();
    },
  };
}

/** Ticks come each second and change nothing of these. */
function isOtherForPlacement(before: LiveWorker, after: LiveWorker): boolean {
  return (
    before.reach !== after.reach ||
    before.name !== after.name ||
    before.admission !== after.admission ||
    before.labels !== after.labels ||
    before.pricePerHour !== after.pricePerHour ||
    before.capabilities !== after.capabilities ||
    before.localTerms !== after.localTerms ||
    before.remote?.taskTerms !== after.remote?.taskTerms ||
    before.remote?.runsTasks !== after.remote?.runsTasks
  );
}

/** What is known before the first link; the coordinator adds the fingerprint, which takes a computation. */
function firstViewOf({ pairedAtMs, lastSeen, dialledAt }: RemoteWorker): RemoteView {
  return {
    agentVersion: lastSeen?.agentVersion ?? null,
    address: lastSeen?.address ?? null,
    dialledAt: dialledAt === null ? null : dialPlaceText(dialledAt),
    platform: lastSeen?.platform ?? null,
    pairedAtMs,
    keyFingerprint: '',
    runsTasks: lastSeen?.runsTasks ?? false,
    taskTerms: null,
    clockDifferenceMs: null,
    spooledBytes: 0,
    lostTicks: 0,
    isUpdating: false,
  };
}
