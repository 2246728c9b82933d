import { expect, test } from 'vitest';
import { wasAway } from '../../../src/core/coordination/own-absence.ts';

const before = { monotonicMs: 1_000, wallMs: Date.UTC(2026, 0, 1) };
const after = (monotonicMs: number, wallMs: number) => ({
  monotonicMs: before.monotonicMs + monotonicMs,
  wallMs: before.wallMs + wallMs,
});

test('a timer that rang in time, or a little late, was no absence', () => {
  expect(wasAway(before, after(500, 500), 500)).toBe(false);
  expect(wasAway(before, after(2_400, 2_400), 500)).toBe(false);
});

test('a timer that rang late tells of a process that stood still', () => {
  expect(wasAway(before, after(2_600, 2_600), 500)).toBe(true);
});

test('a wall clock that went on without the monotonic one tells of a machine that slept', () => {
  expect(wasAway(before, after(500, 8 * 3_600_000), 500)).toBe(true);
});

test('a wall clock that was set back tells of nothing', () => {
  expect(wasAway(before, after(500, -3_600_000), 500)).toBe(false);
});
