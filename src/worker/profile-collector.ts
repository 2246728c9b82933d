/**
 * What an agent with a profile reads instead of its machine: the load of its own process trees, the agent and its attempts,
 * as shares of what it claims; and the GPUs that it claims, by what its tasks were given.
 */
import { seriesKey } from '../core/metrics/series.ts';
import type { Clock } from '../core/time.ts';
import { type Collector, okBecause, type Sink } from '../node/sampling/collector.ts';
import { gpuKeys } from '../node/sampling/gpu-series.ts';
import type { Profile, ProfileGpu } from './profile.ts';
import { simulatedGpu } from './simulated-gpu.ts';

const CPU = seriesKey('system.cpu.utilization');
const MEMORY = {
  used: seriesKey('system.memory.usage', { 'system.memory.state': 'used' }),
  limit: seriesKey('system.memory.limit'),
  utilization: seriesKey('system.memory.utilization'),
};
const SAYS = okBecause(
  'Simulated by a profile: GPUs are made up; CPU and memory are those of the agent and its tasks alone.',
);

/** What the attempts on this machine use now. */
export interface TaskUse {
  readonly cores: number;
  readonly memoryBytes: number;
  /** Devices that running attempts were given. */
  readonly gpuIndexes: readonly number[];
}

export interface ProfileCollectorOptions {
  readonly profile: Profile;
  readonly clock: Clock;
  /** Of the machine, for what the profile leaves as it is. */
  readonly real: { readonly cores: number; readonly memoryBytes: number };
  readonly taskUse: () => TaskUse;
  /** Of the agent itself, since its start. */
  readonly ownCpuSeconds: () => number;
  readonly ownMemoryBytes: () => number;
}

export function profileCollector(options: ProfileCollectorOptions): Collector {
  const { profile, real, taskUse } = options;
  const cores = profile.cores ?? real.cores;
  const memoryBytes = profile.memoryBytes ?? real.memoryBytes;
  const gpus = (profile.gpus ?? []).map((gpu, index) => ({
    ...{ gpu, index, keys: gpuKeys(`simulated-${index}`, `${gpu.model} (simulated)`) },
    seed: seedOf(gpu, index),
  }));
  let before: { readonly seconds: number; readonly atMs: number } | null = null;

  /** Null at the first reading. */
  function ownCores(atMs: number): number | null {
    const seconds = options.ownCpuSeconds();
    const past = before;
    before = { seconds, atMs };
    return past === null || atMs <= past.atMs ? null : ((seconds - past.seconds) * 1_000) / (atMs - past.atMs);
  }

  return {
    name: 'profile',
    leastLevel: 'basic',
    cadenceMs: () => null,
    timeLimitMs: 2_000,
    isInFirstTick: true,
    detect: () => SAYS,
    read(sink, context) {
      const use = taskUse();
      const own = ownCores(context.monotonicMs());
      sink.put(CPU, own === null ? null : Math.min(1, (own + use.cores) / cores));
      const usedBytes = Math.min(memoryBytes, options.ownMemoryBytes() + use.memoryBytes);
      sink.put(MEMORY.used, usedBytes);
      sink.put(MEMORY.limit, memoryBytes);
      sink.put(MEMORY.utilization, usedBytes / memoryBytes);
      for (const { gpu, index, keys, seed } of gpus) {
        const isBusy = use.gpuIndexes.includes(index);
        putGpu(sink, keys, gpu, simulatedGpu(gpu, isBusy, seed, context.atMs));
      }
      return SAYS;
    },
    reset() {
      before = null;
    },
    dispose() {},
  };
}

function putGpu(
  sink: Sink,
  keys: ReturnType<typeof gpuKeys>,
  { memoryBytes }: ProfileGpu,
  figures: ReturnType<typeof simulatedGpu>,
): void {
  sink.put(keys.utilization, figures.utilization);
  sink.put(keys.memoryUsage, figures.memoryBytes);
  sink.put(keys.memoryLimit, memoryBytes);
  sink.put(keys.memoryUtilization, figures.memoryBytes / memoryBytes);
  sink.put(keys.temperature, figures.temperatureCelsius);
  sink.put(keys.power, figures.powerWatts);
}

/** Radians: where its waves begin. */
function seedOf({ model }: ProfileGpu, index: number): number {
  return [...model].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), index * 17) % 7;
}
