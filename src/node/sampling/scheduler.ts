/**
 * Runs the collectors: one tick at each wall-clock multiple of the level's interval, whose readings travel as one Tick.
 *
 * A tick waits a moment for sources that answer late; what comes later still is sent as a Tick of its own, with its own
 * time. The first tick is sent at once and the second 200 ms later, so that a window shows rates as soon as it opens.
 */
import type { Inventory } from '../../core/fleet/inventory.ts';
import type { CollectorStatus } from '../../core/metrics/collector.ts';
import { type Level, TICK_INTERVAL_MS } from '../../core/metrics/level.ts';
import type { ProcessSnapshot, WorkerEvent } from '../../core/metrics/sample.ts';
import type { SeriesKey } from '../../core/metrics/series.ts';
import type { Clock } from '../../core/time.ts';
import type { Collector, ReadContext } from './collector.ts';
import { CollectorRun } from './collector-run.ts';
import { type Moment, nextTickAtMs, SHORT_INTERVAL_MS, timeStepOf, wordsForTimeStep } from './schedule.ts';

/** How long a tick waits for its slow sources before it is sent without them. */
const GRACE_MS = 60;

/** Counts of skipped ticks alone are reported no more often than this. */
const SKIPS_REPORTED_EVERY_MS = 10_000;

/** Collectors get this long to end their children. */
const DISPOSE_LIMIT_MS = 3_000;

/** One delivery of the scheduler; `keys` and `values` are valid only during the call, up to `count`. */
export interface Delivery {
  readonly atMs: number;
  readonly keys: readonly SeriesKey[];
  readonly values: readonly number[];
  readonly count: number;
  readonly processes: readonly ProcessSnapshot[];
  readonly inventory: Inventory | null;
  /** All states, when one changed; else null. */
  readonly collectors: readonly CollectorStatus[] | null;
  readonly events: readonly WorkerEvent[];
}

export interface Scheduler {
  start(level: Level): void;
  setLevel(level: Level): void;
  /** Stops ticking and disposes all collectors, within a limit. */
  dispose(): Promise<void>;
}

export function createScheduler(
  collectors: readonly Collector[],
  clock: Clock,
  deliver: (delivery: Delivery) => void,
): Scheduler {
  const runs = collectors.map((collector) => new CollectorRun(collector));
  let level: Level = 'standard';
  let timer: NodeJS.Timeout | null = null;
  let isDisposed = false;
  let lastTick: Moment | null = null;
  let dueInMs = 0;
  let reported: readonly CollectorStatus[] = [];
  let reportedAtMs = Number.NEGATIVE_INFINITY;
  const keys: SeriesKey[] = [];
  const values: number[] = [];

  function now(): Moment {
    return { wallMs: clock.nowMs(), monotonicMs: clock.monotonicMs() };
  }

  function schedule(delayMs: number): void {
    if (timer !== null) clearTimeout(timer);
    dueInMs = lastTick === null ? delayMs : clock.monotonicMs() + delayMs - lastTick.monotonicMs;
    timer = setTimeout(tick, delayMs);
  }

  function tick(): void {
    if (isDisposed) return;
    const isFirst = lastTick === null;
    const moment = now();
    const events = noticeTimeStep(moment);
    lastTick = moment;
    schedule(isFirst ? SHORT_INTERVAL_MS : nextTickAtMs(moment.wallMs, TICK_INTERVAL_MS[level]) - moment.wallMs);

    const context: ReadContext = { level, atMs: moment.wallMs, monotonicMs: () => clock.monotonicMs() };
    const done: boolean[] = [];
    const slow: Promise<void>[] = [];
    let isSealed = false;
    for (const [index, run] of runs.entries()) {
      const outcome = run.start(context, isFirst);
      if (!(outcome instanceof Promise)) {
        done[index] = outcome;
        continue;
      }
      slow.push(
        outcome.then((isFilled) => {
          if (isSealed) sendLate(run, isFilled);
          else done[index] = isFilled;
        }),
      );
    }
    const seal = () => {
      if (isSealed) return;
      isSealed = true;
      send(
        moment.wallMs,
        runs.filter((_, index) => done[index] === true),
        events,
      );
    };
    if (slow.length === 0 || isFirst) {
      seal();
      return;
    }
    const grace = setTimeout(seal, GRACE_MS);
    void Promise.all(slow).then(() => {
      clearTimeout(grace);
      seal();
    });
  }

  function noticeTimeStep(moment: Moment): WorkerEvent[] {
    if (lastTick === null) return [];
    const message = wordsForTimeStep(timeStepOf(lastTick, moment, dueInMs, TICK_INTERVAL_MS[level]));
    if (message === null) return [];
    for (const run of runs) run.reset();
    return [{ atMs: moment.wallMs, kind: 'clock-jumped', message }];
  }

  function sendLate(run: CollectorRun, isFilled: boolean): void {
    if (!isDisposed) send(clock.nowMs(), isFilled ? [run] : [], []);
  }

  function send(atMs: number, filled: readonly CollectorRun[], events: WorkerEvent[]): void {
    let count = 0;
    const processes: ProcessSnapshot[] = [];
    let inventory: Inventory | null = null;
    for (const { readings } of filled) {
      for (let index = 0; index < readings.count; index += 1) {
        keys[count] = readings.keys[index]!;
        values[count] = readings.values[index]!;
        count += 1;
      }
      if (readings.processes !== null) processes.push(readings.processes);
      inventory ??= readings.inventory;
    }
    const changed = changedStates(atMs, events);
    const isEmpty = count === 0 && processes.length === 0 && inventory === null;
    if (isEmpty && changed === null && events.length === 0) return;
    deliver({ atMs, keys, values, count, processes, inventory, collectors: changed, events });
  }

  function changedStates(atMs: number, events: WorkerEvent[]): readonly CollectorStatus[] | null {
    const present = runs.map((run) => run.status()).filter((status) => status !== null);
    const before = new Map(reported.map((status) => [status.collector, status]));
    let isChanged = present.length !== reported.length;
    let isSkipping = false;
    for (const status of present) {
      const known = before.get(status.collector);
      if (known === undefined || known.reason !== status.reason || known.remedy !== status.remedy) isChanged = true;
      if (known !== undefined && known.state !== status.state) {
        isChanged = true;
        events.push({ atMs, kind: 'collector-changed', message: wordsForChange(status) });
      }
      if (known !== undefined && known.skippedTicks !== status.skippedTicks) isSkipping = true;
    }
    if (!isChanged && !(isSkipping && clock.monotonicMs() - reportedAtMs >= SKIPS_REPORTED_EVERY_MS)) return null;
    reported = present;
    reportedAtMs = clock.monotonicMs();
    return present;
  }

  return {
    start(firstLevel) {
      level = firstLevel;
      tick();
    },
    setLevel(newLevel) {
      if (newLevel === level || isDisposed) return;
      level = newLevel;
      if (lastTick === null) return;
      schedule(Math.max(0, lastTick.monotonicMs + SHORT_INTERVAL_MS - clock.monotonicMs()));
    },
    async dispose() {
      if (isDisposed) return;
      isDisposed = true;
      if (timer !== null) clearTimeout(timer);
      const ended = Promise.allSettled(runs.map(async (run) => run.dispose()));
      let limit: NodeJS.Timeout | undefined;
      await Promise.race([ended, new Promise((resolve) => (limit = setTimeout(resolve, DISPOSE_LIMIT_MS)))]);
      clearTimeout(limit);
    },
  };
}

function wordsForChange(status: CollectorStatus): string {
  const reason = status.reason === null ? '' : ` ${status.reason}`;
  return `${status.collector}: ${status.state}.${reason}`;
}
