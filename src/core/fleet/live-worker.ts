/** The live state of one worker and the pure rules that move it. */
import type { CollectorStatus } from '../metrics/collector.ts';
import { type Level, TICK_INTERVAL_MS } from '../metrics/level.ts';
import type { SampleBatch, Tick } from '../metrics/sample.ts';
import { capacityOf } from '../scheduling/capacity.ts';
import type { Admission, Capacity, FleetCandidate } from '../scheduling/place.ts';
import type { WorkerReading } from '../scheduling/worker-load.ts';
import type { TaskTerms } from '../tasks/terms.ts';
import { SECOND_MS } from '../time.ts';
import { type Capability, capabilitiesOf } from './capabilities.ts';
import { type DatedFigures, figuresIn, freshFigures } from './figures.ts';
import { inventoryHeadline } from './headline.ts';
import type { Inventory } from './inventory.ts';
import type { Labels } from './labels.ts';
import type { WorkerProfile } from './profile.ts';
import type { LinkState, RemoteView, WorkerId, WorkerView } from './worker.ts';

/** Intervals without a sample after which a connected worker is stale (definitions, "Worker link"). */
const STALE_AFTER_INTERVALS = 3;
const SPARKLINE_SECONDS = 60;

export interface LiveWorker {
  readonly workerId: WorkerId;
  readonly name: string;
  readonly isLocal: boolean;
  /** As the coordinator sees it; the local worker is always online. `awaited`: not heard of since the start. */
  readonly reach: 'awaited' | Exclude<LinkState, 'stale'>;
  readonly awaySinceMs: number | null;
  /** Null for the local worker. */
  readonly remote: RemoteView | null;
  readonly level: Level;
  readonly lastSampleAtMs: number | null;
  /** Monotonic time of the last arrival: a jump of the wall clock makes nobody stale. */
  readonly lastArrivalMs: number;
  readonly figures: DatedFigures;
  readonly cpuPoints: readonly { readonly atMs: number; readonly value: number }[];
  readonly headline: string | null;
  readonly capabilities: readonly Capability[];
  readonly inventoryAtMs: number | null;
  readonly labels: Labels;
  readonly pricePerHour: number | null;
  readonly collectors: readonly CollectorStatus[];
  readonly capacity: Capacity;
  readonly admission: Admission;
  /** Of the local worker; null where it runs no tasks. A remote one tells its terms itself. */
  readonly localTerms: TaskTerms | null;
  readonly runningTasks: readonly string[];
  readonly runningTaskCount: number;
}

export function newLiveWorker(
  identity: {
    readonly workerId: WorkerId;
    readonly name: string;
    readonly isLocal: boolean;
    readonly admission?: Admission;
  },
  level: Level,
  monotonicMs: number,
  remote: RemoteView | null = null,
): LiveWorker {
  const { workerId, name, isLocal, admission = 'open' } = identity;
  return {
    workerId,
    name,
    isLocal,
    reach: remote === null ? 'online' : 'awaited',
    awaySinceMs: null,
    remote,
    level,
    lastSampleAtMs: null,
    lastArrivalMs: monotonicMs,
    figures: {},
    cpuPoints: [],
    headline: null,
    capabilities: [],
    inventoryAtMs: null,
    labels: {},
    pricePerHour: null,
    collectors: [],
    capacity: capacityOf(null),
    admission,
    localTerms: null,
    runningTasks: [],
    runningTaskCount: 0,
  };
}

/** The worker after a delivery of the present. Ticks older than the newest one known are history: they change nothing here. */
export function receive(worker: LiveWorker, batch: SampleBatch, monotonicMs: number): LiveWorker {
  let next = worker;
  for (const tick of batch.ticks ?? []) next = receiveTick(next, tick, monotonicMs);
  if (batch.collectors) next = { ...next, collectors: batch.collectors };
  return batch.inventory ? withInventory(next, batch.inventory) : next;
}

/** The worker with what is kept of it from earlier. */
export function withProfile(worker: LiveWorker, profile: Partial<Omit<WorkerProfile, 'workerId'>>): LiveWorker {
  const { inventory, ...said } = profile;
  const next = { ...worker, ...said };
  return inventory ? withInventory(next, inventory) : next;
}

function withInventory(worker: LiveWorker, inventory: Inventory): LiveWorker {
  return {
    ...worker,
    headline: inventoryHeadline(inventory),
    capabilities: capabilitiesOf(inventory),
    inventoryAtMs: inventory.atMs,
    capacity: capacityOf(inventory),
  };
}

/** The worker after its link changed. It has three intervals to send its first sample once it is online. */
export function reached(
  worker: LiveWorker,
  link: { readonly state: Exclude<LinkState, 'stale'>; readonly awaySinceMs: number | null },
  monotonicMs: number,
): LiveWorker {
  const isArrival = link.state === 'online' && worker.reach !== 'online';
  return {
    ...worker,
    reach: link.state,
    awaySinceMs: link.awaySinceMs,
    lastArrivalMs: isArrival ? monotonicMs : worker.lastArrivalMs,
  };
}

/** Ms until the worker becomes stale if nothing arrives; 0 or less when it is. */
export function msUntilStale(worker: LiveWorker, monotonicMs: number): number {
  return worker.lastArrivalMs + STALE_AFTER_INTERVALS * TICK_INTERVAL_MS[worker.level] - monotonicMs;
}

export function viewOf(worker: LiveWorker, nowMs: number, monotonicMs: number): WorkerView {
  return {
    workerId: worker.workerId,
    name: worker.name,
    isLocal: worker.isLocal,
    link: linkOf(worker, monotonicMs),
    awaySinceMs: worker.awaySinceMs,
    remote: worker.remote,
    level: worker.level,
    lastSampleAtMs: worker.lastSampleAtMs,
    figures: freshFigures(worker.figures, nowMs),
    cpuSparkline: sparklineOf(worker),
    headline: worker.headline,
    capabilities: worker.capabilities,
    inventoryAtMs: worker.inventoryAtMs,
    labels: worker.labels,
    pricePerHour: worker.pricePerHour,
    collectors: worker.collectors,
    runsTasks: doesRunTasks(worker),
    admission: worker.admission,
    runningTasks: worker.runningTasks,
    runningTaskCount: worker.runningTaskCount,
  };
}

/** The worker as placement sees it, without what was promised to tasks. */
export function candidateOf(worker: LiveWorker, monotonicMs: number): FleetCandidate {
  const terms = worker.isLocal ? worker.localTerms : worker.remote?.taskTerms;
  return {
    workerId: worker.workerId,
    name: worker.name,
    isReachable: worker.reach === 'online',
    isFresh: linkOf(worker, monotonicMs) === 'online',
    runsTasks: doesRunTasks(worker),
    admission: worker.admission,
    capabilities: worker.capabilities,
    labels: worker.labels,
    allowedPrograms: terms?.programs ?? null,
    maxParallel: terms?.maxParallel ?? null,
    capacity: worker.capacity,
    pricePerHour: worker.pricePerHour,
  };
}

/** What the machine does at `nowMs`; null before its first sample. */
export function readingOf(worker: LiveWorker, nowMs: number, monotonicMs: number): WorkerReading | null {
  if (worker.lastSampleAtMs === null) return null;
  const { cpuUtilization, memoryUsedBytes, powerWatts } = freshFigures(worker.figures, nowMs);
  const { cores, memoryBytes } = worker.capacity;
  return {
    monotonicMs,
    cores: cpuUtilization === null || cores === null ? null : cpuUtilization * cores,
    memoryBytes: memoryUsedBytes,
    powerWatts,
    capacityCores: cores,
    capacityBytes: memoryBytes,
  };
}

function doesRunTasks({ isLocal, localTerms, remote }: LiveWorker): boolean {
  return isLocal ? localTerms !== null : (remote?.runsTasks ?? false);
}

function linkOf(worker: LiveWorker, monotonicMs: number): LinkState {
  // Nobody knows yet whether it can be reached; that nothing of it is current is certain.
  if (worker.reach === 'awaited') return 'stale';
  if (worker.reach !== 'online') return worker.reach;
  // The local one has just begun; a remote one that is linked and says nothing has not.
  const isStarting = worker.isLocal && worker.lastSampleAtMs === null;
  return !isStarting && msUntilStale(worker, monotonicMs) <= 0 ? 'stale' : 'online';
}

/** A wall clock set back leaves the newest sample in the future; past this it is believed and the live view starts over. */
const CLOCK_SET_BACK_MS = 10 * SECOND_MS;

function receiveTick(worker: LiveWorker, tick: Tick, monotonicMs: number): LiveWorker {
  const newest = worker.lastSampleAtMs ?? Number.NEGATIVE_INFINITY;
  const isLate = tick.atMs < newest;
  if (isLate && newest - tick.atMs <= CLOCK_SET_BACK_MS) return worker;
  const figures = figuresIn(tick);
  const cpu = figures.cpuUtilization;
  const points = isLate ? [] : worker.cpuPoints;
  const oldestMs = tick.atMs - SPARKLINE_SECONDS * SECOND_MS;
  return {
    ...worker,
    lastSampleAtMs: tick.atMs,
    lastArrivalMs: monotonicMs,
    figures: { ...worker.figures, ...figures },
    cpuPoints: cpu === undefined ? points : [...points.filter((point) => point.atMs > oldestMs), cpu],
  };
}

/** One entry a second, oldest first: the newest sample of that second, held for as long as the level's interval. */
function sparklineOf(worker: LiveWorker): (number | null)[] {
  const line: (number | null)[] = new Array(SPARKLINE_SECONDS).fill(null);
  if (worker.lastSampleAtMs === null) return line;
  const lastSecond = Math.floor(worker.lastSampleAtMs / SECOND_MS);
  const heldSeconds = Math.max(1, Math.round(TICK_INTERVAL_MS[worker.level] / SECOND_MS));
  for (const point of worker.cpuPoints) {
    const slot = SPARKLINE_SECONDS - 1 - (lastSecond - Math.floor(point.atMs / SECOND_MS));
    for (let held = 0; held < heldSeconds; held += 1) {
      if (slot + held >= 0 && slot + held < SPARKLINE_SECONDS) line[slot + held] = point.value;
    }
  }
  return line;
}
