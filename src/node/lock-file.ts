/**
 * One holder per folder, without a lock the kernel would give back: files `engine-lock.1`, `engine-lock.2` …
 *
 * The highest number counts. Whoever finds it free (released, or its process gone) creates the next one; the hard link
 * that publishes it, contents included, succeeds for one contender only. The highest file is never removed, so a
 * contender that slept through others' turns finds a higher one when it looks again, and gives up its own. A single
 * lock file could not do this: two contenders that both saw it stale would each remove the other's fresh one.
 */
import { linkSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownIdentity, type ProcessIdentity } from './process-identity.ts';

const PREFIX = 'engine-lock.';

/** A file without valid contents this young may still be being written (only where hard links are missing). */
const BEING_WRITTEN_MS = 2_000;

export interface LockHolder {
  readonly kind: 'app' | 'headless' | 'command' | 'agent';
  readonly identity: ProcessIdentity;
  /** Wall time of taking the lock. */
  readonly sinceMs: number;
  readonly socketPath: string;
  readonly version: string;
  readonly isReleased: boolean;
}

const KINDS: readonly LockHolder['kind'][] = ['app', 'headless', 'command', 'agent'];

export interface LockEntry {
  readonly generation: number;
  /** Null when the contents are not a holder's: torn by a power cut, or still being written. */
  readonly holder: LockHolder | null;
  /** Last sign of life, wall time by the filesystem's clock. */
  readonly touchedAtMs: number;
}

/** The entry that counts, or null in a folder never locked. Throws what the filesystem throws. */
export function readLock(dataDir: string): LockEntry | null {
  for (;;) {
    const generation = highestGeneration(dataDir);
    if (generation === 0) return null;
    try {
      const path = lockPath(dataDir, generation);
      const touchedAtMs = statSync(path).mtimeMs;
      return { generation, holder: parseHolder(readFileSync(path, 'utf8')), touchedAtMs };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

/** True while an entry without contents may become someone's. */
export function isBeingWritten(entry: LockEntry, nowMs: number): boolean {
  return entry.holder === null && Math.abs(nowMs - entry.touchedAtMs) < BEING_WRITTEN_MS;
}

/** Tries to become the one after `generation`; false when another was faster. Throws what the filesystem throws. */
export function takeLock(dataDir: string, generation: number, holder: LockHolder): boolean {
  const next = generation + 1;
  if (!publish(dataDir, next, holder)) return false;
  if (highestGeneration(dataDir) !== next) {
    rmSync(lockPath(dataDir, next), { force: true });
    return false;
  }
  for (const name of readdirSync(dataDir)) {
    const old = generationOf(name);
    if (old !== null && old < next) rmSync(join(dataDir, name), { force: true });
  }
  return true;
}

/** Gives the lock back: the entry stays, marked as released. */
export function releaseLock(dataDir: string, generation: number, holder: LockHolder): void {
  const draft = writeDraft(dataDir, { ...holder, isReleased: true });
  renameSync(draft, lockPath(dataDir, generation));
}

export function lockPath(dataDir: string, generation: number): string {
  return join(dataDir, `${PREFIX}${generation}`);
}

export function newHolder(about: Pick<LockHolder, 'kind' | 'sinceMs' | 'socketPath' | 'version'>): LockHolder {
  return { ...about, identity: ownIdentity(), isReleased: false };
}

function publish(dataDir: string, generation: number, holder: LockHolder): boolean {
  const draft = writeDraft(dataDir, holder);
  try {
    linkSync(draft, lockPath(dataDir, generation));
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS' && code !== 'EMLINK') throw error;
    return publishWithoutLinks(dataDir, generation, holder);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** For filesystems without hard links (FAT): others wait `BEING_WRITTEN_MS` for the contents. */
function publishWithoutLinks(dataDir: string, generation: number, holder: LockHolder): boolean {
  try {
    writeFileSync(lockPath(dataDir, generation), JSON.stringify(holder), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function writeDraft(dataDir: string, holder: LockHolder): string {
  const draft = join(dataDir, `.${PREFIX}draft-${process.pid}-${performance.now()}`);
  writeFileSync(draft, JSON.stringify(holder), { mode: 0o600 });
  return draft;
}

function highestGeneration(dataDir: string): number {
  return readdirSync(dataDir).reduce((highest, name) => Math.max(highest, generationOf(name) ?? 0), 0);
}

function generationOf(name: string): number | null {
  const digits = name.startsWith(PREFIX) ? name.slice(PREFIX.length) : '';
  return /^[1-9]\d{0,14}$/.test(digits) ? Number(digits) : null;
}

function parseHolder(text: string): LockHolder | null {
  try {
    const holder = JSON.parse(text) as Partial<LockHolder> | null;
    const isWhole =
      typeof holder?.identity?.pid === 'number' &&
      typeof holder.socketPath === 'string' &&
      typeof holder.sinceMs === 'number' &&
      KINDS.includes(holder.kind as LockHolder['kind']);
    return isWhole ? (holder as LockHolder) : null;
  } catch {
    return null;
  }
}
