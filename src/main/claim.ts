/** Takes the data folder for this app, or leaves: to the app that has it already, or with a sentence that says who does. */
import { app, dialog } from 'electron';
import { claimDataDir, focusHolder, type InstanceLock } from '../app/instance-lock.ts';
import { systemClock } from '../node/system-clock.ts';

/** `labwatch`'s exit code for "cannot have the coordinator" (definitions, CLI). */
const EXIT_HELD = 3;

/** The lock, or null when the app is leaving. */
export async function claimOrLeave(dataDir: string): Promise<InstanceLock | null> {
  const claim = await claimDataDir({ dataDir, kind: 'app', version: app.getVersion(), clock: systemClock });
  if (claim.kind === 'claimed') return claim.lock;
  if (claim.kind === 'held' && claim.holder.kind === 'app') {
    const focused = await focusHolder(claim.holder);
    if (focused.ok) {
      app.exit(0);
      return null;
    }
  }
  process.stderr.write(`${claim.error.message}\n`);
  if (!hasReader()) {
    await app.whenReady();
    dialog.showErrorBox('Labwatch cannot start', claim.error.message);
  }
  app.exit(claim.kind === 'held' ? EXIT_HELD : 1);
  return null;
}

/** Whether somebody reads stderr: a terminal, or the launcher of a checkout. From a desktop icon nobody does. */
function hasReader(): boolean {
  return process.stderr.isTTY === true || process.env.LABWATCH_LAUNCHER !== undefined;
}
