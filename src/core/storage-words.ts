/** Storage notices as sentences: what happened, and what it means for the person. */
import type { StorageNotice } from './storage-report.ts';

export function noticeSentence(notice: StorageNotice): string {
  switch (notice.kind) {
    case 'metrics-set-aside':
      return `The history was damaged and a new one begun (${notice.reason}); the old file is kept as ${notice.movedTo}.`;
    case 'fleet-restored':
      return notice.backupAtMs === null
        ? `The settings file was damaged and no backup was found; a new one was begun, the old one is kept as ${notice.movedTo}.`
        : `The settings file was damaged and restored from the backup of ${new Date(notice.backupAtMs).toISOString()}; the old one is kept as ${notice.movedTo}.`;
    case 'newer-schema':
      return `${notice.file} was written by a newer Labwatch: it is shown but nothing is stored. Update Labwatch, or choose another data folder.`;
    case 'memory-only':
      return `Nothing can be stored now (${notice.reason}); new samples are kept in memory and written when it works again.`;
  }
}
