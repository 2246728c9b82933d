/**
 * The coordinator's clock, as well as this machine can know it: its own wall clock less the difference that pings found.
 *
 * Sampling runs on it, so ticks fall on the coordinator's seconds and a tick keeps its time however often it is
 * delivered. The difference changes only when a reading says for sure that it is wrong; else every ping would move the
 * times by its own error. When somebody sets this machine's clock, the coordinator's goes on as before, and so does
 * this one: the step is told from a sleep by the time since boot, which counts sleep and ignores who sets clocks.
 */
import type { Clock } from '../core/time.ts';
import { type AnsweredPing, bestReading, type ClockReading, readingOf, withReading } from './clock-readings.ts';

/** Wall and monotonic clock disagree by more than this: a step, not the slewing of NTP. */
const STEP_MS = 500;

export interface CoordinatorClock extends Clock {
  /** This machine's wall clock minus the coordinator's; null before the first ping was answered. */
  differenceMs(): number | null;
  /** What to remember for the next start. */
  assumedDifferenceMs(): number;
  /** Takes in an answered ping. */
  take(ping: AnsweredPing): void;
}

export interface CoordinatorClockOptions {
  readonly machine: Clock;
  /** Time since boot with sleep, ms; null where the platform does not tell it apart from the wall clock. */
  readonly sinceBootMs: () => number | null;
  /** From an earlier run. */
  readonly differenceMs: number;
}

export function createCoordinatorClock({
  machine,
  sinceBootMs,
  differenceMs: remembered,
}: CoordinatorClockOptions): CoordinatorClock {
  let assumedMs = remembered;
  let readings: readonly ClockReading[] = [];
  let wallMs = machine.nowMs();
  let monotonicMs = machine.monotonicMs();
  let sleptMs = sleptSinceBootMs();

  /** Boot time ahead of the monotonic clock: what this machine has slept, plus a constant. */
  function sleptSinceBootMs(): number | null {
    const bootMs = sinceBootMs();
    return bootMs === null ? null : bootMs - machine.monotonicMs();
  }

  function noticeStep(): number {
    const nowWallMs = machine.nowMs();
    const nowMonotonicMs = machine.monotonicMs();
    const aheadMs = nowWallMs - wallMs - (nowMonotonicMs - monotonicMs);
    wallMs = nowWallMs;
    monotonicMs = nowMonotonicMs;
    if (Math.abs(aheadMs) < STEP_MS) return nowWallMs;
    const sleptBeforeMs = sleptMs;
    sleptMs = sleptSinceBootMs();
    const isTold = sleptMs !== null && sleptBeforeMs !== null;
    // Where it cannot be told, forward is a sleep: machines sleep daily and are set forward rarely.
    const asleepMs = isTold ? Math.max(0, sleptMs! - sleptBeforeMs!) : Math.max(0, aheadMs);
    const setByMs = Math.round(aheadMs - asleepMs);
    if (Math.abs(setByMs) >= STEP_MS) {
      assumedMs += setByMs;
      readings = readings.map((reading) => ({ ...reading, differenceMs: reading.differenceMs + setByMs }));
    }
    return nowWallMs;
  }

  return {
    nowMs: () => noticeStep() - assumedMs,
    monotonicMs: () => machine.monotonicMs(),
    differenceMs: () => (readings.length === 0 ? null : assumedMs),
    assumedDifferenceMs: () => assumedMs,
    take(ping) {
      noticeStep();
      readings = withReading(readings, readingOf(ping));
      const best = bestReading(readings, ping.monotonicMs);
      if (Math.abs(best.differenceMs - assumedMs) > best.uncertaintyMs) assumedMs = Math.round(best.differenceMs);
    },
  };
}
