/** Daily copies of fleet.db, and the way back from them. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openReadable } from './connection.ts';
import { damageIn } from './damage.ts';
import { createPrivate, makePrivate } from './file-modes.ts';
import type { FleetDatabase } from './fleet-database.ts';
import { FLEET_SCHEMA } from './migrations/schemas.ts';

const KEPT_BACKUPS = 7;
const NAME = /^fleet-(\d{4}-\d{2}-\d{2})\.db$/;

export interface FleetBackup {
  readonly path: string;
  /** Start of the day (UTC) it was made on. */
  readonly dayMs: number;
}

/**
 * Copies fleet.db unless today's copy is there and `isStale` is false, and removes the oldest beyond a week's worth.
 * Throws on any fault.
 */
export function backUpFleet(fleet: FleetDatabase, folder: string, nowMs: number, isStale: boolean): void {
  const path = join(folder, `fleet-${new Date(nowMs).toISOString().slice(0, 10)}.db`);
  for (const older of listBackups(folder)) makePrivate(older.path);
  if (existsSync(path) && !isStale) return;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const unfinished = `${path}.unfinished`;
  rmSync(unfinished, { force: true });
  // VACUUM INTO takes an empty file for an absent one, and leaves its mode.
  createPrivate(unfinished);
  fleet.copyTo(unfinished);
  // The name appears only once the copy is whole: a name with a date is always a good one.
  renameSync(unfinished, path);
  for (const old of listBackups(folder).slice(KEPT_BACKUPS)) rmSync(old.path, { force: true });
}

/** Newest first. */
export function listBackups(folder: string): readonly FleetBackup[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .flatMap((name) => {
      const day = NAME.exec(name)?.[1];
      return day === undefined ? [] : [{ path: join(folder, name), dayMs: Date.parse(`${day}T00:00:00Z`) }];
    })
    .sort((one, other) => other.dayMs - one.dayMs);
}

/** Puts the newest sound backup in the place of fleet.db. Returns it, or null when there is none. */
export function restoreFleet(folder: string, path: string): FleetBackup | null {
  const backup = listBackups(folder).find((one) => isSound(one.path)) ?? null;
  if (backup === null) return null;
  const unfinished = `${path}.unfinished`;
  copyFileSync(backup.path, unfinished);
  renameSync(unfinished, path);
  return backup;
}

/** Reads the whole file: fleet.db is small. */
function isSound(path: string): boolean {
  try {
    const database = openReadable(path);
    try {
      const isOurs = database.pragma('application_id', { simple: true }) === FLEET_SCHEMA.applicationId;
      return isOurs && damageIn(database) === null;
    } finally {
      database.close();
    }
  } catch {
    return false;
  }
}
