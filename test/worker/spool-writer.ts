/** Fills a spool with a tick a second, on a clock of its own; for tests that limit what this process may write. */
import { openSpool } from '../../src/worker/spool.ts';
import { fakeTime } from '../engine/fake-time.ts';
import { tickAt } from './batches.ts';

const [folder = '', count = ''] = process.argv.slice(2);
const time = fakeTime();
let problems = 0;
const spool = openSpool({
  folder,
  clock: time.clock,
  onProblem: (problem) => {
    problems += problem === null ? 0 : 1;
  },
});
for (let second = 0; second < Number(count); second += 1) {
  spool.append(tickAt(second * 1_000), false);
  time.advance(1_000);
}
spool.dispose();
process.stdout.write(String(problems));
