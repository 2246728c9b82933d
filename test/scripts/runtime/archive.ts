/** Real archives in the shape of the package that the fallback Electron is made from, only small. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { FallbackPin } from '../../../scripts/runtime/pinned.ts';
import { integrityOf } from '../../../scripts/runtime/registry.ts';

/** The mark that an Electron's fuses follow, then version, count, and the fuses as `0` and `1`. */
const fuseMark = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';

const files: Readonly<Record<string, string>> = {
  App: `#!/bin/sh\n# ${fuseMark}\u0001\u000800010010\n`,
  'icudtl.dat': 'data '.repeat(20_000),
  'locales/en-US.pak': 'words',
  'browser_v8_context_snapshot.bin': 'the snapshot of another app',
  'resources/app/index.js': 'another app',
  'resources/app/node_modules/better-sqlite3/package.json': '{"name":"better-sqlite3"}',
  'resources/app/node_modules/better-sqlite3/build/Release/better_sqlite3.node': 'native code',
  'resources/app/node_modules/better-sqlite3/deps/sqlite3.c': 'sources',
  'resources/app/node_modules/bindings/bindings.js': 'bindings',
  'resources/app/node_modules/file-uri-to-path/index.js': 'paths',
  'resources/app/node_modules/left-pad/index.js': 'not ours',
};

/** Deflates all but the `.pak` files, so that both ways of storing an entry are there. */
const zipProgram = `
import os, sys, zipfile
with zipfile.ZipFile('archive.zip', 'w') as archive:
    for folder, _, names in os.walk('App'):
        archive.write(folder)
        for name in names:
            method = zipfile.ZIP_STORED if name.endswith('.pak') else zipfile.ZIP_DEFLATED
            archive.write(os.path.join(folder, name), compress_type=method)
`;

/** Writes `archive.zip` of a folder named `App/`, and returns its path. */
export function makeZip(folder: string): string {
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, 'App', name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, 'latin1');
  }
  chmodSync(join(folder, 'App', 'App'), 0o755);
  execFileSync('python3', ['-c', zipProgram], { cwd: folder });
  return join(folder, 'archive.zip');
}

/** Writes `package.tgz` around such a zip, and returns its path with the pin that names it. */
export async function makePackage(folder: string): Promise<{ readonly tarball: string; readonly pin: FallbackPin }> {
  makeZip(folder);
  mkdirSync(join(folder, 'package'));
  writeFileSync(join(folder, 'package', 'package.json'), '{"name":"fake-electron","version":"1.0.0"}');
  execFileSync('mv', [join(folder, 'archive.zip'), join(folder, 'package', 'archive.zip')]);
  const tarball = join(folder, 'package.tgz');
  execFileSync('tar', ['-czf', tarball, 'package'], { cwd: folder });
  const pin: FallbackPin = {
    packageName: 'fake-electron',
    packageVersion: '1.0.0',
    integrity: await integrityOf(tarball),
    tarballBytes: 1000,
    archiveInTarball: 'package/archive.zip',
    rootInArchive: 'App/',
    binaryInArchive: 'App',
    electronVersion: '1.2.3',
  };
  return { tarball, pin };
}
