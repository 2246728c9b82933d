/** `/` goes to the search of the view that is shown; a view without one leaves it to the palette. */
const listeners: (() => void)[] = [];

/** Answers `/` while mounted; the newest listener wins. */
export function onSearchKey(listener: () => void): () => void {
  listeners.push(listener);
  return () => {
    const index = listeners.indexOf(listener);
    if (index >= 0) listeners.splice(index, 1);
  };
}

/** False when no view wants the key. */
export function pressSearchKey(): boolean {
  const listener = listeners.at(-1);
  listener?.();
  return listener !== undefined;
}
