/** What `labwatch doctor` sees of the machine itself: Node, clock, data folder. */
import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatGigabytes } from '../core/metrics/format.ts';
import { DAY_MS } from '../core/time.ts';
import { COORDINATOR_KEY_FILE } from '../node/transport/identity.ts';
import { readPrivateFile } from '../node/transport/private-file.ts';
import { type Check, check } from './doctor-check.ts';

/** better-sqlite3 13 needs the Node-API of this release. */
const LEAST_NODE_MAJOR = 22;
const LITTLE_SPACE_BYTES = 1e9;
const NO_SPACE_BYTES = 50e6;

export async function machineChecks(dataDir: string): Promise<readonly Check[]> {
  return [nodeCheck(process.versions.node), clockCheck(Date.now()), ...folderChecks(dataDir)];
}

function nodeCheck(version: string): Check {
  const isEnough = Number.parseInt(version, 10) >= LEAST_NODE_MAJOR;
  return isEnough
    ? check('Node', 'ok', version)
    : check('Node', 'failed', `${version} is too old for the store`, `Install Node ${LEAST_NODE_MAJOR} or later.`);
}

/** A clock before the day these files were written is wrong; samples would be stored in the past. */
function clockCheck(nowMs: number): Check {
  const zone = new Date(nowMs).toTimeString().slice(9);
  const installedAtMs = statSync(fileURLToPath(import.meta.url)).mtimeMs;
  return nowMs >= installedAtMs - DAY_MS
    ? check('Clock', 'ok', `${new Date(nowMs).toISOString()}, shown in ${zone}`)
    : check(
        'Clock',
        'warning',
        `${new Date(nowMs).toISOString()} is before Labwatch was installed`,
        'Set the clock (NTP).',
      );
}

function folderChecks(dataDir: string): readonly Check[] {
  if (!existsSync(dataDir)) return [absentFolderCheck(dataDir)];
  return [writableCheck(dataDir), privacyCheck(dataDir), identityCheck(dataDir), spaceCheck(dataDir)];
}

function absentFolderCheck(dataDir: string): Check {
  let parent = dirname(dataDir);
  while (!existsSync(parent)) parent = dirname(parent);
  return mayWrite(parent)
    ? check('Data folder', 'note', `${dataDir} will be made at the first start`)
    : check('Data folder', 'failed', `${dataDir} cannot be made: no permission in ${parent}`, 'Choose --data-dir.');
}

function writableCheck(dataDir: string): Check {
  if (!statSync(dataDir).isDirectory()) {
    return check('Data folder', 'failed', `${dataDir} is a file`, 'Move it away, or choose another with --data-dir.');
  }
  return mayWrite(dataDir)
    ? check('Data folder', 'ok', dataDir)
    : check('Data folder', 'failed', `no permission to write ${dataDir}`, `sudo chown -R "$USER" '${dataDir}'`);
}

function privacyCheck(dataDir: string): Check {
  const { mode } = statSync(dataDir);
  return process.platform === 'win32' || (mode & 0o077) === 0
    ? check('Data folder privacy', 'ok', 'only you can open it')
    : check('Data folder privacy', 'warning', 'other users can look into it', `chmod 700 '${dataDir}'`);
}

/** The key that every worker trusts. It is made when the first one is invited. */
function identityCheck(dataDir: string): Check {
  const key = readPrivateFile(join(dataDir, COORDINATOR_KEY_FILE));
  if (!key.ok) return check('Identity', 'warning', key.error.message);
  return key.value === null
    ? check('Identity', 'note', 'no key yet: it is made when the first worker is invited')
    : check('Identity', 'ok', 'only you can read the key that workers trust');
}

function spaceCheck(dataDir: string): Check {
  const { bavail, bsize } = statfsSync(dataDir);
  const freeBytes = bavail * bsize;
  const detail = `${formatGigabytes(freeBytes)} free`;
  if (freeBytes >= LITTLE_SPACE_BYTES) return check('Disk space', 'ok', detail);
  const remedy = 'Free some space, or lower retention.maxGigabytes.';
  return check('Disk space', freeBytes < NO_SPACE_BYTES ? 'failed' : 'warning', detail, remedy);
}

function mayWrite(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
