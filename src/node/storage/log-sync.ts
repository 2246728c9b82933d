/**
 * Brings what was committed to the disk's platter about once a second.
 *
 * In WAL mode with synchronous NORMAL, SQLite syncs only when it moves the log into the database (sqlite.org/pragma.html,
 * synchronous), which may be many minutes apart at our pace: a power cut would take all that. Syncing the log file itself
 * from the thread pool bounds the loss to the last second and never makes a commit wait. No SQLite lock lies on the
 * log file, so opening and closing it here drops none (sqlite.org/howtocorrupt.html, 2.2).
 */
import { close, closeSync, fdatasync, fsync, open } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../../core/time.ts';

/** Somewhat below a second, so that of ticks a second apart each is synced as it comes. */
const SYNC_EVERY_MS = 900;

export interface LogSync {
  /** Something was committed. */
  committed(): void;
  /** Begins a sync if something is unsynced and the last one began long enough ago. Call it often. */
  syncIfDue(): void;
  close(): void;
}

/** `onSynced` hears of each sync that reached the disk, once it did. */
export function createLogSync(databasePath: string, clock: Clock, onSynced: () => void = () => {}): LogSync {
  let file: number | null = null;
  let isDirty = false;
  let isBusy = false;
  let isClosed = false;
  let lastMs = Number.NEGATIVE_INFINITY;

  function begin(): void {
    isBusy = true;
    isDirty = false;
    lastMs = clock.monotonicMs();
    if (file !== null) {
      sync(file);
      return;
    }
    open(`${databasePath}-wal`, 'r+', (error, opened) => {
      if (error !== null) {
        isBusy = false;
        return;
      }
      file = opened;
      syncFolder(dirname(databasePath));
      sync(opened);
    });
  }

  function sync(opened: number): void {
    fdatasync(opened, (error) => {
      isBusy = false;
      // A disk that cannot sync shows up as a failing commit or checkpoint: the store deals with it there.
      if (error === null) onSynced();
      if (isClosed) giveUp(opened);
    });
  }

  function giveUp(opened: number): void {
    if (file !== opened) return;
    file = null;
    closeSync(opened);
  }

  return {
    committed() {
      isDirty = true;
      this.syncIfDue();
    },
    syncIfDue() {
      if (!isDirty || isBusy || isClosed || clock.monotonicMs() - lastMs < SYNC_EVERY_MS) return;
      begin();
    },
    close() {
      isClosed = true;
      if (file !== null && !isBusy) giveUp(file);
    },
  };
}

/** The log's name must survive too. Folders cannot be synced on Windows, nor need they be. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  open(folder, 'r', (error, opened) => {
    if (error === null) fsync(opened, () => close(opened));
  });
}
