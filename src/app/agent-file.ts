/** The agent that a new worker fetches: one self-contained file of the build, in `out/agent` of this checkout. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PLACE = join('out', 'agent', 'labwatch-agent.mjs');

/** Read anew each time, so that a build while Labwatch runs is handed out at once. Rejects where nothing was built. */
export async function readAgentFile(): Promise<Uint8Array> {
  return readFile(agentFilePath());
}

/** The same from source and from the build: the nearest `out/agent` above this file. */
export function agentFilePath(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const path = join(folder, PLACE);
    const parent = dirname(folder);
    if (existsSync(path) || parent === folder) return path;
    folder = parent;
  }
}
