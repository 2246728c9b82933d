// Opens an app folder the way Electron's own default app does, which a runtime taken from a package lacks:
// `electron [flags] [-r FILE] APP_FOLDER [arguments]`.
const { app } = require('electron');
const { readFileSync } = require('node:fs');
const { join, resolve } = require('node:path');
const { pathToFileURL } = require('node:url');

const given = process.argv.slice(1);
let folder;
for (let at = 0; at < given.length && folder === undefined; at += 1) {
  if (given[at] === '-r' || given[at] === '--require') {
    at += 1;
    require(resolve(given[at]));
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
import(pathToFileURL(join(folder, manifest.main)).href).catch((error) => {
  console.error(error);
  process.exit(1);
});
