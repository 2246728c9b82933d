/** What the spool knows of one of its files: what was written, and what of that the coordinator has taken. */
import type { SampleBatch } from '../core/metrics/sample.ts';

/** Names one batch of the spool, and what it counts for. */
export interface SpoolRef {
  /** Number of the file; 0: in memory, because the disk refused. */
  readonly segment: number;
  readonly index: number;
  readonly tickCount: number;
  readonly bytes: number;
}

export class Segment {
  readonly number: number;
  /** Of the file. */
  bytes: number;
  /** Null in a file of an earlier run that was not read yet. */
  recordCount: number | null;
  tickCount = 0;
  takenTicks = 0;
  takenBytes = 0;
  readonly #taken = new Set<number>();
  /** Batches that are under way to the coordinator already. */
  readonly #held = new Set<number>();

  constructor(number: number, bytes: number, recordCount: number | null) {
    this.number = number;
    this.bytes = bytes;
    this.recordCount = recordCount;
  }

  added(tickCount: number, bytes: number, isHeld: boolean): SpoolRef {
    const index = this.recordCount ?? 0;
    this.recordCount = index + 1;
    this.tickCount += tickCount;
    this.bytes += bytes;
    if (isHeld) this.#held.add(index);
    return { segment: this.number, index, tickCount, bytes };
  }

  take(ref: SpoolRef): void {
    if (this.#taken.has(ref.index)) return;
    this.#taken.add(ref.index);
    this.#held.delete(ref.index);
    this.takenTicks += ref.tickCount;
    this.takenBytes += ref.bytes;
  }

  hold(index: number): void {
    this.#held.add(index);
  }

  /** It is not under way any more; without an index: nothing is. */
  release(index?: number): void {
    if (index === undefined) this.#held.clear();
    else this.#held.delete(index);
  }

  isWanted(index: number): boolean {
    return !this.#taken.has(index) && !this.#held.has(index);
  }

  /** Everything in it was taken; false as long as nobody knows how much that is. */
  get isDone(): boolean {
    return this.recordCount !== null && this.#taken.size >= this.recordCount;
  }
}

/** Ticks in a batch: what a loss is counted in. */
export function ticksIn(batch: SampleBatch): number {
  return batch.ticks?.length ?? 0;
}
