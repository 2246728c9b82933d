/**
 * A host of attempts in a process of its own, to be killed: `host-process.ts FOLDER`. Reads orders from standard input, one
 * JSON a line; tells each report the same way, and first `{"nursery": PID}`.
 */
import { createInterface } from 'node:readline';
import { systemClock } from '../../../src/node/system-clock.ts';
import { systemTimers } from '../../../src/node/system-timers.ts';
import { openAttemptHost } from '../../../src/node/tasks/attempt-host.ts';
import { childrenOf } from '../../../src/node/tasks/process-facts.ts';

const tell = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);
const opened = await openAttemptHost({
  folder: process.argv[2] ?? '',
  terms: { maxParallel: null, programs: null, asUser: null },
  clock: systemClock,
  timers: systemTimers,
  log: { info() {}, warn() {}, error() {} },
  onReport: tell,
  onPulses() {},
});
if (!opened.ok) throw new Error(opened.error.message);
tell({ nursery: childrenOf(process.pid)[0] });
for await (const line of createInterface({ input: process.stdin })) {
  const started = await opened.value.start(JSON.parse(line));
  if (!started.ok) throw new Error(started.error.message);
}
