/**
 * Where an instance keeps its databases, log, lock and control socket.
 *
 * Places follow the platform: the XDG base directory specification on Linux (a relative XDG_DATA_HOME is ignored, as it
 * demands), Application Support on macOS, APPDATA on Windows.
 */
import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { fail, ok, type Result } from '../core/result.ts';

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly homeDir: string;
}

/** The data folder to use, absolute: `explicit` (from `--data-dir`), else LABWATCH_DATA_DIR, else the platform's place. */
export function dataDirPath(explicit: string | undefined, around: Surroundings = thisMachine()): string {
  const chosen = explicit || around.env.LABWATCH_DATA_DIR;
  return chosen ? resolve(chosen) : defaultDataDir(around);
}

function defaultDataDir({ env, platform, homeDir }: Surroundings): string {
  if (platform === 'win32') return join(env.APPDATA || join(homeDir, 'AppData', 'Roaming'), 'Labwatch');
  if (platform === 'darwin') return join(homeDir, 'Library', 'Application Support', 'Labwatch');
  const xdg = env.XDG_DATA_HOME;
  return join(xdg && isAbsolute(xdg) ? xdg : join(homeDir, '.local', 'share'), 'labwatch');
}

/**
 * Makes the folder (mode 0700) where it is missing and checks that it can be written. A folder that was there keeps its
 * mode. Fails with `not-permitted`, `disk-full` or `storage`, naming the folder and the way out.
 */
export function prepareDataDir(dataDir: string): Result<string> {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    if (!statSync(dataDir).isDirectory()) return notAFolder(dataDir);
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
    return ok(dataDir);
  } catch (error) {
    return fromSystemError(dataDir, error as NodeJS.ErrnoException);
  }
}

function fromSystemError(dataDir: string, error: NodeJS.ErrnoException): Result<string> {
  switch (error.code) {
    case 'EACCES':
    case 'EPERM':
      return fail(
        'not-permitted',
        `No permission to write the data folder ${dataDir}. Choose another with --data-dir or LABWATCH_DATA_DIR.`,
      );
    case 'EROFS':
      return fail(
        'not-permitted',
        `The data folder ${dataDir} is on a read-only filesystem. Choose another with --data-dir or LABWATCH_DATA_DIR.`,
      );
    case 'ENOSPC':
    case 'EDQUOT':
      return fail('disk-full', `No space left to make the data folder ${dataDir}. Free some or choose another disk.`);
    case 'EEXIST':
    case 'ENOTDIR':
      return notAFolder(dataDir);
    default:
      return fail('storage', `Cannot use the data folder ${dataDir}: ${error.message}.`);
  }
}

function notAFolder(dataDir: string): Result<string> {
  return fail('storage', `${dataDir} cannot be the data folder: a file is in the way. Choose another with --data-dir.`);
}

function thisMachine(): Surroundings {
  return { env: process.env, platform: process.platform, homeDir: homedir() };
}
