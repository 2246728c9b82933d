import { describe, expect, test } from 'vitest';
import { nextRest, POLLING, type RestState } from '../../../src/node/sampling/nvidia/rest.ts';

describe('the rule of rest', () => {
  const quiet = { isSuspended: false, mayRest: true, isIdle: true };
  const phaseAfter = (steps: readonly [number, Partial<typeof quiet>?][]) =>
    steps.reduce<RestState>((state, [nowMs, change]) => nextRest(state, { nowMs, ...quiet, ...change }), POLLING).phase;

  test('rests after a minute of idleness, sleeps, and wakes', () => {
    expect(phaseAfter([[0], [59_999]])).toBe('polling');
    expect(phaseAfter([[0], [60_000]])).toBe('resting');
    expect(phaseAfter([[0], [60_000], [65_000, { isSuspended: true }]])).toBe('asleep');
    expect(phaseAfter([[0], [60_000], [65_000, { isSuspended: true }], [900_000]])).toBe('polling');
  });

  test('begins anew with each sign of work', () => {
    expect(phaseAfter([[0], [50_000, { isIdle: false }], [60_000], [119_999]])).toBe('polling');
    expect(phaseAfter([[0], [50_000, { isIdle: false }], [60_000], [120_000]])).toBe('resting');
  });

  test('gives up for ten minutes where something else keeps the GPU awake', () => {
    expect(phaseAfter([[0], [60_000], [80_000]])).toBe('polling');
    expect(phaseAfter([[0], [60_000], [80_000], [200_000], [679_999]])).toBe('polling');
    expect(phaseAfter([[0], [60_000], [80_000], [680_000], [740_000]])).toBe('resting');
  });

  test('never rests where the GPU cannot sleep', () => {
    expect(
      phaseAfter([
        [0, { mayRest: false }],
        [600_000, { mayRest: false }],
      ]),
    ).toBe('polling');
  });
});
