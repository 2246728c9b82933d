/** One Escape closes one thing: the newest that is open. */
import { useEffect, useRef } from 'react';

const stack: { readonly close: () => void }[] = [];

/** Closes the newest thing and tells whether there was one. */
export function escapeOnce(): boolean {
  const top = stack.at(-1);
  top?.close();
  return top !== undefined;
}

/** While `isOpen`, Escape calls `close`. */
export function useEscape(isOpen: boolean, close: () => void): void {
  const latest = useRef(close);
  latest.current = close;
  useEffect(() => {
    if (!isOpen) return;
    const entry = { close: () => latest.current() };
    stack.push(entry);
    return () => {
      const index = stack.indexOf(entry);
      if (index >= 0) stack.splice(index, 1);
    };
  }, [isOpen]);
}
