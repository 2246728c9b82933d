/** A program that is told to end and does not get there. */
import { watchForEnd } from '../../src/app/headless-end.ts';
import { systemClock } from '../../src/node/system-clock.ts';

setInterval(() => undefined, 1_000);
const end = watchForEnd({ clock: systemClock, hasTerminal: false });
process.stdout.write('watching\n');
process.stdout.write(`${await end.ended}\n`);
