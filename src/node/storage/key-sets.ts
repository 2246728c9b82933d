/** Numbers for sets of series keys, so that a set crosses to the thread once and not with each tick. */
import type { Tick } from '../../core/metrics/sample.ts';
import type { SeriesKey } from '../../core/metrics/series.ts';
import type { StoreRequest, TickColumns } from './messages.ts';

/** Sets remembered before all are forgotten and named anew: series that come and go must not fill the memory. */
const SETS_MAX = 1_000;

const SEPARATOR = '\n';

export interface KeySets {
  /** The ticks in columns; names sets through `send` that the thread does not know yet. */
  columnsOf(ticks: readonly Tick[]): TickColumns | null;
  /** Every set in use, to be named again to a new thread. */
  all(): Iterable<StoreRequest>;
}

export function createKeySets(send: (request: StoreRequest) => void): KeySets {
  let byIdentity = new WeakMap<readonly SeriesKey[], number>();
  const byContent = new Map<string, number>();
  const sets = new Map<number, readonly SeriesKey[]>();
  let nextId = 1;

  function idOf(keys: readonly SeriesKey[]): number {
    const known = byIdentity.get(keys);
    if (known !== undefined) return known;
    const content = keys.join(SEPARATOR);
    let id = byContent.get(content);
    if (id === undefined) {
      if (sets.size >= SETS_MAX) forgetAll();
      id = nextId;
      nextId += 1;
      byContent.set(content, id);
      sets.set(id, keys.slice());
      send({ kind: 'key-set', id, seriesKeys: keys });
    }
    byIdentity.set(keys, id);
    return id;
  }

  function forgetAll(): void {
    byIdentity = new WeakMap();
    byContent.clear();
    sets.clear();
    send({ kind: 'forget-key-sets', below: nextId });
  }

  return {
    columnsOf(ticks) {
      const usable = ticks.filter((tick) => tick.seriesKeys.length === tick.values.length && tick.values.length > 0);
      if (usable.length === 0) return null;
      const values = new Float64Array(usable.reduce((sum, tick) => sum + tick.values.length, 0));
      let offset = 0;
      for (const tick of usable) {
        values.set(tick.values, offset);
        offset += tick.values.length;
      }
      return {
        atMs: Float64Array.from(usable, (tick) => tick.atMs),
        keySets: Uint32Array.from(usable, (tick) => idOf(tick.seriesKeys)),
        values,
      };
    },
    *all() {
      for (const [id, seriesKeys] of sets) yield { kind: 'key-set', id, seriesKeys };
    },
  };
}
