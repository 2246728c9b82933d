/**
 * When to leave a GPU alone. Pure.
 *
 * A GPU that may sleep (runtime power management is on) does not while `nvidia-smi` holds it open. So after a minute of
 * idleness we stop asking and see whether it falls asleep; if it does, it is left so until something else wakes it. If it
 * stays awake, something else holds it, and we go back to work for a while.
 */
const IDLE_BEFORE_REST_MS = 60_000;
const FALL_ASLEEP_LIMIT_MS = 20_000;
const REST_AGAIN_MS = 600_000;

export interface RestState {
  readonly phase: 'polling' | 'resting' | 'asleep';
  readonly sinceMs: number;
  readonly idleSinceMs: number | null;
  readonly restNotBeforeMs: number;
}

export interface RestInput {
  /** Monotonic. */
  readonly nowMs: number;
  /** All GPUs are suspended. */
  readonly isSuspended: boolean;
  /** Every GPU that is awake has runtime power management on. */
  readonly mayRest: boolean;
  readonly isIdle: boolean;
}

export const POLLING: RestState = { phase: 'polling', sinceMs: 0, idleSinceMs: null, restNotBeforeMs: 0 };

export function nextRest(state: RestState, { nowMs, isSuspended, mayRest, isIdle }: RestInput): RestState {
  const change = (phase: RestState['phase'], restNotBeforeMs: number): RestState => ({
    phase,
    sinceMs: nowMs,
    idleSinceMs: null,
    restNotBeforeMs,
  });
  if (isSuspended) return state.phase === 'asleep' ? state : change('asleep', nowMs);
  switch (state.phase) {
    case 'asleep':
      return change('polling', nowMs);
    case 'resting':
      return nowMs - state.sinceMs < FALL_ASLEEP_LIMIT_MS ? state : change('polling', nowMs + REST_AGAIN_MS);
    case 'polling': {
      if (!mayRest || !isIdle || nowMs < state.restNotBeforeMs) return { ...state, idleSinceMs: null };
      const idleSinceMs = state.idleSinceMs ?? nowMs;
      return nowMs - idleSinceMs < IDLE_BEFORE_REST_MS ? { ...state, idleSinceMs } : change('resting', nowMs);
    }
  }
}
