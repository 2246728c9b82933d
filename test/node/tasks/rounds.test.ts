/** The rounds of attempts that are not over. */
import { expect, test } from 'vitest';
import { placeOf } from '../../../src/node/tasks/attempt-place.ts';
import { acceptedReport } from '../../../src/node/tasks/held-attempt.ts';
import { createRounds } from '../../../src/node/tasks/rounds.ts';
import { fakeTime } from '../../engine/fake-time.ts';
import { settle } from '../../engine/memory-link.ts';
import { anOrder } from './workbench.ts';

test('rounds go on where the output of an attempt cannot be cut to its limit now', async () => {
  const time = fakeTime();
  const order = anOrder();
  const place = placeOf('/nowhere', null, order.attemptId);
  const one = { place, order, report: acceptedReport(place), start: null, meter: null };
  let cuts = 0;
  const rounds = createRounds({
    held: new Map([[order.attemptId, { ...one, isLaunched: true, isCancelled: false, isEnding: false }]]),
    lives: { async check() {} },
    memory: { read: async () => 0, keep() {} },
    gpu: { keep() {} },
    clock: time.clock,
    timers: time.timers,
    onPulses() {},
    async trimOutput() {
      cuts += 1;
      throw new Error('ENOSPC: no space left on device');
    },
  });
  rounds.wake();
  for (let second = 0; second < 3; second += 1) {
    time.advance(1_000);
    await settle();
  }
  expect(cuts).toBe(3);
  rounds.dispose();
});
