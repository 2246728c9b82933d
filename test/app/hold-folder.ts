/** A process that claims a data folder, says how it went, and keeps it until killed. */
import { claimDataDir } from '../../src/app/instance-lock.ts';
import { systemClock } from '../../src/node/system-clock.ts';

const dataDir = process.argv[2] ?? '';
const startAtMs = Number(process.argv[3] ?? 0);
// Contenders agree on a moment, so that they meet at the lock and not at the start of their processes.
await new Promise((resolve) => setTimeout(resolve, startAtMs - Date.now() - 30));
while (Date.now() < startAtMs);
const claim = await claimDataDir({ dataDir, kind: 'headless', version: '0.0.0', clock: systemClock });
process.stdout.write(`${claim.kind}${claim.kind === 'failed' ? ` ${claim.error.message}` : ''}\n`);
if (claim.kind === 'claimed') {
  process.on('SIGTERM', () => {
    claim.lock.dispose();
    process.exit(0);
  });
  setInterval(() => undefined, 1_000);
}
