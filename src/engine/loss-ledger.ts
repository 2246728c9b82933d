/** Counts what of a worker's samples is missing for good, and says so in its history without saying it each second. */
import { type Clock, MINUTE_MS } from '../core/time.ts';

/** A spool that stays full loses ticks for hours; its history gets a line this often at most. */
const TOLD_EVERY_MS = 10 * MINUTE_MS;

export interface LossLedger {
  /** The agent's own count, which starts over with the agent. */
  reported(lostTicks: number): void;
  /** Ticks whose time cannot be true. */
  leftOut(ticks: number): void;
  /** Ticks that the agent gave up, over restarts of it. */
  lostTicks(): number;
  /** Lines for the history that are due now. */
  due(): readonly string[];
}

export function createLossLedger(clock: Clock): LossLedger {
  let lastReport = 0;
  let lost = 0;
  let lostTold = 0;
  let strange = 0;
  let strangeTold = 0;
  let toldAtMs = Number.NEGATIVE_INFINITY;

  return {
    reported(lostTicks) {
      lost += lostTicks >= lastReport ? lostTicks - lastReport : lostTicks;
      lastReport = lostTicks;
    },
    leftOut(ticks) {
      strange += ticks;
    },
    lostTicks: () => lost,
    due() {
      const lines: string[] = [];
      if ((lost === lostTold && strange === strangeTold) || clock.monotonicMs() - toldAtMs < TOLD_EVERY_MS)
        return lines;
      if (lost > lostTold) lines.push(`${lost - lostTold} readings were lost: the agent’s spool was full.`);
      if (strange > strangeTold) {
        lines.push(
          `${strange - strangeTold} readings were left out: their time is in the future or over 400 days ago. Check this machine’s clock.`,
        );
      }
      lostTold = lost;
      strangeTold = strange;
      toldAtMs = clock.monotonicMs();
      return lines;
    },
  };
}
