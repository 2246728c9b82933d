/** Start at login: the platform's own way on macOS and Windows, an XDG autostart entry on Linux. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { app } from 'electron';
import { fail, ok, type Result } from '../core/result.ts';

/** How Labwatch was started, as argv, so that a login starts it the same way (set by `npm start`). */
function launchCommand(): readonly string[] {
  const launcher = process.env.LABWATCH_LAUNCHER;
  return launcher === undefined ? [process.execPath] : (JSON.parse(launcher) as string[]);
}

export async function setStartAtLogin(isWanted: boolean): Promise<Result<null>> {
  if (process.platform !== 'linux') {
    const [path = process.execPath, ...args] = launchCommand();
    app.setLoginItemSettings({ openAtLogin: isWanted, path, args: [...args, '--hidden'] });
    return ok(null);
  }
  const folder = join(process.env.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'autostart');
  const file = join(folder, 'labwatch.desktop');
  try {
    if (!isWanted) await rm(file, { force: true });
    else {
      await mkdir(folder, { recursive: true });
      await writeFile(file, desktopEntry([...launchCommand(), '--hidden']));
    }
    return ok(null);
  } catch {
    return fail(
      'not-permitted',
      `The entry for start at login could not be changed. Check that ${file} can be written.`,
    );
  }
}

/** Desktop Entry Specification 1.5: arguments in double quotes, with `"`, `` ` ``, `$` and `\` escaped, `%` doubled. */
export function desktopEntry(command: readonly string[]): string {
  const exec = command.map((part) => `"${part.replace(/(["`$\\])/g, '\\$1').replaceAll('%', '%%')}"`).join(' ');
  const lines = ['[Desktop Entry]', 'Type=Application', 'Name=Labwatch', `Exec=${exec.replaceAll('\\', '\\\\')}`];
  return [...lines, 'X-GNOME-Autostart-enabled=true', ''].join('\n');
}
