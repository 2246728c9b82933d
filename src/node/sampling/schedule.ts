/** The rules of time by which the sampler ticks. Pure: every moment is an argument. */

/** Between the first tick and the second, and at least between any two: shorter, and a CPU reading is mostly rounding. */
export const SHORT_INTERVAL_MS = 200;

/** A timer may fire this much before the moment it was set for; such a tick still counts as that moment's. */
const EARLY_MS = 10;

/** The wall clock may be corrected by this much between two ticks without a word. */
const CLOCK_TOLERANCE_MS = 1_000;

/** A tick this late marks a pause, however short the interval: a busy machine alone does not make one. */
const LEAST_PAUSE_MS = 2_000;

/** Next wall-clock multiple of the interval that is at least the short interval away. */
export function nextTickAtMs(nowMs: number, intervalMs: number): number {
  const earliest = nowMs + Math.min(SHORT_INTERVAL_MS, intervalMs / 2);
  return Math.ceil(earliest / intervalMs) * intervalMs;
}

/** Whether a tick at `atMs` begins a new period of `cadenceMs` since the read at `lastReadAtMs`. */
export function isPeriodOver(atMs: number, lastReadAtMs: number, cadenceMs: number): boolean {
  const period = Math.floor((atMs + EARLY_MS) / cadenceMs);
  return period !== Math.floor((lastReadAtMs + EARLY_MS) / cadenceMs);
}

export interface Moment {
  readonly wallMs: number;
  readonly monotonicMs: number;
}

export type TimeStep =
  | { readonly kind: 'steady' }
  /** The wall clock and the monotonic one disagree: someone set it, or the machine slept. Positive: forward. */
  | { readonly kind: 'jumped'; readonly byMs: number }
  /** Nothing ran for a while although no clock was set: a stopped process, a paused virtual machine. */
  | { readonly kind: 'paused'; readonly forMs: number };

/** What happened between two ticks, the second of which was due `dueInMs` after the first. */
export function timeStepOf(before: Moment, after: Moment, dueInMs: number, intervalMs: number): TimeStep {
  const elapsedMs = after.monotonicMs - before.monotonicMs;
  const byMs = after.wallMs - before.wallMs - elapsedMs;
  if (Math.abs(byMs) > CLOCK_TOLERANCE_MS) return { kind: 'jumped', byMs: Math.round(byMs) };
  const lateMs = elapsedMs - dueInMs;
  if (lateMs > Math.max(3 * intervalMs, LEAST_PAUSE_MS)) return { kind: 'paused', forMs: Math.round(lateMs) };
  return { kind: 'steady' };
}

/** The sentence for the history of the worker, or null where nothing happened. */
export function wordsForTimeStep(step: TimeStep): string | null {
  switch (step.kind) {
    case 'steady':
      return null;
    case 'jumped': {
      const seconds = (Math.abs(step.byMs) / 1_000).toFixed(1);
      return step.byMs > 0
        ? `The clock went forward by ${seconds} s (it was set, or the machine slept).`
        : `The clock went back by ${seconds} s.`;
    }
    case 'paused':
      return `Nothing was sampled for ${(step.forMs / 1_000).toFixed(1)} s: the machine or Labwatch was paused.`;
  }
}
