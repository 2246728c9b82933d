import { describe, expect, it } from 'vitest';
import { createBackOff } from '../../src/core/coordination/back-off.ts';
import { createLatePace } from '../../src/worker/late-pace.ts';
import { fakeTime } from '../engine/fake-time.ts';

describe('the wait before another try', () => {
  it('doubles up to its limit, between a half and all of it, and starts over after a good link', () => {
    for (const share of [0, 0.999]) {
      const backOff = createBackOff({ firstMs: 300, mostMs: 10_000, random: () => share });
      const part = 0.5 + share / 2;
      const expected = [300, 600, 1_200, 2_400, 4_800, 9_600, 10_000, 10_000].map((ms) => Math.round(ms * part));
      expect(expected.map(() => backOff.nextMs())).toEqual(expected);
      backOff.reset();
      expect(backOff.nextMs()).toBe(expected[0]);
    }
  });
});

describe('the pace of history', () => {
  it('takes larger pieces on a quick link and smaller ones on a slow one, within bounds', () => {
    const pace = createLatePace(fakeTime().clock);
    const first = pace.bytes();
    for (let round = 0; round < 20; round += 1) pace.taken(10);
    expect(pace.bytes()).toBe(64 * 1024);
    for (let round = 0; round < 20; round += 1) pace.taken(5_000);
    expect(pace.bytes()).toBe(2 * 1024);
    pace.reset();
    expect(pace.bytes()).toBe(first);
  });

  it('stays below a megabyte and twenty messages a second', () => {
    const time = fakeTime();
    const pace = createLatePace(time.clock);
    pace.sent(100);
    expect(pace.waitMs()).toBe(50);
    time.advance(50);
    expect(pace.waitMs()).toBe(0);
    pace.sent(1024 * 1024);
    expect(pace.waitMs()).toBe(1_000);
  });
});
