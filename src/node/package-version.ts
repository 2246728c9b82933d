/** Labwatch's own version, from the package.json above this file: the same from source, built, and packaged. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export function packageVersion(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const version = versionIn(folder);
    if (version !== null) return version;
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`No package.json of labwatch above ${import.meta.url}`);
    folder = parent;
  }
}

function versionIn(folder: string): string | null {
  let text: string;
  try {
    text = readFileSync(join(folder, 'package.json'), 'utf8');
  } catch {
    return null;
  }
  const about = JSON.parse(text) as { readonly name?: string; readonly version?: string };
  return about.name === 'labwatch' ? (about.version ?? null) : null;
}
