/** Folder trees kept as one text each (see the README beside them), and written to real folders for a test. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ByteCursor } from '../../../src/node/sampling/linux/byte-cursor.ts';

const fixtures = new URL('../../fixtures/sampling/', import.meta.url);

export function fixtureText(name: string): string {
  return readFileSync(new URL(name, fixtures), 'utf8');
}

/** Texts of the files of a tree, by path. */
export function treeFiles(name: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const part of withoutLinks(fixtureText(name)).split(/^== /m).slice(1)) {
    const end = part.indexOf('\n');
    files.set(part.slice(0, end), part.slice(end + 1));
  }
  return files;
}

/** Writes the tree below the folder, over what is there. */
export function writeTree(name: string, folder: string): void {
  for (const [path, text] of treeFiles(name)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  for (const [, path, target] of fixtureText(name).matchAll(/^-> (\S+) (\S+)$/gm)) {
    mkdirSync(dirname(join(folder, path!)), { recursive: true });
    symlinkSync(target!, join(folder, path!));
  }
}

/** A cursor at the start of a file of a tree. */
export function treeCursor(name: string, path: string): ByteCursor {
  const text = treeFiles(name).get(path);
  if (text === undefined) throw new Error(`${name} has no ${path}.`);
  return cursorOf(text);
}

export function cursorOf(text: string): ByteCursor {
  return new ByteCursor(Buffer.from(text));
}

function withoutLinks(text: string): string {
  return text.replace(/^-> .*\n/gm, '');
}
