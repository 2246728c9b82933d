/** The desktop app, step by step: claim the data folder, start the engine, show the window, and leave in order. */
import { join } from 'node:path';
import { app } from 'electron';
import { composeInstance } from '../app/compose.ts';
import { openLog } from '../node/log.ts';
import { systemClock } from '../node/system-clock.ts';
import { claimOrLeave } from './claim.ts';
import { runDesktop } from './desktop.ts';
import { readLaunchOptions } from './launch-options.ts';
import { mark, markLoopDelay } from './marks.ts';
import { declareScheme, lockDownPages, lockDownSession, servePages } from './security.ts';

mark('main');
declareScheme();
lockDownPages();
// Not awaited here: Electron is not ready before this file has run.
void start();

async function start(): Promise<void> {
  const launch = readLaunchOptions(process.argv);
  const lock = await claimOrLeave(launch.dataDir);
  if (lock === null) return;
  const log = openLog({ logsDir: join(lock.dataDir, 'logs'), clock: systemClock });
  // The engine's threads come up while Electron does.
  const composed = composeInstance({ dataDir: lock.dataDir, log });
  await app.whenReady();
  markLoopDelay();
  lockDownSession();
  servePages(join(import.meta.dirname, '../renderer'));
  runDesktop({ lock, log, composed, startsHidden: launch.startsHidden });
}
