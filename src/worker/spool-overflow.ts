/** Batches that the disk refused: the newest few, in memory, until it takes them or the coordinator does. */
import type { SampleBatch } from '../core/metrics/sample.ts';
import { type SpoolRef, ticksIn } from './spool-segment.ts';

interface Kept {
  readonly ref: SpoolRef;
  readonly batch: SampleBatch;
  isUnderWay: boolean;
}

export interface SpoolOverflow {
  readonly size: number;
  /** Ticks that this pushed out. */
  add(batch: SampleBatch, isHeld: boolean): { readonly ref: SpoolRef; readonly lostTicks: number };
  /** The oldest that waits; it is under way from then on. */
  next(): { readonly ref: SpoolRef; readonly batch: SampleBatch } | null;
  take(ref: SpoolRef): void;
  /** It is not under way any more; without a reference: nothing is. */
  release(ref?: SpoolRef): void;
  /** Hands over all that wait: the disk works again. */
  drain(): readonly SampleBatch[];
}

export function createSpoolOverflow(mostBatches: number): SpoolOverflow {
  const kept = new Map<number, Kept>();
  let nextIndex = 0;
  return {
    get size() {
      return kept.size;
    },
    add(batch, isHeld) {
      const ref: SpoolRef = { segment: 0, index: nextIndex, tickCount: ticksIn(batch), bytes: 0 };
      nextIndex += 1;
      kept.set(ref.index, { ref, batch, isUnderWay: isHeld });
      const oldest = kept.size > mostBatches ? kept.values().next().value : undefined;
      if (oldest === undefined) return { ref, lostTicks: 0 };
      kept.delete(oldest.ref.index);
      // What is under way was not lost by being forgotten here: it may still arrive.
      return { ref, lostTicks: oldest.isUnderWay ? 0 : oldest.ref.tickCount };
    },
    next() {
      for (const one of kept.values()) {
        if (one.isUnderWay) continue;
        one.isUnderWay = true;
        return one;
      }
      return null;
    },
    take(ref) {
      kept.delete(ref.index);
    },
    release(ref) {
      for (const one of kept.values()) if (ref === undefined || one.ref === ref) one.isUnderWay = false;
    },
    drain() {
      const waiting = [...kept.values()].filter(({ isUnderWay }) => !isUnderWay);
      for (const { ref } of waiting) kept.delete(ref.index);
      return waiting.map(({ batch }) => batch);
    },
  };
}
