/** What is left of a worker after what is promised there already. */
import type { GpuShare, Promised, TaskNeeds } from '../tasks/task.ts';
import type { Candidate, Capacity, CapacityGpu } from './place.ts';

/** Sums of tenths differ from whole numbers by less than this. */
const ROUNDING = 1e-6;

export interface FreeGpu extends CapacityGpu {
  /** 0..1 of it that is promised to nobody. */
  readonly freeShare: number;
  /** Null: how much it has is not known. */
  readonly freeMemoryBytes: number | null;
}

export interface FreeRoom {
  readonly cores: number | null;
  readonly memoryBytes: number | null;
  readonly gpus: readonly FreeGpu[];
}

/** By list of promises, which never changes: of two hundred workers, one has another list than in the round before. */
const freeRooms = new WeakMap<readonly Promised[], { readonly capacity: Capacity; readonly room: FreeRoom }>();
const wholeRooms = new WeakMap<Capacity, FreeRoom>();

export function freeRoomOf({ capacity, promised }: Pick<Candidate, 'capacity' | 'promised'>): FreeRoom {
  const known = freeRooms.get(promised);
  if (known?.capacity === capacity) return known.room;
  const room = roomAfter(capacity, promised);
  freeRooms.set(promised, { capacity, room });
  return room;
}

/** Of the worker when nothing is promised. */
export function wholeRoomOf(capacity: Capacity): FreeRoom {
  const room = wholeRooms.get(capacity) ?? roomAfter(capacity, []);
  wholeRooms.set(capacity, room);
  return room;
}

function roomAfter(capacity: Capacity, promised: readonly Promised[]): FreeRoom {
  let [cores, memoryBytes] = [0, 0];
  for (const promise of promised) {
    cores += promise.cores;
    memoryBytes += promise.memoryBytes;
  }
  return {
    cores: capacity.cores === null ? null : Math.max(0, capacity.cores - cores),
    memoryBytes: capacity.memoryBytes === null ? null : Math.max(0, capacity.memoryBytes - memoryBytes),
    gpus: capacity.gpus.map((gpu) => freeGpu(gpu, promised)),
  };
}

function freeGpu(gpu: CapacityGpu, promised: readonly Promised[]): FreeGpu {
  let [share, bytes] = [0, 0];
  for (const promise of promised) {
    for (const given of promise.gpus) {
      if (given.index !== gpu.index) continue;
      share += given.share;
      bytes += promise.gpuMemoryBytes;
    }
  }
  return {
    ...gpu,
    freeShare: Math.max(0, 1 - share),
    freeMemoryBytes: gpu.memoryBytes === null ? null : Math.max(0, gpu.memoryBytes - bytes),
  };
}

/** False also where it is not known how much there is. */
export function isEnough(free: number | null, asked: number): boolean {
  return free !== null && free >= asked - ROUNDING;
}

/** GPUs of the model that is asked for: all of them where none is. */
export function gpusOfModel<Gpu extends CapacityGpu>(gpus: readonly Gpu[], { gpuModel }: TaskNeeds): readonly Gpu[] {
  if (gpuModel === null) return gpus;
  const part = gpuModel.toLowerCase();
  return gpus.filter(({ model }) => model.toLowerCase().includes(part));
}

/**
 * GPUs for the task, or null where they are not free. A fraction goes where least is left that is enough, so that whole
 * ones stay whole.
 */
export function chooseGpus(gpus: readonly FreeGpu[], needs: TaskNeeds): readonly GpuShare[] | null {
  if (needs.gpus === 0) return [];
  const share = Math.min(needs.gpus, 1);
  const count = Math.max(1, needs.gpus);
  const fitting = gpusOfModel(gpus, needs)
    .filter(({ freeShare }) => isEnough(freeShare, share))
    .filter(({ freeMemoryBytes }) => needs.gpuMemoryBytes === null || isEnough(freeMemoryBytes, needs.gpuMemoryBytes));
  if (fitting.length < count) return null;
  const tightest = [...fitting].sort((one, other) => one.freeShare - other.freeShare || one.index - other.index);
  return tightest.slice(0, count).map(({ index }) => ({ index, share }));
}
