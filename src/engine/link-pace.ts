/** Holds a link to the agreed pace: too fast is read more slowly, and a flood that goes on regardless is an end. */
import { type Bucket, debtMs, fullBucket, take } from '../core/coordination/token-bucket.ts';
import { type Clock, type Disposable, SECOND_MS } from '../core/time.ts';
import { LIMITS } from '../shared/protocol/contract.ts';
import type { Link, Timers } from './ports.ts';

/** Reading stops while anything is owed, so only what was under way can add to it; this much never is. */
const MOST_DEBT_MS = 5 * SECOND_MS;

const MESSAGES = { perSecond: LIMITS.messagesPerSecond, atOnce: LIMITS.messagesAtOnce };
const UNITS = { perSecond: LIMITS.bytesPerSecond, atOnce: LIMITS.bytesAtOnce };

export interface LinkPace extends Disposable {
  /** Counts a message of this length. False: the other side floods, and the link has to end. */
  admit(length: number): boolean;
  dispose(): void;
}

export function createLinkPace(link: Pick<Link, 'setPaused'>, clock: Clock, timers: Timers): LinkPace {
  let messages: Bucket = fullBucket(MESSAGES, clock.monotonicMs());
  let units: Bucket = fullBucket(UNITS, clock.monotonicMs());
  let pause: Disposable | null = null;

  function pauseFor(ms: number): void {
    if (pause === null) link.setPaused(true);
    pause?.dispose();
    pause = timers.after(Math.ceil(ms), () => {
      pause = null;
      link.setPaused(false);
    });
  }

  return {
    admit(length) {
      const nowMs = clock.monotonicMs();
      messages = take(messages, MESSAGES, 1, nowMs);
      units = take(units, UNITS, length, nowMs);
      const owedMs = Math.max(debtMs(messages, MESSAGES), debtMs(units, UNITS));
      if (owedMs > 0) pauseFor(owedMs);
      return owedMs <= MOST_DEBT_MS;
    },
    dispose() {
      pause?.dispose();
    },
  };
}
