import { existsSync } from 'node:fs';

/** Fails, naming the Debian package, where a program is missing: nothing is left out silently. */
export function requireProgram(path: string, debianPackage: string): void {
  if (!existsSync(path)) throw new Error(`${path} is missing. Install it: sudo apt-get install ${debianPackage}`);
}
