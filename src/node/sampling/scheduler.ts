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
  let reportedChanges = 0;
  let reportedSkips = 0;
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
    const filled = new Array<CollectorRun | null>(runs.length).fill(null);
    let slow: Promise<void>[] | null = null;
    let isSealed = false;
    for (let index = 0; index < runs.length; index += 1) {
      const run = runs[index]!;
      const outcome = run.start(context, isFirst);
      if (outcome === true) filled[index] = run;
      if (!(outcome instanceof Promise)) continue;
      slow ??= [];
      slow.push(
        outcome.then(() => {
          if (isSealed) sendLate(run);
          else filled[index] = run;
        }),
      );
    }
    const seal = () => {
      if (isSealed) return;
      isSealed = true;
      send(moment.wallMs, filled, events);
    };
    if (slow === null || isFirst) {
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

  function sendLate(run: CollectorRun): void {
    if (!isDisposed) send(clock.nowMs(), [run], []);
  }

  function send(atMs: number, filled: readonly (CollectorRun | null)[], events: WorkerEvent[]): void {
    let count = 0;
    const processes: ProcessSnapshot[] = [];
    let inventory: Inventory | null = null;
    for (const run of filled) {
      if (run === null) continue;
      const { readings } = run;
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
    // Nearly always nothing changed, and then nothing is made.
    let changes = 0;
    let skippedTicks = 0;
    for (const run of runs) {
      changes += run.changes;
      skippedTicks += run.skippedTicks;
    }
    const isSkipReport =
      skippedTicks !== reportedSkips && clock.monotonicMs() - reportedAtMs >= SKIPS_REPORTED_EVERY_MS;
    if (changes === reportedChanges && !isSkipReport) return null;
    const states = runs.map((run) => run.status()).filter((status) => status !== null);
    for (const status of states) {
      const before = reported.find(({ collector }) => collector === status.collector);
      if (before === undefined || before.state === status.state) continue;
      events.push({ atMs, kind: 'collector-changed', message: wordsForChange(status) });
    }
    reported = states;
    reportedChanges = changes;
    reportedSkips = skippedTicks;
    reportedAtMs = clock.monotonicMs();
    return states;
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
