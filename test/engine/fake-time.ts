/** Time that a test moves by hand: a clock and the timers that follow it. */
import type { Clock } from '../../src/core/time.ts';
import type { Timers } from '../../src/engine/ports.ts';

export interface FakeTime {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Moves both clocks on and rings what is due, in order. */
  advance(ms: number): void;
  /** The machine sleeps: the wall clock goes on without the monotonic one, and nothing rings. */
  sleep(ms: number): void;
  /** The process stands still: both clocks go on, and what is due rings only when time moves again. */
  standStill(ms: number): void;
  /** Timers that wait. */
  pending(): number;
}

export function fakeTime(startMs = Date.UTC(2026, 0, 1)): FakeTime {
  let elapsedMs = 0;
  let sleptMs = 0;
  const pending = new Set<{ readonly dueMs: number; readonly action: () => void }>();
  return {
    clock: { nowMs: () => startMs + elapsedMs + sleptMs, monotonicMs: () => elapsedMs },
    timers: {
      after(delayMs, action) {
        const timer = { dueMs: elapsedMs + delayMs, action };
        pending.add(timer);
        return { dispose: () => void pending.delete(timer) };
      },
    },
    advance(ms) {
      const endMs = elapsedMs + ms;
      for (;;) {
        const next = [...pending].sort((a, b) => a.dueMs - b.dueMs).find((timer) => timer.dueMs <= endMs);
        if (next === undefined) break;
        pending.delete(next);
        elapsedMs = Math.max(elapsedMs, next.dueMs);
        next.action();
      }
      elapsedMs = endMs;
    },
    sleep(ms) {
      sleptMs += ms;
    },
    standStill(ms) {
      elapsedMs += ms;
    },
    pending: () => pending.size,
  };
}
