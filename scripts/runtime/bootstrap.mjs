// Opens an app folder the way Electron's own default app does, which a runtime taken from a package lacks:
// `electron [flags] [-r FILE] APP_FOLDER [arguments]`. An ES module that awaits the app's main file, because Electron
// declares itself ready only once this file has run: the app may then still register schemes.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { app } from 'electron';

const given = process.argv.slice(1);
let folder;
for (let at = 0; at < given.length && folder === undefined; at += 1) {
  if (given[at] === '-r' || given[at] === '--require') {
    at += 1;
    createRequire(import.meta.url)(resolve(given[at]));
  } else if (!given[at].startsWith('-')) folder = resolve(given[at]);
}
if (folder === undefined) {
  console.error('usage: electron [flags] APP_FOLDER');
  process.exit(2);
}
const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
app.setAppPath(folder);
app.setName(manifest.productName ?? manifest.name);
app.setVersion(manifest.version);
await import(pathToFileURL(join(folder, manifest.main)).href).catch((error) => {
  console.error(error);
  process.exit(1);
});
