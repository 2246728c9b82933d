/** Programs by name in the folders of PATH, in their order, without a shell. */
import { accessSync, constants, existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join, sep } from 'node:path';

const IS_WINDOWS = process.platform === 'win32';

/** Absolute folders only: what `.` means depends on where Labwatch was started. */
export function searchFolders(searchPath: string): readonly string[] {
  return [...new Set(searchPath.split(delimiter))].filter((folder) => isAbsolute(folder));
}

/** The first that PATH finds, as a shell would; null without any. */
export function findProgram(name: string, folders: readonly string[]): string | null {
  for (const folder of folders) {
    const file = join(folder, IS_WINDOWS ? `${name}.exe` : name);
    if (isProgram(file)) return file;
  }
  return null;
}

/** All whose names fit, each file once however many links lead to it, `most` at most. */
export function findPrograms(names: RegExp, folders: readonly string[], most: number): readonly string[] {
  const found = new Map<string, string>();
  for (const folder of folders) {
    for (const entry of entriesOf(folder)) {
      if (found.size >= most) return [...found.values()];
      const file = join(folder, entry);
      if (!names.test(IS_WINDOWS ? entry.replace(/\.exe$/i, '') : entry) || !isProgram(file)) continue;
      const target = realpathSync(file);
      if (!found.has(target)) found.set(target, file);
    }
  }
  return [...found.values()];
}

function isProgram(file: string): boolean {
  try {
    if (!statSync(file).isFile() || isPlaceholder(file)) return false;
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What stands in for a program that is not installed, and opens a dialog or a shop when started. */
function isPlaceholder(file: string): boolean {
  if (IS_WINDOWS) return /\\WindowsApps\\/i.test(file);
  if (process.platform !== 'darwin' || !file.startsWith(`${sep}usr${sep}bin${sep}`)) return false;
  if (/\/javac?$/.test(file)) return entriesOf('/Library/Java/JavaVirtualMachines').length === 0;
  return (
    /\/(?:gcc|clang|python3)$/.test(file) &&
    !existsSync('/Library/Developer/CommandLineTools') &&
    !existsSync('/Applications/Xcode.app')
  );
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
