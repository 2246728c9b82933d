/** The live fleet: one door in (`ingest`), a snapshot and revisioned patches out. */
import { type LiveWorker, msUntilStale, newLiveWorker, receive, viewOf } from '../core/fleet/live-worker.ts';
import type { WorkerId } from '../core/fleet/worker.ts';
import type { Level } from '../core/metrics/level.ts';
import type { SampleBatch } from '../core/metrics/sample.ts';
import type { Clock, Disposable } from '../core/time.ts';
import type { FleetPatch, FleetSnapshot } from '../shared/ipc/contract.ts';
import { listeners } from './listeners.ts';
import type { EnrolledWorker, Store, Timers } from './ports.ts';

/** Four publishes a second at most (design, "Look"). */
const PUBLISH_INTERVAL_MS = 250;

export interface Monitor extends Disposable {
  /** The one door for everything a worker reports, on time or late: updates the live view and stores. */
  ingest(workerId: WorkerId, batch: SampleBatch): void;
  setLevel(workerId: WorkerId, level: Level): void;
  snapshot(): FleetSnapshot;
  /** Patches at most four times a second; nothing is built while nobody listens. */
  onPatch(listener: (patch: FleetPatch) => void): Disposable;
  /** Every batch as it comes, after the live view was updated. */
  onBatch(listener: (workerId: WorkerId, batch: SampleBatch) => void): Disposable;
}

export interface MonitorOptions {
  readonly workers: readonly EnrolledWorker[];
  readonly level: Level;
  readonly store: Pick<Store, 'append'>;
  readonly clock: Clock;
  readonly timers: Timers;
}

export function createMonitor({ workers, level, store, clock, timers }: MonitorOptions): Monitor {
  const live = new Map<WorkerId, LiveWorker>(
    workers.map((worker) => [worker.workerId, newLiveWorker(worker, level, clock.monotonicMs())]),
  );
  const changed = new Set<WorkerId>();
  const patchListeners = listeners<[FleetPatch]>();
  const batchListeners = listeners<[WorkerId, SampleBatch]>();
  const staleTimers = new Map<WorkerId, Disposable>();
  let revision = 0;
  let lastPublishMs = Number.NEGATIVE_INFINITY;
  let publishTimer: Disposable | null = null;

  const view = (worker: LiveWorker) => viewOf(worker, clock.nowMs(), clock.monotonicMs());

  function known(workerId: WorkerId): LiveWorker {
    const worker = live.get(workerId);
    if (worker === undefined) throw new Error(`No worker ${workerId} is enrolled.`);
    return worker;
  }

  function update(worker: LiveWorker): void {
    live.set(worker.workerId, worker);
    changed.add(worker.workerId);
    if (publishTimer !== null) return;
    const waitMs = Math.max(0, lastPublishMs + PUBLISH_INTERVAL_MS - clock.monotonicMs());
    if (waitMs === 0) publish();
    else publishTimer = timers.after(waitMs, publish);
  }

  function publish(): void {
    publishTimer = null;
    lastPublishMs = clock.monotonicMs();
    revision += 1;
    const workerIds = [...changed];
    changed.clear();
    if (patchListeners.isEmpty()) return;
    patchListeners.tell({ revision, changed: workerIds.map((id) => view(known(id))), removed: [] });
  }

  /** One timer a worker, moved along lazily: it looks again when it rings instead of being reset at every sample. */
  function watchStaleness(workerId: WorkerId): void {
    if (staleTimers.has(workerId)) return;
    const waitMs = Math.max(1, msUntilStale(known(workerId), clock.monotonicMs()));
    const ring = () => {
      staleTimers.delete(workerId);
      if (msUntilStale(known(workerId), clock.monotonicMs()) > 0) watchStaleness(workerId);
      else update(known(workerId));
    };
    staleTimers.set(workerId, timers.after(waitMs, ring));
  }

  return {
    ingest(workerId, batch) {
      const before = known(workerId);
      const after = receive(before, batch, clock.monotonicMs());
      store.append(workerId, batch);
      if (after !== before) {
        update(after);
        watchStaleness(workerId);
      }
      batchListeners.tell(workerId, batch);
    },
    setLevel(workerId, newLevel) {
      update({ ...known(workerId), level: newLevel });
    },
    snapshot: () => ({ revision, workers: [...live.values()].map(view) }),
    onPatch: patchListeners.add,
    onBatch: batchListeners.add,
    dispose() {
      publishTimer?.dispose();
      for (const timer of staleTimers.values()) timer.dispose();
      staleTimers.clear();
    },
  };
}
