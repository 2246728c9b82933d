/**
 * Reads this machine, in the agent's own thread: one process, little memory. Only the inventory, which starts programs
 * and shells, is read aside.
 */
import { availableParallelism, totalmem } from 'node:os';
import type { Inventory } from '../core/fleet/inventory.ts';
import { type Level, TICK_INTERVAL_MS } from '../core/metrics/level.ts';
import type { ProcessSnapshot, SampleBatch } from '../core/metrics/sample.ts';
import { type Clock, type Disposable, SECOND_MS } from '../core/time.ts';
import type { Collector } from '../node/sampling/collector.ts';
import { ownSources } from '../node/sampling/inventory/sources.ts';
import { inventoryCollector } from '../node/sampling/inventory-collector.ts';
import type { StartInventoryReading } from '../node/sampling/inventory-reading.ts';
import { platformCollectors } from '../node/sampling/platform.ts';
import { createScheduler, type Delivery } from '../node/sampling/scheduler.ts';
import { LayoutMirror, LayoutTable } from '../node/sampling/wire.ts';
import { type Profile, profiledInventory } from './profile.ts';
import { profileCollector, type TaskUse } from './profile-collector.ts';

/** Between two process snapshots while nobody looks at them. */
const UNWATCHED_MS = 10 * SECOND_MS;

export interface Sampling extends Disposable {
  level(): Level;
  setLevel(level: Level): void;
  refreshInventory(): void;
  /** While watched, process snapshots come as they are read. */
  watchProcesses(isWatched: boolean): void;
  dispose(): Promise<void>;
}

export interface SamplingOptions {
  readonly level: Level;
  /** Times of readings are by this clock. */
  readonly clock: Clock;
  readonly startInventory: StartInventoryReading;
  readonly onBatch: (batch: SampleBatch) => void;
  /** What is read and told instead of what this machine is; null: nothing. */
  readonly profiled: Profiled | null;
}

export interface Profiled {
  readonly profile: Profile;
  readonly taskUse: () => TaskUse;
}

/** What a profile leaves as it is; the load of everything else belongs to the agents of this machine together. */
const KEPT_COLLECTORS: readonly string[] = ['root-filesystem', 'filesystems'];

/** Starts at once. */
export function startSampling(options: SamplingOptions): Sampling {
  const { level: firstLevel, clock, startInventory, onBatch, profiled } = options;
  const platform = platformCollectors({ role: 'sampler', ...ownSources() }, clock, () => undefined);
  const { release } = platform;
  const collectors = profiled === null ? platform.collectors : profiledCollectors(platform.collectors, clock, profiled);
  const inventory = inventoryCollector(startInventory);
  const layouts = new LayoutTable();
  const mirror = new LayoutMirror();
  let level = firstLevel;
  let isWatched = false;
  let snapshotAtMs = Number.NEGATIVE_INFINITY;

  function wanted(processes: readonly ProcessSnapshot[]): readonly ProcessSnapshot[] {
    const nowMs = clock.monotonicMs();
    // Ticks come at whole intervals, give or take.
    const slackMs = TICK_INTERVAL_MS[level] / 2;
    if (processes.length === 0 || (!isWatched && nowMs - snapshotAtMs < UNWATCHED_MS - slackMs)) return [];
    snapshotAtMs = nowMs;
    return processes;
  }

  function batchOf(delivery: Delivery): SampleBatch {
    const { atMs, keys, values, count, collectors: states, events } = delivery;
    const processes = wanted(delivery.processes);
    return {
      ...(count === 0 ? {} : { ticks: [tickOf(atMs, keys, values, count)] }),
      ...(processes.length > 0 ? { processes } : {}),
      ...(states === null ? {} : { collectors: states }),
      ...(delivery.inventory === null ? {} : { inventory: told(delivery.inventory) }),
      ...(events.length > 0 ? { events } : {}),
    };
  }

  function told(inventory: Inventory): Inventory {
    return profiled === null ? inventory : profiledInventory(inventory, profiled.profile);
  }

  function tickOf(atMs: number, keys: Delivery['keys'], values: readonly number[], count: number) {
    const { layout, newKeys } = layouts.find(keys, count);
    if (newKeys !== null) mirror.learn([{ layout, seriesKeys: newKeys }]);
    return mirror.tick({ atMs, layout, values: Float64Array.from({ length: count }, (_, index) => values[index]!) });
  }

  const scheduler = createScheduler([...collectors, inventory], clock, (delivery) => {
    const batch = batchOf(delivery);
    if (Object.keys(batch).length > 0) onBatch(batch);
  });
  scheduler.start(level);

  return {
    level: () => level,
    setLevel(newLevel) {
      level = newLevel;
      scheduler.setLevel(newLevel);
    },
    refreshInventory: () => inventory.refresh(),
    watchProcesses(watched) {
      isWatched = watched;
    },
    async dispose() {
      await scheduler.dispose();
      await release();
    },
  };
}

function profiledCollectors(
  found: readonly Collector[],
  clock: Clock,
  { profile, taskUse }: Profiled,
): readonly Collector[] {
  const own = profileCollector({
    ...{ profile, clock, taskUse },
    real: { cores: availableParallelism(), memoryBytes: totalmem() },
    ownCpuSeconds() {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    },
    ownMemoryBytes: () => process.memoryUsage.rss(),
  });
  return [own, ...found.filter(({ name }) => KEPT_COLLECTORS.includes(name))];
}
