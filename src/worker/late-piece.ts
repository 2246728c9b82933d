/** Several batches of the past, put together for one delivery. */
import type { ProcessSnapshot, SampleBatch, Tick, WorkerEvent } from '../core/metrics/sample.ts';
import type { SpoolRef } from './spool-segment.ts';

export interface LatePiece {
  readonly batch: SampleBatch;
  readonly refs: readonly SpoolRef[];
}

export class LatePieceBuilder {
  readonly #ticks: Tick[] = [];
  readonly #processes: ProcessSnapshot[] = [];
  readonly #events: WorkerEvent[] = [];
  readonly #refs: SpoolRef[] = [];
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get tickCount(): number {
    return this.#ticks.length;
  }

  get isEmpty(): boolean {
    return this.#refs.length === 0;
  }

  add(batch: SampleBatch, ref: SpoolRef): void {
    this.#ticks.push(...(batch.ticks ?? []));
    this.#processes.push(...(batch.processes ?? []));
    this.#events.push(...(batch.events ?? []));
    this.#refs.push(ref);
    this.#bytes += ref.bytes;
  }

  build(): LatePiece {
    return {
      batch: {
        ...(this.#ticks.length > 0 ? { ticks: this.#ticks } : {}),
        ...(this.#processes.length > 0 ? { processes: this.#processes } : {}),
        ...(this.#events.length > 0 ? { events: this.#events } : {}),
      },
      refs: this.#refs,
    };
  }
}
