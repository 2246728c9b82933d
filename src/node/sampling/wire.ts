/**
 * What passes between the sampler and its thread.
 *
 * A tick travels without its series keys: they are sent once for each set of series and named by number afterwards, so
 * that a message costs little and the receiver can hand on the very same array each time.
 */
import type { Level } from '../../core/metrics/level.ts';
import type { SampleBatch, Tick } from '../../core/metrics/sample.ts';
import type { SeriesKey } from '../../core/metrics/series.ts';
import type { InventorySources } from './inventory/sources.ts';

/** Given to the thread as its `workerData`. */
export interface ThreadTask extends InventorySources {
  readonly role: 'sampler' | 'inventory';
}

export type ToThread =
  | { readonly kind: 'start'; readonly level: Level }
  | { readonly kind: 'set-level'; readonly level: Level }
  | { readonly kind: 'refresh-inventory' }
  | { readonly kind: 'dispose' };

export interface WireTick {
  readonly atMs: number;
  readonly layout: number;
  readonly values: Float64Array;
}

export type FromThread =
  | {
      readonly kind: 'batch';
      /** Layouts this message's ticks use for the first time. */
      readonly layouts: readonly { readonly layout: number; readonly seriesKeys: readonly SeriesKey[] }[];
      readonly ticks: readonly WireTick[];
      readonly rest: Omit<SampleBatch, 'ticks'> | null;
    }
  /** Children alive now, so that none outlives a thread that died. */
  | { readonly kind: 'children'; readonly pids: readonly number[] }
  | { readonly kind: 'disposed' };

/** Sets of series seen lately; a set that comes again gets its number back. */
export class LayoutTable {
  #layouts: { readonly layout: number; readonly seriesKeys: readonly SeriesKey[] }[] = [];
  #next = 0;

  /** Number of the set made of the first `count` keys, and whether the receiver must be told of it. */
  find(keys: readonly SeriesKey[], count: number): { readonly layout: number; readonly newKeys: SeriesKey[] | null } {
    for (const known of this.#layouts) {
      if (isSame(known.seriesKeys, keys, count)) return { layout: known.layout, newKeys: null };
    }
    const newKeys = keys.slice(0, count);
    const layout = this.#next;
    this.#next += 1;
    this.#layouts.unshift({ layout, seriesKeys: newKeys });
    if (this.#layouts.length > LAYOUTS_KEPT) this.#layouts.pop();
    return { layout, newKeys };
  }
}

/** Collectors with a slow pace make a handful of sets that alternate; more than these are sent anew. */
const LAYOUTS_KEPT = 24;

function isSame(known: readonly SeriesKey[], keys: readonly SeriesKey[], count: number): boolean {
  if (known.length !== count) return false;
  for (let index = 0; index < count; index += 1) if (known[index] !== keys[index]) return false;
  return true;
}

/** Puts the keys back to the ticks, on the receiver's side. */
export class LayoutMirror {
  #seriesKeys = new Map<number, readonly SeriesKey[]>();

  learn(layouts: readonly { readonly layout: number; readonly seriesKeys: readonly SeriesKey[] }[]): void {
    for (const { layout, seriesKeys } of layouts) {
      this.#seriesKeys.set(layout, seriesKeys);
      this.#seriesKeys.delete(layout - 4 * LAYOUTS_KEPT);
    }
  }

  tick(wire: WireTick): Tick {
    const seriesKeys = this.#seriesKeys.get(wire.layout);
    if (seriesKeys === undefined) throw new Error(`Tick names layout ${wire.layout}, which was never sent.`);
    return { atMs: wire.atMs, seriesKeys, values: wire.values };
  }
}
