import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bestReading, type ClockReading, readingOf, withReading } from '../../src/worker/clock-readings.ts';
import { createCoordinatorClock } from '../../src/worker/coordinator-clock.ts';

/** A machine whose wall clock, monotonic clock and time since boot a test moves apart. */
function machine(wallMs = Date.UTC(2026, 0, 1)) {
  const state = { wallMs, monotonicMs: 0, bootMs: 5_000 };
  return {
    clock: { nowMs: () => state.wallMs, monotonicMs: () => state.monotonicMs },
    sinceBootMs: () => state.bootMs as number | null,
    runs(ms: number) {
      state.wallMs += ms;
      state.monotonicMs += ms;
      state.bootMs += ms;
    },
    sleeps(ms: number) {
      state.wallMs += ms;
      state.bootMs += ms;
    },
    isSetBy(ms: number) {
      state.wallMs += ms;
    },
  };
}

const delay = fc.double({ min: 0, max: 400, noNaN: true });

describe('what pings tell of the other clock', () => {
  it('is never further from the truth than it says, however unevenly the network delays', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1e7, max: 1e7 }),
        fc.array(fc.record({ out: delay, back: delay, pauseMs: fc.integer({ min: 1, max: 20_000 }) }), {
          minLength: 1,
        }),
        (truthMs, pings) => {
          let readings: readonly ClockReading[] = [];
          let monotonicMs = 0;
          for (const { out, back, pauseMs } of pings) {
            monotonicMs += pauseMs;
            const sentWallMs = Math.floor(1e12 + monotonicMs);
            const theirWallMs = Math.floor(1e12 + monotonicMs + out - truthMs);
            monotonicMs += out + back;
            readings = withReading(
              readings,
              readingOf({ sentWallMs, roundTripMs: out + back, theirWallMs, monotonicMs }),
            );
            const best = bestReading(readings, monotonicMs);
            expect(Math.abs(best.differenceMs - truthMs)).toBeLessThanOrEqual(best.uncertaintyMs);
          }
          expect(readings.length).toBe(Math.min(pings.length, 8));
        },
      ),
    );
  });

  it('is forgotten once a newer answer contradicts it: one of the clocks was set', () => {
    const reading = (theirWallMs: number, monotonicMs: number) =>
      readingOf({ sentWallMs: 1_000_000 + monotonicMs, roundTripMs: 2, theirWallMs, monotonicMs });
    const before = [reading(1_000_001, 0), reading(1_001_001, 1_000)].reduce(
      withReading,
      [] as readonly ClockReading[],
    );
    const after = withReading(before, reading(5_602_001, 2_000));
    expect(before).toHaveLength(2);
    expect(after).toHaveLength(1);
  });
});

describe('the coordinator’s clock', () => {
  const ping = (wallMs: number, monotonicMs: number, differenceMs: number, roundTripMs = 2) => ({
    sentWallMs: wallMs,
    roundTripMs,
    theirWallMs: wallMs + roundTripMs / 2 - differenceMs,
    monotonicMs: monotonicMs + roundTripMs,
  });

  it('goes by what was remembered until a ping says otherwise', () => {
    const here = machine();
    const { clock: own, sinceBootMs } = here;
    const clock = createCoordinatorClock({ machine: own, sinceBootMs, differenceMs: 1_500 });
    expect(own.nowMs() - clock.nowMs()).toBe(1_500);
    expect(clock.differenceMs()).toBeNull();
    clock.take(ping(own.nowMs(), own.monotonicMs(), 90_000));
    expect(own.nowMs() - clock.nowMs()).toBe(90_000);
    expect(clock.differenceMs()).toBe(90_000);
  });

  it('keeps its difference while readings only differ by their own error', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ out: delay, back: delay }), { minLength: 2, maxLength: 30 }), (delays) => {
        const here = machine();
        const { clock: own, sinceBootMs } = here;
        const clock = createCoordinatorClock({ machine: own, sinceBootMs, differenceMs: 0 });
        for (const { out, back } of delays) {
          here.runs(1_000);
          const sentWallMs = own.nowMs();
          here.runs(out + back);
          const answered = { sentWallMs, roundTripMs: out + back, theirWallMs: sentWallMs + out };
          clock.take({ ...answered, monotonicMs: own.monotonicMs() });
          expect(clock.assumedDifferenceMs()).toBe(0);
        }
      }),
    );
  });

  it('goes on as before when somebody sets this machine’s clock', () => {
    for (const stepMs of [-3_600_000, -700, 700, 86_400_000]) {
      const here = machine();
      const clock = createCoordinatorClock({ machine: here.clock, sinceBootMs: here.sinceBootMs, differenceMs: 0 });
      const beforeMs = clock.nowMs();
      here.runs(1_000);
      here.isSetBy(stepMs);
      expect(clock.nowMs() - beforeMs).toBe(1_000);
      expect(clock.assumedDifferenceMs()).toBe(stepMs);
    }
  });

  it('goes on with the wall clock when this machine slept', () => {
    const here = machine();
    const clock = createCoordinatorClock({ machine: here.clock, sinceBootMs: here.sinceBootMs, differenceMs: 40 });
    const beforeMs = clock.nowMs();
    here.sleeps(7_200_000);
    here.runs(1_000);
    expect(clock.nowMs() - beforeMs).toBe(7_201_000);
    expect(clock.assumedDifferenceMs()).toBe(40);
  });

  it('takes a step forward for a sleep where the system does not tell, and a step back for a set clock', () => {
    const here = machine();
    const clock = createCoordinatorClock({ machine: here.clock, sinceBootMs: () => null, differenceMs: 0 });
    here.isSetBy(60_000);
    clock.nowMs();
    expect(clock.assumedDifferenceMs()).toBe(0);
    here.isSetBy(-60_000);
    clock.nowMs();
    expect(clock.assumedDifferenceMs()).toBe(-60_000);
  });

  it('follows a coordinator whose clock was set', () => {
    const here = machine();
    const { clock: own, sinceBootMs } = here;
    const clock = createCoordinatorClock({ machine: own, sinceBootMs, differenceMs: 0 });
    for (let index = 0; index < 8; index += 1) {
      here.runs(1_000);
      clock.take(ping(own.nowMs(), own.monotonicMs(), 0, 1));
    }
    here.runs(1_000);
    clock.take(ping(own.nowMs(), own.monotonicMs(), -3_600_000, 200));
    expect(clock.assumedDifferenceMs()).toBe(-3_600_000);
  });
});
