/** What a round of placement leaves: nothing that could have begun, whatever was kept from the rounds before. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { askedBy, fits } from '../../../src/core/scheduling/filters.ts';
import type { RunId } from '../../../src/core/tasks/task.ts';
import { aCandidate, GIB, someNeeds, taskIdOf } from '../../support/tasks.ts';
import { createLab, onWorker } from './lab.ts';

const step = fc.record({
  deed: fc.constantFrom('submit', 'submit', 'end', 'end', 'pause', 'open', 'cancel'),
  pick: fc.nat({ max: 1_000 }),
  cores: fc.integer({ min: 1, max: 4 }),
  memoryGib: fc.constantFrom(null, 1, 4),
});

test('what stands first and fits somewhere has begun after each round', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 60 }), (steps) => {
      let workers = [aCandidate(1), aCandidate(2), aCandidate(3)];
      const lab = createLab(workers);
      let count = 0;
      for (const { deed, pick, cores, memoryGib } of steps) {
        const open = Array.from({ length: count }, (_, index) => index + 1);
        const running = open.filter((number) => lab.task(number).state === 'placed');
        const chosen = running[pick % Math.max(1, running.length)];
        if (deed === 'submit') {
          count += 1;
          const runId = `r${String(count).padStart(9, '0')}` as RunId;
          const memoryBytes = memoryGib === null ? null : memoryGib * GIB;
          lab.submit([{ needs: someNeeds({ cores, memoryBytes }) }], { runId }, count);
        } else if (deed === 'end' && chosen !== undefined) lab.end(chosen);
        else if (deed === 'cancel' && count > 0) lab.cancel(1 + (pick % count));
        else if (deed === 'pause' || deed === 'open') {
          const admission = deed === 'pause' ? 'paused' : 'open';
          workers = workers.map((worker, index) => (index === pick % 3 ? { ...worker, admission } : worker));
          lab.setWorkers(workers);
        }
        lab.schedule();
        const outlook = lab.book.outlook(0);
        for (let number = 1; number <= count; number += 1) {
          if (lab.task(number).state !== 'queued' || outlook.of(taskIdOf(number))?.place !== 1) continue;
          const asked = askedBy(lab.task(number).spec);
          const promisedOn = (worker: number) =>
            lab.book.openAttemptsOn(onWorker(worker)).map(({ promised }) => promised);
          const fitting = workers.filter((worker, index) =>
            fits(asked, { ...worker, promised: promisedOn(index + 1) }),
          );
          expect(fitting.map(({ name }) => name)).toEqual([]);
        }
      }
    }),
    { numRuns: 150 },
  );
});
