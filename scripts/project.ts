// Where the project is, and what its manifest says.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The checkout's root folder. */
export const projectFolder = dirname(import.meta.dirname);

/** The bundled Node that runs this script, for children that must run on the same one. */
export const nodeExecutable = process.execPath;

type Manifest = {
  readonly name: string;
  readonly version: string;
  readonly main: string;
  readonly type: string;
};

/** The project's package.json; throws where the checkout has none. */
export function readManifest(folder: string = projectFolder): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}
