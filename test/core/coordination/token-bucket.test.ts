import fc from 'fast-check';
import { expect, test } from 'vitest';
import { debtMs, fullBucket, take } from '../../../src/core/coordination/token-bucket.ts';

const allowance = { perSecond: 50, atOnce: 400 };

test('lets so much through at once, and then as much as it is refilled', () => {
  let bucket = fullBucket(allowance, 0);
  bucket = take(bucket, allowance, 400, 0);
  expect(debtMs(bucket, allowance)).toBe(0);
  bucket = take(bucket, allowance, 25, 0);
  expect(debtMs(bucket, allowance)).toBe(500);
  bucket = take(bucket, allowance, 0, 500);
  expect(debtMs(bucket, allowance)).toBe(0);
});

test('who waits off each debt never gets more than the average and one burst', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 0, max: 5_000 }))), (steps) => {
      let bucket = fullBucket(allowance, 0);
      let nowMs = 0;
      let taken = 0;
      for (const [amount, pauseMs] of steps) {
        nowMs += pauseMs + debtMs(bucket, allowance);
        taken += amount;
        bucket = take(bucket, allowance, amount, nowMs);
        expect(taken).toBeLessThanOrEqual(allowance.atOnce + (nowMs / 1_000) * allowance.perSecond + amount + 1e-6);
      }
    }),
  );
});

test('a clock that seems to go back refills nothing', () => {
  const bucket = take(fullBucket(allowance, 1_000), allowance, 10, 0);
  expect(bucket.left).toBe(390);
});
