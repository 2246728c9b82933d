/** What passes between `createThreadedStore` and its thread. Plain data only: it is cloned. */
import type { Inventory } from '../../core/fleet/inventory.ts';
import type { WorkerId } from '../../core/fleet/worker.ts';
import type { ProcessSnapshot, WorkerEvent } from '../../core/metrics/sample.ts';
import type { SeriesKey } from '../../core/metrics/series.ts';
import type { Result } from '../../core/result.ts';
import type { StorageNotice } from '../../core/storage-report.ts';
import type { Store } from '../../engine/ports.ts';

/** Ticks of one delivery in columns: tick `i` was read at `atMs[i]` and holds the series of key set `keySets[i]`. */
export interface TickColumns {
  readonly atMs: Float64Array;
  readonly keySets: Uint32Array;
  /** The values of all ticks, one after the other. */
  readonly values: Float64Array;
}

export interface Delivery {
  readonly workerId: WorkerId;
  readonly ticks: TickColumns | null;
  readonly processes: readonly ProcessSnapshot[];
  readonly inventory: Inventory | null;
  readonly events: readonly WorkerEvent[];
}

/** The methods of the port that answer a Result. */
export type StoreCalls = Omit<Store, 'append' | 'onNotices' | 'dispose'>;

export type StoreRequest =
  /** Names a set of series once; deliveries then refer to it by number. */
  | { readonly kind: 'key-set'; readonly id: number; readonly seriesKeys: readonly SeriesKey[] }
  /** Key sets below this number are used no more. */
  | { readonly kind: 'forget-key-sets'; readonly below: number }
  | { readonly kind: 'append'; readonly sequence: number; readonly delivery: Delivery }
  | { readonly kind: 'call'; readonly id: number; readonly method: keyof StoreCalls; readonly args: readonly unknown[] }
  | { readonly kind: 'close' };

/** Each request carries the time of whoever sends it, so that both sides agree on it. */
export interface Envelope {
  readonly nowMs: number;
  readonly request: StoreRequest;
}

export type StoreReply =
  | { readonly kind: 'answer'; readonly id: number; readonly result: Result<unknown> }
  /** Deliveries up to this one are in the database, or in the memory kept while the disk refuses them. */
  | { readonly kind: 'stored'; readonly sequence: number }
  | { readonly kind: 'notices'; readonly notices: readonly StorageNotice[] }
  | {
      readonly kind: 'log';
      readonly level: 'info' | 'warn' | 'error';
      readonly message: string;
      readonly about: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: 'closed' };

export interface StoreThreadData {
  readonly role: 'store';
  readonly dataDir: string;
  /** True when time is only what the envelopes say (a clock under test); else it goes on between them. */
  readonly followsClock: boolean;
}

/** A thread that reads a whole database for damage and ends. */
export interface CheckThreadData {
  readonly role: 'check';
  readonly path: string;
}

/** `problem` is null when the file is sound. */
export interface CheckReply {
  readonly problem: string | null;
}
