/** What tasks ask of workers, as far as it decides what is left for others, and the mix of it that is usual in a lab. */
import type { TaskNeeds } from '../tasks/task.ts';

/** Tasks of one shape take the same room. */
export type Shape = Pick<TaskNeeds, 'cores' | 'memoryBytes' | 'gpus' | 'gpuMemoryBytes' | 'gpuModel'>;

export interface MixedShape {
  readonly shape: Shape;
  /** Of the tasks that the mix counts, (0, 1]. */
  readonly weight: number;
}

/** Never changes: who learned more answers another one. Only shapes that ask for GPUs. */
export interface ShapeMix {
  readonly shapes: readonly MixedShape[];
}

/** Before anything was asked for: GPUs are kept whole. */
const PRIOR: Shape = { cores: 1, memoryBytes: null, gpus: 1, gpuMemoryBytes: null, gpuModel: null };

/** What is seldom asked for decides little and would cost as much as the rest. */
const MOST_SHAPES = 200;
/** Tasks that a mix remembers: when more came, all that was counted counts half. */
const MEMORY = 20_000;
/** A new mix costs a look at every worker, so it comes when it says something new: with a twentieth more tasks. */
const GROWTH = 1.05;
const GROWTH_LEAST = 20;

export interface MixLearner {
  /** A task that asks for this came. */
  add(needs: Shape): void;
  /** The same object until enough has come to change it. */
  mix(): ShapeMix;
}

/** Learns from what comes, and knows nothing of what will. */
export function createMixLearner(): MixLearner {
  const counts = new Map<string, { readonly shape: Shape; count: number }>();
  let total = 0;
  let nextAt = 0;
  let mix: ShapeMix = mixOf([{ shape: PRIOR, count: 1 }]);

  function forgetHalf(): void {
    total /= 2;
    nextAt /= 2;
    for (const [key, entry] of counts) {
      entry.count /= 2;
      if (entry.count < 0.5) counts.delete(key);
    }
  }

  return {
    add({ cores, memoryBytes, gpus, gpuMemoryBytes, gpuModel }) {
      total += 1;
      if (gpus > 0) {
        const shape = { cores, memoryBytes, gpus, gpuMemoryBytes, gpuModel };
        const key = JSON.stringify(Object.values(shape));
        const entry = counts.get(key) ?? { shape, count: 0 };
        counts.set(key, { shape, count: entry.count + 1 });
      }
      if (total > MEMORY) forgetHalf();
    },
    mix() {
      if (total < nextAt || counts.size === 0) return mix;
      nextAt = Math.max(total + GROWTH_LEAST, total * GROWTH);
      mix = mixOf([...counts.values()]);
      return mix;
    },
  };
}

function mixOf(counted: readonly { readonly shape: Shape; readonly count: number }[]): ShapeMix {
  const most = [...counted].sort((one, other) => other.count - one.count).slice(0, MOST_SHAPES);
  const sum = most.reduce((all, { count }) => all + count, 0);
  return { shapes: most.map(({ shape, count }) => ({ shape, weight: count / sum })) };
}
