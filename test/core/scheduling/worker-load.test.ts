import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NO_PRESSURE, type Pressure, pressed } from '../../../src/core/scheduling/pressure.ts';
import {
  type LoadedAttempt,
  loadAfter,
  type WorkerLoad,
  type WorkerReading,
} from '../../../src/core/scheduling/worker-load.ts';
import { attemptIdOf } from '../../../src/core/tasks/task.ts';
import { aPromise, GIB, taskIdOf } from '../../support/tasks.ts';

function reading(second: number, changes: Partial<WorkerReading> = {}): WorkerReading {
  const whole = { capacityCores: 8, capacityBytes: 16 * GIB, powerWatts: null };
  return { monotonicMs: second * 1_000, cores: 0, memoryBytes: 2 * GIB, ...whole, ...changes };
}

function attempt(number: number, changes: Partial<LoadedAttempt> = {}): LoadedAttempt {
  const attemptId = attemptIdOf(taskIdOf(number), 1);
  return { attemptId, promised: aPromise({ memoryBytes: GIB }), use: null, isOver: false, ...changes };
}

/** A reading a second with these ratios. */
function pressureAfter(ratios: readonly (number | null)[], from: Pressure = NO_PRESSURE): Pressure['kind'] {
  return ratios.reduce<Pressure>((pressure, ratio, second) => pressed(pressure, ratio, second * 1_000), from).kind;
}

describe('a worker at its limit', () => {
  const below = (seconds: number) => new Array<number>(seconds).fill(0.84);

  test('is out from 95 % on, and back when it was below 85 % for ten seconds', () => {
    expect(pressureAfter([0.94])).toBe('open');
    expect(pressureAfter([0.95])).toBe('critical');
    expect(pressureAfter([0.95, ...below(10)])).toBe('critical');
    expect(pressureAfter([0.95, ...below(11)])).toBe('open');
  });

  test('begins its ten seconds anew whenever it is above, and does not flap at either line', () => {
    expect(pressureAfter([0.95, ...below(9), 0.86, ...below(9)])).toBe('critical');
    expect(pressureAfter([0.95, 0.94, 0.95, 0.94])).toBe('critical');
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.85, max: 1, noNaN: true }), { maxLength: 60 }), (ratios) => {
        expect(pressureAfter([0.96, ...ratios])).toBe('critical');
      }),
    );
  });

  test('stays as it was while nothing is read', () => {
    expect(pressureAfter([0.95, null, null])).toBe('critical');
    expect(pressureAfter([null])).toBe('open');
  });
});

describe('the load of others', () => {
  test('is what the machine uses beyond its attempts’ own processes; the first reading counts whole', () => {
    const one = attempt(1, { use: { cores: 2, memoryBytes: 3 * GIB } });
    const load = loadAfter(null, reading(1, { cores: 6, memoryBytes: 8 * GIB }), [one], true);
    expect(load.seen.others).toEqual({ cores: 4, memoryBytes: 5 * GIB });
    expect(load.seen.attempts.get(one.attemptId)).toEqual({ cores: 2, memoryBytes: 3 * GIB });
  });

  test('takes an attempt that was not read yet for what it was promised of CPU, and for nothing of memory', () => {
    const load = loadAfter(null, reading(1, { cores: 1, memoryBytes: 4 * GIB }), [attempt(1)], true);
    expect(load.seen.others).toEqual({ cores: 0, memoryBytes: 4 * GIB });
  });

  test('never takes tasks that were over before the next reading for others', () => {
    const ended = Array.from({ length: 20 }, (_, index) => attempt(index + 1, { isOver: true }));
    const load = loadAfter(null, reading(1, { cores: 8 }), ended, true);
    expect(load).toMatchObject({ critical: null, seen: { others: { cores: 0 } } });
    expect(load.seen.attempts.size).toBe(0);
  });

  test('counts a peak of a second little, and a lasting load soon whole', () => {
    let load: WorkerLoad | null = loadAfter(null, reading(0), [], true);
    load = loadAfter(load, reading(1, { cores: 8 }), [], true);
    expect(load.seen.others.cores).toBeLessThan(3);
    expect(load.critical).toBeNull();
    for (let second = 2; second < 15; second += 1) load = loadAfter(load, reading(second, { cores: 8 }), [], true);
    expect(load.seen.others.cores).toBe(8);
    expect(load.critical).toContain('other load took 95 % of its CPU');
  });

  test('is left out where its owner wants tasks to compete, but memory never is', () => {
    const load = loadAfter(null, reading(1, { cores: 8, memoryBytes: 15.5 * GIB }), [], false);
    expect(load.seen.others).toEqual({ cores: null, memoryBytes: 15.5 * GIB });
    expect(load.critical).toContain('its memory was 95 % full');
  });

  test('is the same object while it says the same, so that noise changes nothing', () => {
    const first = loadAfter(null, reading(1, { cores: 1, memoryBytes: 2 * GIB }), [attempt(1)], true);
    const next = loadAfter(first, reading(2, { cores: 1.04, memoryBytes: 2 * GIB - 5_000_000 }), [attempt(1)], true);
    expect(next.seen).toBe(first.seen);
    const more = loadAfter(next, reading(3, { cores: 1, memoryBytes: 3 * GIB }), [attempt(1)], true);
    expect(more.seen).not.toBe(first.seen);
  });

  test('is not known where nothing was read, and is never less than what was read of memory', () => {
    const unread = loadAfter(null, reading(1, { cores: null, memoryBytes: null }), [], true);
    expect(unread.seen.others).toEqual({ cores: null, memoryBytes: null });
    fc.assert(
      fc.property(fc.nat(16 * GIB), (memoryBytes) => {
        const load = loadAfter(null, reading(1, { memoryBytes }), [], true);
        expect(load.seen.others.memoryBytes).toBeGreaterThanOrEqual(memoryBytes);
      }),
    );
  });
});
