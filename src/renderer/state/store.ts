/** The smallest store React can subscribe to: one value, replaced as a whole, read through selectors. */
import { useSyncExternalStore } from 'react';

export interface Store<State> {
  get(): State;
  /** Replaces the value; the same reference publishes nothing. */
  set(next: State): void;
  subscribe(listener: () => void): () => void;
}

export function createStore<State>(initial: State): Store<State> {
  let state = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => state,
    set(next) {
      if (Object.is(next, state)) return;
      state = next;
      for (const listener of [...listeners]) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Renders when the selected part changes. `select` must answer the same reference while its part is the same. */
export function useStore<State, Part>(store: Store<State>, select: (state: State) => Part): Part {
  return useSyncExternalStore(store.subscribe, () => select(store.get()));
}
