/**
 * What is left of a worker: capacity, less what its attempts were promised (or are seen to use, if that is more), less what
 * everything else on the machine uses.
 */
import type { GpuShare, Promised, TaskNeeds } from '../tasks/task.ts';
import type { Candidate, Capacity, CapacityGpu, Measured } from './place.ts';

/** Sums of tenths differ from whole numbers by less than this. */
const ROUNDING = 1e-6;

/**
 * CPU beyond the promises that counts for nothing: what an idle desktop, its agents and a task's second thread take now and
 * then. Without it no task for all cores of a machine would ever start. Memory has no such bound: it is never overbooked.
 */
const CPU_NOISE_CORES = 0.5;
const CPU_NOISE_SHARE = 0.05;

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

type Held = Pick<Candidate, 'capacity' | 'promised' | 'measured'>;

/** By list of promises, which never changes: of two hundred workers, one has another list than in the round before. */
const freeRooms = new WeakMap<readonly Promised[], Held & { readonly room: FreeRoom }>();
const wholeRooms = new WeakMap<Capacity, FreeRoom>();

export function freeRoomOf({ capacity, promised, measured }: Held): FreeRoom {
  const known = freeRooms.get(promised);
  if (known?.capacity === capacity && known.measured === measured) return known.room;
  const room = roomAfter(capacity, promised, measured);
  freeRooms.set(promised, { capacity, promised, measured, room });
  return room;
}

/** Of the worker when nothing runs there. */
export function wholeRoomOf(capacity: Capacity): FreeRoom {
  const room = wholeRooms.get(capacity) ?? roomAfter(capacity, [], null);
  wholeRooms.set(capacity, room);
  return room;
}

/** The room once this is promised, too. */
export function roomWith(room: FreeRoom, promise: Promised): FreeRoom {
  return {
    cores: room.cores === null ? null : Math.max(0, room.cores - promise.cores),
    memoryBytes: room.memoryBytes === null ? null : Math.max(0, room.memoryBytes - promise.memoryBytes),
    gpus: room.gpus.map((gpu) => gpuAfter(gpu, promise)),
  };
}

function roomAfter(capacity: Capacity, promised: readonly Promised[], measured: Measured | null): FreeRoom {
  let [cores, coresBeyond, memoryBytes] = [0, measured?.others.cores ?? 0, measured?.others.memoryBytes ?? 0];
  promised.forEach((promise, place) => {
    const used = measured?.attempts[place];
    cores += promise.cores;
    coresBeyond += Math.max(0, (used?.cores ?? 0) - promise.cores);
    memoryBytes += Math.max(promise.memoryBytes, used?.memoryBytes ?? 0);
  });
  const gpus: readonly FreeGpu[] = capacity.gpus.map((gpu) => ({
    ...gpu,
    freeShare: 1,
    freeMemoryBytes: gpu.memoryBytes,
  }));
  return {
    cores:
      capacity.cores === null ? null : Math.max(0, capacity.cores - cores - pastNoise(coresBeyond, capacity.cores)),
    memoryBytes: capacity.memoryBytes === null ? null : Math.max(0, capacity.memoryBytes - memoryBytes),
    gpus: promised.reduce(
      (left, promise) => (promise.gpus.length === 0 ? left : left.map((gpu) => gpuAfter(gpu, promise))),
      gpus,
    ),
  };
}

function pastNoise(cores: number, capacityCores: number): number {
  return Math.max(0, cores - Math.max(CPU_NOISE_CORES, CPU_NOISE_SHARE * capacityCores));
}

function gpuAfter(gpu: FreeGpu, { gpus, gpuMemoryBytes }: Promised): FreeGpu {
  const given = gpus.find(({ index }) => index === gpu.index);
  if (given === undefined) return gpu;
  const { freeShare, freeMemoryBytes } = gpu;
  return {
    ...gpu,
    freeShare: Math.max(0, freeShare - given.share),
    freeMemoryBytes: freeMemoryBytes === null ? null : Math.max(0, freeMemoryBytes - gpuMemoryBytes),
  };
}

/** False also where it is not known how much there is. */
export function isEnough(free: number | null, asked: number): boolean {
  return free !== null && free >= asked - ROUNDING;
}

/** By what is asked for, which few tasks do, and each in few ways. */
const modelParts = new Map<string, readonly string[]>();
const MOST_REMEMBERED_MODELS = 10_000;

/** GPUs of a model that is asked for (`a100`, or any of several: `a100|h100`): all of them where none is. */
export function gpusOfModel<Gpu extends CapacityGpu>(
  gpus: readonly Gpu[],
  { gpuModel }: Pick<TaskNeeds, 'gpuModel'>,
): readonly Gpu[] {
  if (gpuModel === null) return gpus;
  const parts = modelParts.get(gpuModel) ?? gpuModel.toLowerCase().split('|');
  if (modelParts.size >= MOST_REMEMBERED_MODELS) modelParts.clear();
  modelParts.set(gpuModel, parts);
  return gpus.filter(({ model }) => {
    const name = model.toLowerCase();
    return parts.some((part) => name.includes(part));
  });
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

/** What the task is promised there. Throws where its GPUs are not free. */
export function promiseFor(needs: TaskNeeds, { gpus }: FreeRoom): Promised {
  const chosen = chooseGpus(gpus, needs);
  if (chosen === null)
    throw new Error(`A worker without the GPUs passed all filters: ${JSON.stringify({ needs, gpus })}`);
  return {
    cores: needs.cores,
    memoryBytes: needs.memoryBytes ?? 0,
    gpus: chosen,
    gpuMemoryBytes: chosen.length === 0 ? 0 : (needs.gpuMemoryBytes ?? 0),
  };
}
