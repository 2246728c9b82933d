/** Durations in milliseconds, and the clock every timed rule is given instead of looking at the wall itself. */
export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

export interface Clock {
  /** Wall time, ms since the Unix epoch (UTC). May jump: sleep, NTP, a person. */
  nowMs(): number;
  /** Time that only moves forward and ignores changes of the wall clock, ms from an arbitrary start. */
  monotonicMs(): number;
}

/** Something that holds a timer, socket, file or thread and gives it back. Disposing twice is harmless. */
export interface Disposable {
  dispose(): void | Promise<void>;
}
