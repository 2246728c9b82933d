/** Start at login: the platform's own way on macOS and Windows, an autostart entry on Linux. */
import { app } from 'electron';
import { ok, type Result } from '../core/result.ts';
import { setAutostart } from '../node/desktop/autostart.ts';

/** A login starts Labwatch the way it was started now, on the same data folder, in the tray. */
export async function setStartAtLogin(isWanted: boolean, dataDir: string): Promise<Result<null>> {
  const command = [...launchCommand(), '--data-dir', dataDir, '--hidden'];
  if (process.platform === 'linux') return setAutostart(command, isWanted);
  const [path = process.execPath, ...args] = command;
  app.setLoginItemSettings({ openAtLogin: isWanted, path, args });
  return ok(null);
}

/** How the launcher of a checkout says it was started, as JSON argv; a packaged app starts by itself. */
function launchCommand(): readonly string[] {
  const launcher = process.env.LABWATCH_LAUNCHER;
  return launcher === undefined ? [process.execPath] : (JSON.parse(launcher) as string[]);
}
