/** Start at login on Linux: a desktop entry in the user's autostart folder (XDG Desktop Application Autostart 0.5). */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { fail, ok, type Result } from '../../core/result.ts';

/** Makes or removes the entry. `command` is the program with its arguments, as it must be started. */
export async function setAutostart(
  command: readonly string[],
  isWanted: boolean,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Result<null>> {
  const config = env.XDG_CONFIG_HOME;
  const folder = join(config && isAbsolute(config) ? config : join(homedir(), '.config'), 'autostart');
  const file = join(folder, 'labwatch.desktop');
  try {
    if (isWanted) {
      await mkdir(folder, { recursive: true });
      await writeFile(file, desktopEntry(command));
    } else await rm(file, { force: true });
    return ok(null);
  } catch {
    return fail('not-permitted', `Start at login could not be changed. Check that ${file} can be written.`);
  }
}

/**
 * The entry's text. Arguments stand in double quotes with `"`, `` ` ``, `$` and `\` escaped and `%` doubled; the value as a
 * whole has its backslashes escaped once more (Desktop Entry Specification 1.5, "The Exec key" and "Values").
 */
export function desktopEntry(command: readonly string[]): string {
  const quoted = command.map((part) => `"${part.replace(/["`$\\]/g, '\\$&').replaceAll('%', '%%')}"`);
  const exec = quoted.join(' ').replaceAll('\\', '\\\\');
  return ['[Desktop Entry]', 'Type=Application', 'Name=Labwatch', `Exec=${exec}`, ''].join('\n');
}
