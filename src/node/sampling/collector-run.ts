/**
 * One collector at work: starts its reads, keeps its state, and holds what it read until the tick is sent.
 *
 * Nothing it does reaches the others: what it throws becomes its state, and while a read is under way the next ones are
 * left out and counted.
 */
import type { CollectorStatus } from '../../core/metrics/collector.ts';
import { includesLevel } from '../../core/metrics/level.ts';
import { type Collector, type Condition, failing, type ReadContext } from './collector.ts';
import { Readings } from './readings.ts';
import { isPeriodOver } from './schedule.ts';

/** A source that is not there is looked for this often: modules get loaded, cards plugged in, rights granted. */
const DETECT_AGAIN_MS = 60_000;

/** After a failure the source is opened anew, at first soon, then up to this far apart. */
const MOST_BACK_OFF_MS = 30_000;

export class CollectorRun {
  readonly readings = new Readings();
  readonly #collector: Collector;
  #condition: Condition | null = null;
  #sinceMs = 0;
  #skippedTicks = 0;
  #isDetected = false;
  #detectAfterMs = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #runningSinceMs: number | null = null;
  #lastReadAtMs = Number.NEGATIVE_INFINITY;
  #reads = 0;

  constructor(collector: Collector) {
    this.#collector = collector;
  }

  get name(): string {
    return this.#collector.name;
  }

  /** True while what was read waits in `readings` for its tick. */
  get isRunning(): boolean {
    return this.#runningSinceMs !== null;
  }

  /** Rises with every change of state, reason or remedy. */
  changes = 0;

  get skippedTicks(): number {
    return this.#skippedTicks;
  }

  /** Null until the first look. */
  status(): CollectorStatus | null {
    if (this.#condition === null) return null;
    const { state, reason, remedy } = this.#condition;
    return {
      collector: this.#collector.name,
      state,
      reason,
      remedy,
      sinceMs: this.#sinceMs,
      skippedTicks: this.#skippedTicks,
    };
  }

  /**
   * Reads if this tick is the collector's. Answers true when `readings` is filled, a promise of that when the source is
   * slow (it never rejects), and false when there was nothing to do.
   */
  start(context: ReadContext, isFirstTick: boolean): boolean | Promise<boolean> {
    const collector = this.#collector;
    if (isFirstTick && !collector.isInFirstTick) return false;
    if (!includesLevel(context.level, collector.leastLevel)) {
      if (this.#reads > 0) collector.pause?.();
      this.#reads = 0;
      return false;
    }
    const nowMs = context.monotonicMs();
    const isDue = this.#isDue(context);
    if (this.#runningSinceMs !== null) {
      this.#watch(context.atMs, nowMs - this.#runningSinceMs, isDue);
      return false;
    }
    if (!isDue) return false;
    if (!this.#isDetected && nowMs < this.#detectAfterMs) return false;
    this.#lastReadAtMs = context.atMs;
    this.#reads += 1;
    this.readings.clear();
    return this.#guard(context, () => (this.#isDetected ? this.#read(context) : this.#detect(context)));
  }

  /** Called when the clock jumped. */
  reset(): void {
    this.#reads = 0;
    this.#collector.reset();
  }

  dispose(): void | Promise<void> {
    return this.#collector.dispose();
  }

  #isDue(context: ReadContext): boolean {
    // The first reading of a counter gives no rate, so the second comes with the next tick whatever the pace.
    if (this.#reads < 2) return true;
    const cadenceMs = this.#collector.cadenceMs(context.level);
    return cadenceMs === null || isPeriodOver(context.atMs, this.#lastReadAtMs, cadenceMs);
  }

  #watch(atMs: number, runningForMs: number, isTickSkipped: boolean): void {
    if (isTickSkipped) {
      this.#skippedTicks += 1;
      this.#lastReadAtMs = atMs;
    }
    if (runningForMs < this.#collector.timeLimitMs) return;
    this.#settle(failing(`No answer within ${this.#collector.timeLimitMs / 1_000} s; still waiting.`), atMs);
  }

  #detect(context: ReadContext): Condition | Promise<Condition> {
    const found = this.#collector.detect();
    return found instanceof Promise
      ? found.then((condition) => this.#afterDetect(condition, context))
      : this.#afterDetect(found, context);
  }

  #afterDetect(condition: Condition, context: ReadContext): Condition | Promise<Condition> {
    if (condition.state !== 'ok') return condition;
    this.#isDetected = true;
    return this.#read(context);
  }

  #read(context: ReadContext): Condition | Promise<Condition> {
    return this.#collector.read(this.readings, context);
  }

  #guard(context: ReadContext, act: () => Condition | Promise<Condition>): boolean | Promise<boolean> {
    try {
      const outcome = act();
      if (!(outcome instanceof Promise)) return this.#finish(outcome, context);
      this.#runningSinceMs = context.monotonicMs();
      return outcome
        .catch((error: unknown) => failing(wordsOf(error)))
        .then((condition) => {
          this.#runningSinceMs = null;
          return this.#finish(condition, context);
        });
    } catch (error) {
      return this.#finish(failing(wordsOf(error)), context);
    }
  }

  #finish(condition: Condition, context: ReadContext): boolean {
    this.#settle(condition, context.atMs);
    if (condition.state === 'ok') {
      this.#failures = 0;
      return true;
    }
    const nowMs = context.monotonicMs();
    this.#failures += 1;
    if (condition.state === 'failing') {
      this.#detectAfterMs = nowMs + Math.min(1_000 * 2 ** (this.#failures - 1), MOST_BACK_OFF_MS);
      // A collector may deliver what it has and report what it lacks; it is then read on at its own pace.
      if (this.readings.count === 0) this.#isDetected = false;
    } else {
      this.#isDetected = false;
      this.#detectAfterMs = nowMs + DETECT_AGAIN_MS;
    }
    return true;
  }

  #settle(condition: Condition, atMs: number): void {
    const before = this.#condition;
    if (before === condition) return;
    const isSameState = before !== null && before.state === condition.state;
    if (isSameState && before.reason === condition.reason && before.remedy === condition.remedy) return;
    this.#condition = condition;
    this.changes += 1;
    if (!isSameState) this.#sinceMs = atMs;
  }
}

/** The system's own words for an error, without the stack. */
function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
