#!/usr/bin/env node
// The `labwatch` command: runs on Node 20.18 and later, continues on the bundled Node where the database needs it.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const self = fileURLToPath(import.meta.url);
const project = dirname(dirname(self));
const cliFile = join(project, 'out', 'main', 'cli.js');
const { canRunDatabase, canRunScripts, continueOnBundledNode } = await import('../scripts/bundled-node.mjs');
const isBuilt = existsSync(cliFile);

if (!canRunDatabase() || (!isBuilt && !canRunScripts())) await continueOnBundledNode(self, process.argv.slice(2));
if (!isBuilt) {
  const { buildIfNeeded } = await import('../scripts/build/build.ts');
  await buildIfNeeded(project, console.error);
}
const { run } = await import(pathToFileURL(cliFile).href);
process.exitCode = await run(process.argv.slice(2));
