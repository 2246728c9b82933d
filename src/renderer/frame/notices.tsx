/** What a person must know of the store or of the app's silence, in words, with what to do. */
import { useEffect, useState } from 'react';
import { formatDuration } from '../../core/metrics/format.ts';
import type { StorageNotice } from '../../core/storage-report.ts';
import { noticeSentence } from '../../core/storage-words.ts';
import { SECOND_MS } from '../../core/time.ts';
import { call } from '../api.ts';
import { appInfo, notices } from '../state/app-info.ts';
import { onBeat } from '../state/beat.ts';
import { fleet } from '../state/fleet.ts';
import { useStore } from '../state/store.ts';
import { StateMark } from '../ui/state-mark.tsx';

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

/** What happened, from the words that the command line shares, and what to do about it. */
function noticeWords(notice: StorageNotice, dataDir: string | null): string {
  return `${noticeSentence(notice)} ${adviceFor(notice, dataDir)}`;
}

function adviceFor(notice: StorageNotice, dataDir: string | null): string {
  switch (notice.kind) {
    case 'memory-only':
      return `Free some space or mend the disk under ${dataDir ?? 'the data folder'}; storing goes on by itself.`;
    case 'metrics-set-aside':
      return 'Delete the old file when you no longer want it.';
    case 'fleet-restored':
      return 'Look through Settings: what was changed after that backup is lost.';
    case 'newer-schema':
      return 'Changes to settings do not last until then.';
  }
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
