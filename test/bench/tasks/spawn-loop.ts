/** Does nothing but start `/bin/true` and wait for it: the ceiling for tasks a second. Arguments: how many, how many at once. */
import { spawn } from 'node:child_process';

const [count = 0, atOnce = 1] = process.argv.slice(2).map(Number);
let left = count;

async function lane(): Promise<void> {
  while (left > 0) {
    left -= 1;
    await new Promise((resolve) => spawn('/bin/true', { stdio: 'ignore' }).on('close', resolve));
  }
}

const startedAtMs = performance.now();
await Promise.all(Array.from({ length: atOnce }, lane));
process.stdout.write(String(performance.now() - startedAtMs));
