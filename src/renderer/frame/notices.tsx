/** What a person must know of the store or of the app's silence, in words, with what to do. */
import { useEffect, useState } from 'react';
import { formatDuration } from '../../core/metrics/format.ts';
import type { StorageNotice } from '../../core/storage-report.ts';
import { SECOND_MS } from '../../core/time.ts';
import { call } from '../api.ts';
import { appInfo, notices } from '../state/app-info.ts';
import { onBeat } from '../state/beat.ts';
import { fleet } from '../state/fleet.ts';
import { useStore } from '../state/store.ts';
import { StateMark } from '../ui/state-mark.tsx';
import { momentWords } from '../ui/time-words.ts';

/** Three readings at the slowest level. */
const SILENT_AFTER_MS = 15 * SECOND_MS;

export function Notices() {
  const list = useStore(notices, (state) => state);
  const dataDir = useStore(appInfo, (info) => info?.dataDir ?? null);
  const [closed, setClosed] = useState<readonly StorageNotice[]>([]);
  const silentForMs = useSilence();
  return (
    <>
      {silentForMs === null ? null : (
        <div className="notice" data-mark="stale" role="status">
          <StateMark mark="stale" />
          <p>
            No news from the monitor for {formatDuration(silentForMs)}. What you see are its last figures. If this goes
            on, restart Labwatch; the log says why.
          </p>
          <OpenLogs />
        </div>
      )}
      {list
        .filter((notice) => !closed.includes(notice))
        .map((notice) => (
          <div key={`${notice.kind} ${notice.atMs}`} className="notice" data-mark={markOf(notice)} role="status">
            <StateMark mark={markOf(notice)} />
            <p className="selectable">{noticeWords(notice, dataDir)}</p>
            {notice.kind === 'memory-only' || notice.kind === 'newer-schema' ? (
              <OpenLogs />
            ) : (
              <button type="button" className="button small" onClick={() => setClosed([...closed, notice])}>
                Understood
              </button>
            )}
          </div>
        ))}
    </>
  );
}

function OpenLogs() {
  return (
    <button type="button" className="button small" onClick={() => void call('app:open', 'logs')}>
      Open logs
    </button>
  );
}

function markOf(notice: StorageNotice): 'warning' | 'critical' {
  return notice.kind === 'memory-only' ? 'critical' : 'warning';
}

function noticeWords(notice: StorageNotice, dataDir: string | null): string {
  const since = momentWords(notice.atMs, Date.now());
  switch (notice.kind) {
    case 'memory-only':
      return `Since ${since} nothing is stored, only kept in memory: ${sentence(notice.reason)} Free some space or mend the disk under ${dataDir ?? 'the data folder'}; storing goes on by itself.`;
    case 'metrics-set-aside':
      return `The history could not be read (${notice.reason}) and was set aside as ${notice.movedTo}. A new one began at ${since}. Delete the old file when you no longer want it.`;
    case 'fleet-restored':
      return notice.backupAtMs === null
        ? `The fleet's file was damaged and there was no backup: settings start anew. The damaged file is kept as ${notice.movedTo}.`
        : `The fleet's file was damaged and was restored from the backup of ${momentWords(notice.backupAtMs, Date.now())}. Settings changed after that are lost. The damaged file is kept as ${notice.movedTo}.`;
    case 'newer-schema':
      return `${notice.file} was written by a newer Labwatch. It is opened for reading only and nothing is stored. Update Labwatch, or choose another data folder.`;
  }
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** For how long the app has sent nothing, once that is longer than any level explains. */
function useSilence(): number | null {
  const [silentForMs, setSilentForMs] = useState<number | null>(null);
  useEffect(
    () =>
      onBeat((nowMs) => {
        const state = fleet.get();
        const ageMs = state.status === 'ready' && state.order.length > 0 ? nowMs - state.heardAtMs : 0;
        setSilentForMs(ageMs > SILENT_AFTER_MS ? Math.floor(ageMs / SECOND_MS) * SECOND_MS : null);
      }),
    [],
  );
  return silentForMs;
}
