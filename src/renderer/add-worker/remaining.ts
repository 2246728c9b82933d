/** How long a code is still good, counted down each second. */
import { useEffect, useState } from 'react';
import { MINUTE_MS, SECOND_MS } from '../../core/time.ts';

/** Milliseconds until `atMs`, never below 0. */
export function useRemainingMs(atMs: number): number {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), SECOND_MS);
    return () => clearInterval(timer);
  }, []);
  return Math.max(0, atMs - nowMs);
}

/** `9:41`; the last second still counts as one. */
export function remainingWords(remainingMs: number): string {
  const seconds = Math.ceil(remainingMs / SECOND_MS);
  const inMinute = MINUTE_MS / SECOND_MS;
  return `${Math.floor(seconds / inMinute)}:${String(seconds % inMinute).padStart(2, '0')}`;
}
