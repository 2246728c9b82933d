/**
 * How much of a worker's GPUs is stranded: free, and of no use to the tasks that are usual here.
 *
 * After FGD (Weng et al., “Beware of Fragmentation: Scheduling GPU-Sharing Workloads with Fragmentation Gradient Descent”,
 * USENIX ATC '23): F(M) = Σ p_m F(m) over the mix M of task shapes, and a task goes where it lets F grow least. There
 * F(m) is what is free on GPUs that cannot take one task of shape m. Here it is what is left free when as many tasks of
 * shape m are put there as fit, F(m) = R − fill(m), so that cores and memory that run out before the GPUs count, too.
 * Tasks without GPUs are left out of the mix: to them all GPUs are of no use, before and after.
 */
import type { FreeGpu, FreeRoom } from './free-room.ts';
import { gpusOfModel } from './free-room.ts';
import type { Shape, ShapeMix } from './shape.ts';

/** Sums of tenths differ from whole numbers by less than this. */
const ROUNDING = 1e-6;

const known = new WeakMap<FreeRoom, { readonly mix: ShapeMix; readonly gpus: number }>();

/** Expected stranded GPUs of the room, in GPUs. */
export function strandedGpus(room: FreeRoom, mix: ShapeMix): number {
  if (room.gpus.length === 0) return 0;
  const before = known.get(room);
  if (before?.mix === mix) return before.gpus;
  const free = room.gpus.reduce((sum, { freeShare }) => sum + freeShare, 0);
  const useful = mix.shapes.reduce((sum, { shape, weight }) => sum + weight * filledGpus(room, shape), 0);
  const gpus = Math.max(0, free - useful);
  known.set(room, { mix, gpus });
  return gpus;
}

/** GPUs that are taken when as many tasks of the shape are put there as fit. */
function filledGpus(room: FreeRoom, shape: Shape): number {
  const { cores, memoryBytes, gpus: asked } = shape;
  let copies = Math.min(times(room.cores, cores), times(room.memoryBytes, memoryBytes ?? 0));
  if (copies === 0) return 0;
  const share = Math.min(asked, 1);
  let places = 0;
  for (const gpu of gpusOfModel(room.gpus, shape)) places += placesOn(gpu, share, shape.gpuMemoryBytes ?? 0);
  copies = Math.min(copies, Math.floor(places / Math.max(1, asked)));
  return copies * asked;
}

function placesOn({ freeShare, freeMemoryBytes }: FreeGpu, share: number, memoryBytes: number): number {
  return Math.min(Math.floor((freeShare + ROUNDING) / share), times(freeMemoryBytes, memoryBytes));
}

/** Where it is not known how much there is, nothing that asks for it fits. */
function times(free: number | null, asked: number): number {
  if (asked === 0) return Number.POSITIVE_INFINITY;
  return free === null ? 0 : Math.floor((free + ROUNDING) / asked);
}
