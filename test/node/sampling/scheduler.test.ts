import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Level } from '../../../src/core/metrics/level.ts';
import { seriesKey } from '../../../src/core/metrics/series.ts';
import type { Clock } from '../../../src/core/time.ts';
import {
  type Collector,
  type Condition,
  failing,
  OK,
  type ReadContext,
  unsupported,
} from '../../../src/node/sampling/collector.ts';
import { createScheduler, type Scheduler } from '../../../src/node/sampling/scheduler.ts';

const START_MS = Date.UTC(2026, 0, 1, 12, 0, 0, 350);
const LOADS = [seriesKey('labwatch.load1'), seriesKey('labwatch.load5'), seriesKey('labwatch.load15')];

interface Sent {
  readonly atMs: number;
  readonly values: Readonly<Record<string, number>>;
  readonly states: Readonly<Record<string, string>> | null;
  readonly skipped: Readonly<Record<string, number>> | null;
  readonly events: readonly string[];
}

/** A collector that puts `value` under `key`, unless the test says otherwise. */
function collectorOf(name: string, change: Partial<Collector> = {}, key = LOADS[0]!): Collector {
  return {
    name,
    leastLevel: 'basic',
    cadenceMs: () => null,
    timeLimitMs: 2_000,
    isInFirstTick: true,
    detect: () => OK,
    read(sink) {
      sink.put(key, 1);
      return OK;
    },
    reset() {},
    dispose() {},
    ...change,
  };
}

describe('the scheduler', () => {
  let wallShiftMs = 0;
  let scheduler: Scheduler;
  let sent: Sent[];
  const clock: Clock = { nowMs: () => Date.now() + wallShiftMs, monotonicMs: () => performance.now() };

  function start(collectors: readonly Collector[], level: Level = 'standard'): void {
    sent = [];
    scheduler = createScheduler(collectors, clock, ({ atMs, keys, values, count, collectors: states, events }) => {
      sent.push({
        atMs,
        values: Object.fromEntries(keys.slice(0, count).map((key, index) => [key, values[index]!])),
        states: states && Object.fromEntries(states.map(({ collector, state }) => [collector, state])),
        skipped: states && Object.fromEntries(states.map(({ collector, skippedTicks }) => [collector, skippedTicks])),
        events: events.map(({ kind, message }) => `${kind}: ${message}`),
      });
    });
    scheduler.start(level);
  }

  beforeEach(() => {
    vi.useFakeTimers({ now: START_MS });
    wallShiftMs = 0;
  });

  afterEach(async () => {
    await scheduler.dispose();
    vi.useRealTimers();
  });

  const ticks = () => sent.filter(({ values }) => Object.keys(values).length > 0);
  const times = () => ticks().map(({ atMs }) => atMs - START_MS);

  test('ticks at once, after 200 ms, and then at whole seconds', async () => {
    start([collectorOf('a')]);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(times()).toEqual([0, 200, 650, 1_650, 2_650]);
  });

  test.each([
    ['basic', [0, 200, 4_650, 9_650]],
    ['intensive', [0, 200, 400, 650, 900]],
  ] as const)('at level %s keeps to its interval', async (level, expected) => {
    start([collectorOf('a')], level);
    await vi.advanceTimersByTimeAsync(expected.at(-1)!);
    expect(times()).toEqual(expected);
  });

  test('reads a slow collector at its own pace, and twice at the beginning', async () => {
    start([collectorOf('a'), collectorOf('slow', { cadenceMs: () => 5_000 }, LOADS[1])]);
    await vi.advanceTimersByTimeAsync(10_700);
    const slow = ticks().filter(({ values }) => LOADS[1]! in values);
    expect(slow.map(({ atMs }) => atMs - START_MS)).toEqual([0, 200, 4_650, 9_650]);
  });

  test('reads a collector only from its level on, and at once when the level rises', async () => {
    start([collectorOf('a'), collectorOf('deep', { leastLevel: 'detailed' }, LOADS[1])]);
    await vi.advanceTimersByTimeAsync(700);
    scheduler.setLevel('detailed');
    await vi.advanceTimersByTimeAsync(2_000);
    const deep = ticks().filter(({ values }) => LOADS[1]! in values);
    expect(deep.map(({ atMs }) => atMs - START_MS)).toEqual([850, 1_650, 2_650]);
  });

  test('pauses a collector once when the level falls below it, and begins anew when it rises', async () => {
    const pause = vi.fn();
    start([collectorOf('a'), collectorOf('deep', { leastLevel: 'detailed', pause }, LOADS[1])], 'detailed');
    await vi.advanceTimersByTimeAsync(2_000);
    expect(pause).not.toHaveBeenCalled();
    scheduler.setLevel('standard');
    await vi.advanceTimersByTimeAsync(5_000);
    expect(pause).toHaveBeenCalledTimes(1);
    scheduler.setLevel('detailed');
    await vi.advanceTimersByTimeAsync(2_000);
    expect(ticks().at(-1)?.values).toHaveProperty([LOADS[1]!]);
  });

  test('sends the readings of one tick as one, in the order of the collectors', async () => {
    const late = async (sink: Parameters<Collector['read']>[0]): Promise<Condition> => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      sink.put(LOADS[0]!, 1);
      return OK;
    };
    start([collectorOf('late', { read: late, isInFirstTick: false }), collectorOf('prompt', {}, LOADS[1])]);
    await vi.advanceTimersByTimeAsync(700);
    expect(sent.map(({ values }) => Object.keys(values))).toEqual([
      [LOADS[1]],
      [LOADS[0], LOADS[1]],
      [LOADS[0], LOADS[1]],
    ]);
    expect(times()).toEqual([0, 200, 650]);
  });

  test('does not wait long: what comes later is sent with its own time', async () => {
    const late = async (sink: Parameters<Collector['read']>[0]): Promise<Condition> => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      sink.put(LOADS[0]!, 1);
      return OK;
    };
    start([collectorOf('late', { read: late, isInFirstTick: false }), collectorOf('prompt', {}, LOADS[1])]);
    await vi.advanceTimersByTimeAsync(640);
    expect(ticks().map(({ atMs, values }) => [atMs - START_MS, Object.keys(values)])).toEqual([
      [0, [LOADS[1]]],
      [200, [LOADS[1]]],
      [500, [LOADS[0]]],
    ]);
  });

  describe('when one collector', () => {
    const others = () => ticks().filter(({ values }) => LOADS[1]! in values).length;

    test('throws, the others go on, and it is reported and tried again later', async () => {
      let reads = 0;
      const bad = collectorOf('bad', {
        read() {
          reads += 1;
          throw new Error('EIO: i/o error, read');
        },
      });
      start([bad, collectorOf('good', {}, LOADS[1])]);
      await vi.advanceTimersByTimeAsync(10_000);
      expect(others()).toBe(12);
      expect(reads).toBeLessThan(6);
      expect(sent[0]?.states).toEqual({ bad: 'failing', good: 'ok' });
      expect(sent.filter(({ states }) => states !== null)).toHaveLength(1);
    });

    test('rejects, or throws while looking around, nothing else happens either', async () => {
      const rejecting = collectorOf('rejecting', { read: () => Promise.reject(new Error('ENODEV')) });
      const blind = collectorOf('blind', {
        detect() {
          throw new Error('EACCES');
        },
      });
      start([rejecting, blind, collectorOf('good', {}, LOADS[1])]);
      await vi.advanceTimersByTimeAsync(5_000);
      expect(others()).toBe(7);
      const last = sent.filter(({ states }) => states !== null).at(-1);
      expect(last?.states).toEqual({ rejecting: 'failing', blind: 'failing', good: 'ok' });
    });

    test('hangs, its ticks are skipped and counted, and it is failing until it answers', async () => {
      let answer: (condition: Condition) => void = () => {};
      const hanging = collectorOf('hanging', {
        read: () =>
          new Promise((resolve) => {
            answer = resolve;
          }),
      });
      start([hanging, collectorOf('good', {}, LOADS[1])]);
      await vi.advanceTimersByTimeAsync(12_700);
      expect(others()).toBe(15);
      const reports = sent.filter(({ states }) => states !== null);
      expect(reports.map(({ states }) => states?.hanging)).toEqual([undefined, 'failing', 'failing']);
      expect(reports[1]!.atMs - START_MS).toBe(2_650);
      expect(reports[2]!.skipped?.hanging).toBe(14);
      answer(OK);
      await vi.advanceTimersByTimeAsync(100);
      expect(sent.at(-1)).toMatchObject({ states: { hanging: 'ok' }, events: ['collector-changed: hanging: ok.'] });
    });

    test('finds nothing, it looks again each minute, and says when it found it', async () => {
      let isThere = false;
      const absent = collectorOf('absent', { detect: () => (isThere ? OK : unsupported('There is none.')) });
      start([absent, collectorOf('good', {}, LOADS[1])]);
      await vi.advanceTimersByTimeAsync(30_000);
      isThere = true;
      await vi.advanceTimersByTimeAsync(29_000);
      expect(ticks().some(({ values }) => LOADS[0]! in values)).toBe(false);
      await vi.advanceTimersByTimeAsync(2_000);
      expect(ticks().some(({ values }) => LOADS[0]! in values)).toBe(true);
      expect(sent.flatMap(({ events }) => events)).toEqual(['collector-changed: absent: ok.']);
    });

    test('delivers a part, that part is sent and the rest reported', async () => {
      const partial = collectorOf('partial', {
        read(sink) {
          sink.put(LOADS[0]!, 7);
          return failing('/mnt/nas does not answer.');
        },
      });
      start([partial]);
      await vi.advanceTimersByTimeAsync(3_000);
      expect(ticks().at(-1)?.values).toEqual({ [LOADS[0]!]: 7 });
      expect(sent[0]?.states).toEqual({ partial: 'failing' });
    });

    test('does not end, disposing does not wait for it for ever', async () => {
      start([collectorOf('stubborn', { dispose: () => new Promise(() => {}) })]);
      const disposed = scheduler.dispose();
      await vi.advanceTimersByTimeAsync(3_000);
      await disposed;
      const before = sent.length;
      await vi.advanceTimersByTimeAsync(5_000);
      expect(sent).toHaveLength(before);
    });
  });

  describe('when time makes a leap', () => {
    function counting() {
      const reset = vi.fn();
      start([collectorOf('a', { reset })]);
      return reset;
    }

    test('forward, every counter starts over and the history says so', async () => {
      const reset = counting();
      await vi.advanceTimersByTimeAsync(1_700);
      wallShiftMs = 3_600_000;
      await vi.advanceTimersByTimeAsync(1_000);
      expect(reset).toHaveBeenCalledTimes(1);
      expect(sent.flatMap(({ events }) => events)).toEqual([
        'clock-jumped: The clock went forward by 3600.0 s (it was set, or the machine slept).',
      ]);
    });

    test('backward, ticks go on at the new whole seconds', async () => {
      const reset = counting();
      await vi.advanceTimersByTimeAsync(1_700);
      wallShiftMs = -10_500;
      await vi.advanceTimersByTimeAsync(3_000);
      expect(reset).toHaveBeenCalledTimes(1);
      expect(
        ticks()
          .slice(-2)
          .map(({ atMs }) => atMs % 1_000),
      ).toEqual([0, 0]);
      expect(sent.flatMap(({ events }) => events)).toEqual(['clock-jumped: The clock went back by 10.5 s.']);
    });

    test('of less than a second, nothing is said', async () => {
      const reset = counting();
      await vi.advanceTimersByTimeAsync(1_700);
      wallShiftMs = 400;
      await vi.advanceTimersByTimeAsync(3_000);
      expect(reset).not.toHaveBeenCalled();
      expect(sent.flatMap(({ events }) => events)).toEqual([]);
    });

    test('and nothing ran meanwhile, that is a pause', async () => {
      const reset = counting();
      await vi.advanceTimersByTimeAsync(1_700);
      // Timers stand still while both clocks go on: the process was stopped.
      const frozen = Date.now();
      const monotonic = performance.now();
      vi.spyOn(performance, 'now').mockImplementation(() => monotonic + 8_000 + (Date.now() - frozen));
      wallShiftMs = 8_000;
      await vi.advanceTimersByTimeAsync(1_000);
      expect(reset).toHaveBeenCalledTimes(1);
      expect(sent.flatMap(({ events }) => events)).toEqual([
        'clock-jumped: Nothing was sampled for 8.0 s: the machine or Labwatch was paused.',
      ]);
      vi.mocked(performance.now).mockRestore();
    });
  });

  test('gives a collector the monotonic time at which it asks', async () => {
    const asked: number[] = [];
    const read = (_: unknown, context: ReadContext) => {
      asked.push(context.monotonicMs());
      return OK;
    };
    start([collectorOf('a', { read })]);
    await vi.advanceTimersByTimeAsync(650);
    expect(asked.map((ms) => ms - asked[0]!)).toEqual([0, 200, 650]);
  });
});
