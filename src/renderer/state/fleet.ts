/** The fleet as the window knows it: a snapshot, then revisioned patches, published once a beat. */
import type { WorkerId, WorkerView } from '../../core/fleet/worker.ts';
import type { Failure } from '../../core/result.ts';
import type { Disposable } from '../../core/time.ts';
import type { FleetPatch, FleetSnapshot } from '../../shared/ipc/contract.ts';
import { call, on } from '../api.ts';
import { beatNow, isWindowVisible, onBeat, onVisibility, requestBeat } from './beat.ts';
import { createStore, useStore } from './store.ts';

export type FleetState =
  | { readonly status: 'loading' }
  | { readonly status: 'error'; readonly failure: Failure }
  | {
      readonly status: 'ready';
      readonly workers: ReadonlyMap<WorkerId, WorkerView>;
      /** By name, digits by value; the same array while no worker comes, goes or is renamed. */
      readonly order: readonly WorkerId[];
      /** When the app last sent anything. */
      readonly heardAtMs: number;
    };

const LOADING: FleetState = { status: 'loading' };
const NO_WORKERS: readonly WorkerId[] = [];
const NOBODY: ReadonlyMap<WorkerId, WorkerView> = new Map();

export const fleet = createStore<FleetState>(LOADING);

let revision = 0;
let heardAtMs = 0;
let known = new Map<WorkerId, WorkerView>();
let isDirty = false;
let isSnapshotUnderWay = false;
let early: FleetPatch[] = [];

/** Follows the fleet until disposed. */
export function startFleet(): Disposable {
  const stops = [
    on('fleet:patch', receive),
    onBeat(publish),
    onVisibility((isVisible) => {
      if (isVisible) void reloadFleet();
    }),
  ];
  void reloadFleet();
  return {
    dispose() {
      for (const stop of stops) stop();
    },
  };
}

/** Asks for the whole fleet again: at start, after a missed revision, after the window was hidden, on "Try again". */
export async function reloadFleet(): Promise<void> {
  if (isSnapshotUnderWay) return;
  isSnapshotUnderWay = true;
  early = [];
  if (fleet.get().status === 'error') fleet.set(LOADING);
  const answer = await call('fleet:snapshot');
  isSnapshotUnderWay = false;
  if (!answer.ok) {
    fleet.set({ status: 'error', failure: answer.error });
    return;
  }
  accept(answer.value);
  for (const patch of early) receive(patch);
  beatNow();
}

export function workerOf(state: FleetState, workerId: WorkerId | null): WorkerView | undefined {
  return state.status === 'ready' && workerId !== null ? state.workers.get(workerId) : undefined;
}

/** Renders when this part of the worker changes; null while the worker is unknown. */
export function useWorkerPart<Part>(workerId: WorkerId, part: (worker: WorkerView) => Part): Part | null {
  return useStore(fleet, (state) => {
    const worker = workerOf(state, workerId);
    return worker === undefined ? null : part(worker);
  });
}

export function workersOf(state: FleetState): ReadonlyMap<WorkerId, WorkerView> {
  return state.status === 'ready' ? state.workers : NOBODY;
}

export function orderOf(state: FleetState): readonly WorkerId[] {
  return state.status === 'ready' ? state.order : NO_WORKERS;
}

function accept(snapshot: FleetSnapshot): void {
  revision = snapshot.revision;
  known = new Map(snapshot.workers.map((worker) => [worker.workerId, worker]));
  heardAtMs = Date.now();
  isDirty = true;
}

function receive(patch: FleetPatch): void {
  if (!isWindowVisible()) return;
  if (isSnapshotUnderWay) {
    early.push(patch);
    return;
  }
  if (patch.revision <= revision || fleet.get().status === 'error') return;
  if (patch.revision !== revision + 1) {
    void reloadFleet();
    return;
  }
  revision = patch.revision;
  heardAtMs = Date.now();
  let isStructural = patch.removed.length > 0;
  for (const workerId of patch.removed) known.delete(workerId);
  for (const worker of patch.changed) {
    isStructural ||= isDifferentWorker(known.get(worker.workerId), worker);
    known.set(worker.workerId, worker);
  }
  isDirty = true;
  if (isStructural) beatNow();
  else requestBeat();
}

const FIGURES = ['cpuUtilization', 'memoryUtilization', 'gpuUtilization', 'diskUtilization'] as const;

/** A change that a person waits for (a state, a level, a name, a figure where none was), not one more reading. */
function isDifferentWorker(before: WorkerView | undefined, after: WorkerView): boolean {
  return (
    before === undefined ||
    before.link !== after.link ||
    before.level !== after.level ||
    before.admission !== after.admission ||
    before.name !== after.name ||
    before.headline !== after.headline ||
    FIGURES.some((figure) => before.figures[figure] === null && after.figures[figure] !== null)
  );
}

function publish(): void {
  if (!isDirty) return;
  isDirty = false;
  const workers = new Map(known);
  const before = fleet.get();
  const order = sortedByName(workers);
  const isSameOrder =
    before.status === 'ready' &&
    before.order.length === order.length &&
    before.order.every((id, index) => id === order[index]);
  fleet.set({ status: 'ready', workers, order: isSameOrder ? before.order : order, heardAtMs });
}

const byName = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

function sortedByName(workers: ReadonlyMap<WorkerId, WorkerView>): readonly WorkerId[] {
  return [...workers.values()]
    .sort((a, b) => byName.compare(a.name, b.name) || (a.workerId < b.workerId ? -1 : 1))
    .map((worker) => worker.workerId);
}
