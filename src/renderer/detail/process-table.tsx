/** What used most: live, or at the moment pinned in a chart. Names and command lines are untrusted text. */
import { ChevronDown, ChevronUp } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import type { WorkerId } from '../../core/fleet/worker.ts';
import { formatByteRate, formatBytes, formatPercent } from '../../core/metrics/format.ts';
import type { ProcessSample, ProcessSnapshot } from '../../core/metrics/sample.ts';
import { call, on } from '../api.ts';
import type { Timeline } from '../charts/timeline.ts';
import { isWindowVisible, onVisibility } from '../state/beat.ts';
import { useStore } from '../state/store.ts';
import { changeUi, type ProcessSort, type ProcessSortKey, ui } from '../state/ui.ts';
import { momentWithZone, momentWords } from '../ui/time-words.ts';

interface Column {
  readonly key: ProcessSortKey;
  readonly title: string;
  readonly words: (process: ProcessSample) => string;
}

/** The command without the folders of its program, which would fill the column and tell nothing apart. */
function shortCommand({ command, name }: ProcessSample): string {
  return (command || name).replace(/^(\/[^/\s]+)*\/(?=[^/\s])/, '');
}

/** Below a tenth of a core the digit after the point tells processes apart. */
const SMALL_SHARE = 0.0995;

const COLUMNS: readonly Column[] = [
  { key: 'name', title: 'Process', words: shortCommand },
  { key: 'pid', title: 'PID', words: ({ pid }) => String(pid) },
  { key: 'gpuMemoryBytes', title: 'GPU mem', words: ({ gpuMemoryBytes }) => formatBytes(gpuMemoryBytes) },
  { key: 'readBytesPerSecond', title: 'Read', words: ({ readBytesPerSecond }) => formatByteRate(readBytesPerSecond) },
  { key: 'memoryBytes', title: 'Memory', words: ({ memoryBytes }) => formatBytes(memoryBytes) },
  { key: 'cpuCores', title: 'CPU', words: ({ cpuCores }) => formatPercent(cpuCores, cpuCores < SMALL_SHARE ? 1 : 0) },
];

export function ProcessTable({ workerId, timeline }: { readonly workerId: WorkerId; readonly timeline: Timeline }) {
  const pinnedAtMs = useStore(timeline.pinnedAtMs, (atMs) => atMs);
  const { snapshot, failure } = useProcesses(workerId, pinnedAtMs);
  const sort = useStore(ui, (state) => state.processSort);
  const rows = useMemo(() => sorted(snapshot?.processes ?? [], sort), [snapshot, sort]);
  const columns = COLUMNS.filter(({ key }) => key === 'name' || rows.some((row) => row[key] !== null));
  return (
    <section className="processes" aria-label="Top processes">
      <header className="section-head">
        <h2>Top processes</h2>
        {pinnedAtMs === null ? (
          <span className="muted">{snapshot === null ? '' : `of ${snapshot.processCount}`}</span>
        ) : (
          <span className="pinned-words">
            <span title={momentWithZone(pinnedAtMs)}>at {momentWords(pinnedAtMs, Date.now())}</span> ·{' '}
            <button type="button" className="link" onClick={() => timeline.pinnedAtMs.set(null)}>
              back to live
            </button>
          </span>
        )}
      </header>
      {rows.length === 0 ? (
        <p className="detail-note">{failure ?? emptyWords(snapshot, pinnedAtMs)}</p>
      ) : (
        <table>
          <thead>
            <tr>
              {columns.map(({ key, title }) => (
                <th key={key} scope="col" aria-sort={ariaSort(sort, key)} className={`column-${key}`}>
                  <button type="button" onClick={() => changeUi({ processSort: nextSort(sort, key) })}>
                    {title}
                    {sort.key === key ? (
                      sort.isDescending ? (
                        <ChevronDown size={11} aria-hidden="true" />
                      ) : (
                        <ChevronUp size={11} aria-hidden="true" />
                      )
                    ) : null}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="selectable">
            {rows.map((row) => (
              <tr key={row.pid}>
                {columns.map(({ key, words }) => (
                  <td key={key} className={`column-${key}`} title={key === 'name' ? titleOf(row) : undefined}>
                    {words(row)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function emptyWords(snapshot: ProcessSnapshot | null, pinnedAtMs: number | null): string {
  if (pinnedAtMs !== null) return 'No processes were recorded at this moment. Level basic records none.';
  return snapshot === null
    ? 'Reading processes …'
    : 'No processes are recorded at level basic. Choose standard to see them.';
}

function titleOf({ command, name, user, pid, threadCount }: ProcessSample): string {
  const about = [
    `pid ${pid}`,
    user === null ? '' : `user ${user}`,
    threadCount === null ? '' : `${threadCount} threads`,
  ];
  return `${command || name}\n${about.filter(Boolean).join(' · ')}`;
}

function sorted(processes: readonly ProcessSample[], { key, isDescending }: ProcessSort): readonly ProcessSample[] {
  const direction = isDescending ? -1 : 1;
  return [...processes].sort((a, b) => {
    const order =
      key === 'name'
        ? shortCommand(a).localeCompare(shortCommand(b))
        : (a[key] ?? Number.NEGATIVE_INFINITY) - (b[key] ?? Number.NEGATIVE_INFINITY);
    return direction * order || a.pid - b.pid;
  });
}

/** The same column turns round; a new one starts with what one looks for: the most, or A. */
function nextSort(sort: ProcessSort, key: ProcessSortKey): ProcessSort {
  return { key, isDescending: sort.key === key ? !sort.isDescending : key !== 'name' && key !== 'pid' };
}

function ariaSort(sort: ProcessSort, key: ProcessSortKey): 'ascending' | 'descending' | undefined {
  if (sort.key !== key) return undefined;
  return sort.isDescending ? 'descending' : 'ascending';
}

interface Processes {
  readonly snapshot: ProcessSnapshot | null;
  readonly failure: string | null;
}

const NOTHING: Processes = { snapshot: null, failure: null };

/** Live snapshots as they come, or the one stored for a moment. */
function useProcesses(workerId: WorkerId, pinnedAtMs: number | null): Processes {
  const [processes, setProcesses] = useState<Processes>(NOTHING);
  useEffect(() => {
    let isCurrent = true;
    const load = async () => {
      const answer = await call('worker:processes', workerId, pinnedAtMs);
      if (!isCurrent) return;
      setProcesses((before) =>
        answer.ok
          ? { snapshot: answer.value ?? (pinnedAtMs === null ? before.snapshot : null), failure: null }
          : { snapshot: null, failure: answer.error.message },
      );
    };
    void load();
    const stops =
      pinnedAtMs === null
        ? [
            on('worker:process-snapshot', (message) => {
              if (message.workerId === workerId && isWindowVisible()) {
                setProcesses({ snapshot: message.snapshot, failure: null });
              }
            }),
            onVisibility((isVisible) => {
              if (isVisible) void load();
            }),
          ]
        : [];
    return () => {
      isCurrent = false;
      for (const stop of stops) stop();
    };
  }, [workerId, pinnedAtMs]);
  return processes;
}
