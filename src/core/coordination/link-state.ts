/**
 * Whether a worker can be reached: the rules that move it between online, unreachable and lost.
 *
 * Pure: a shell feeds what happens and performs the effects. Two clocks are told apart: what has lasted is measured by
 * the monotonic one, what a person reads comes from the wall clock.
 */
import { SECOND_MS } from '../time.ts';

/** A linked worker that was silent for this long is asked for a sign of life, and again each time it lasts. */
const PING_AFTER_MS = 2 * SECOND_MS;
/** No link, or nothing heard, for this long: unreachable (definitions, "Worker link"). */
export const UNREACHABLE_AFTER_MS = 5 * SECOND_MS;
/** A link on which nothing was heard for this long is given up, so that the agent dials anew. */
export const DROP_AFTER_MS = 30 * SECOND_MS;

export interface Moment {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

export interface LinkState {
  /** `awaited`: not heard of since the coordinator started, and not for long enough to say that it is away. */
  readonly reach: 'awaited' | 'online' | 'unreachable' | 'lost';
  readonly isLinked: boolean;
  /** Since when nothing was heard while something could have been; monotonic. */
  readonly quietSinceMs: number;
  /** From when the time until lost is counted; monotonic. */
  readonly awayFromMs: number;
  readonly pingedAtMs: number;
  /** Wall time of the last sign of life; null for none ever. */
  readonly heardAtMs: number | null;
  /** The silence began with an absence of the coordinator itself: it is no event of the worker. */
  readonly isExcused: boolean;
  /** The history says that it is away, so it is to say that it is back. */
  readonly isRecorded: boolean;
}

export type Stimulus =
  | { readonly kind: 'linked' }
  | { readonly kind: 'unlinked' }
  /** Anything at all arrived on the link. */
  | { readonly kind: 'heard' }
  /** A look at the clock. `isAlone`: the coordinator has no network of its own now. */
  | { readonly kind: 'looked'; readonly lostAfterMs: number; readonly isAlone: boolean }
  /** The coordinator itself slept or stood still until now. */
  | { readonly kind: 'resumed' };

export type Effect =
  | { readonly kind: 'ping' }
  | { readonly kind: 'drop-link' }
  | { readonly kind: 'show'; readonly reach: 'online' }
  | { readonly kind: 'show'; readonly reach: 'unreachable' | 'lost'; readonly awaySinceMs: number }
  /** A line for the worker's history; `awayMs` by the wall clock, null where nothing was ever heard. */
  | { readonly kind: 'record'; readonly event: 'unreachable' | 'lost' | 'back'; readonly awayMs: number | null };

export interface Step {
  readonly state: LinkState;
  readonly effects: readonly Effect[];
}

/** A worker as it is when the coordinator starts. */
export function newLinkState(heardAtMs: number | null, monotonicMs: number): LinkState {
  return {
    reach: 'awaited',
    isLinked: false,
    quietSinceMs: monotonicMs,
    awayFromMs: monotonicMs,
    pingedAtMs: monotonicMs,
    heardAtMs,
    isExcused: true,
    isRecorded: false,
  };
}

/** Throws for what cannot happen: something heard without a link, a link that ends without having been. */
export function step(state: LinkState, stimulus: Stimulus, now: Moment): Step {
  switch (stimulus.kind) {
    case 'linked':
      return signOfLife({ ...state, isLinked: true, pingedAtMs: now.monotonicMs }, now);
    case 'heard':
      requireLink(state, stimulus);
      return signOfLife(state, now);
    case 'unlinked':
      requireLink(state, stimulus);
      return unlink(state, now);
    case 'resumed':
      return { state: resume(state, now), effects: [] };
    case 'looked':
      return look(stimulus.isAlone ? { ...state, awayFromMs: now.monotonicMs } : state, stimulus.lostAfterMs, now);
  }
}

function requireLink(state: LinkState, stimulus: Stimulus): void {
  if (!state.isLinked) throw new Error(`A worker without a link cannot be ${stimulus.kind}: ${JSON.stringify(state)}`);
}

function signOfLife(state: LinkState, now: Moment): Step {
  const next: LinkState = {
    ...state,
    reach: 'online',
    quietSinceMs: now.monotonicMs,
    awayFromMs: now.monotonicMs,
    heardAtMs: now.wallMs,
    isExcused: false,
    isRecorded: false,
  };
  if (state.reach === 'online') return { state: next, effects: NO_EFFECTS };
  const effects: Effect[] = [{ kind: 'show', reach: 'online' }];
  if (state.isRecorded) effects.push({ kind: 'record', event: 'back', awayMs: awayMs(state, now) });
  return { state: next, effects };
}

function unlink(state: LinkState, now: Moment): Step {
  const unlinked = { ...state, isLinked: false };
  if (state.reach !== 'online') return { state: unlinked, effects: NO_EFFECTS };
  // The end of a link is heard as well: the grace to come back runs from here.
  return {
    state: { ...unlinked, quietSinceMs: now.monotonicMs, awayFromMs: now.monotonicMs },
    effects: NO_EFFECTS,
  };
}

function resume(state: LinkState, now: Moment): LinkState {
  const isSilenceOurs = state.reach === 'online' || state.reach === 'awaited';
  return {
    ...state,
    quietSinceMs: now.monotonicMs,
    awayFromMs: now.monotonicMs,
    isExcused: state.isExcused || isSilenceOurs,
  };
}

function look(state: LinkState, lostAfterMs: number, now: Moment): Step {
  const quietMs = now.monotonicMs - state.quietSinceMs;
  if (state.isLinked && quietMs >= DROP_AFTER_MS) return { state, effects: [{ kind: 'drop-link' }] };
  const isAskedForLife =
    state.isLinked && quietMs >= PING_AFTER_MS && now.monotonicMs - state.pingedAtMs >= PING_AFTER_MS;
  const asked = isAskedForLife ? { ...state, pingedAtMs: now.monotonicMs } : state;
  const { state: next, effects } = turnAway(asked, quietMs, lostAfterMs, now);
  return isAskedForLife ? { state: next, effects: [{ kind: 'ping' }, ...effects] } : { state: next, effects };
}

function turnAway(state: LinkState, quietMs: number, lostAfterMs: number, now: Moment): Step {
  const isPresent = state.reach === 'awaited' || state.reach === 'online';
  if (isPresent && quietMs >= UNREACHABLE_AFTER_MS) {
    const effects: Effect[] = [{ kind: 'show', reach: 'unreachable', awaySinceMs: state.heardAtMs ?? now.wallMs }];
    if (!state.isExcused) effects.push({ kind: 'record', event: 'unreachable', awayMs: awayMs(state, now) });
    return {
      state: { ...state, reach: 'unreachable', isRecorded: !state.isExcused },
      effects,
    };
  }
  if (state.reach === 'unreachable' && now.monotonicMs - state.awayFromMs >= lostAfterMs) {
    return {
      state: { ...state, reach: 'lost', isRecorded: true },
      effects: [
        { kind: 'show', reach: 'lost', awaySinceMs: state.heardAtMs ?? now.wallMs },
        { kind: 'record', event: 'lost', awayMs: awayMs(state, now) },
      ],
    };
  }
  return { state, effects: NO_EFFECTS };
}

function awayMs(state: LinkState, now: Moment): number | null {
  return state.heardAtMs === null ? null : Math.max(0, now.wallMs - state.heardAtMs);
}

const NO_EFFECTS: readonly Effect[] = [];
