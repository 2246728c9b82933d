/** A list of listeners that can be left at any time, also from within a call. */
import type { Disposable } from '../core/time.ts';

export interface Listeners<Args extends readonly unknown[]> {
  readonly add: (listener: (...args: Args) => void) => Disposable;
  readonly tell: (...args: Args) => void;
  readonly isEmpty: () => boolean;
}

export function listeners<Args extends readonly unknown[]>(): Listeners<Args> {
  const list = new Set<{ readonly call: (...args: Args) => void }>();
  return {
    add(listener) {
      const entry = { call: listener };
      list.add(entry);
      return { dispose: () => void list.delete(entry) };
    },
    tell(...args) {
      for (const entry of [...list]) entry.call(...args);
    },
    isEmpty: () => list.size === 0,
  };
}
