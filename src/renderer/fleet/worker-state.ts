/** What a tile says of a worker: shape, word, and which of its figures are still true. */
import type { WorkerView } from '../../core/fleet/worker.ts';
import { formatDuration } from '../../core/metrics/format.ts';
import type { Mark } from '../ui/state-mark.tsx';

export type StateName = 'online' | 'busy' | 'waiting' | 'stale' | 'unreachable' | 'lost';

const MARKS: Readonly<Record<StateName, Mark>> = {
  online: 'ok',
  busy: 'busy',
  waiting: 'unknown',
  stale: 'stale',
  unreachable: 'warning',
  lost: 'critical',
};

export function stateName(worker: WorkerView): StateName {
  if (worker.link !== 'online') return worker.link;
  if (worker.lastSampleAtMs === null) return 'waiting';
  return worker.runningTaskCount > 0 ? 'busy' : 'online';
}

export function stateMark(worker: WorkerView): Mark {
  return MARKS[stateName(worker)];
}

/** `online`, `busy, draining`, `stale 42 s`: an old state says how old, and whoever takes no new tasks says so. */
export function stateWords(worker: WorkerView, nowMs: number): string {
  const name = stateName(worker);
  const sinceMs = silentSinceMs(worker);
  const words =
    name === 'waiting' ? 'waiting for data' : sinceMs === null ? name : `${name} ${formatDuration(nowMs - sinceMs)}`;
  if (worker.admission === 'open') return words;
  return name === 'online' ? worker.admission : `${words}, ${worker.admission}`;
}

/** Since when this worker does not report: its link's end, or where that still stands its last sample. */
export function silentSinceMs(worker: WorkerView): number | null {
  return worker.link === 'online' ? null : (worker.awaySinceMs ?? worker.lastSampleAtMs);
}

/** Figures of a worker that does not report are not shown as if they were of now. */
export function hasCurrentFigures(worker: WorkerView): boolean {
  return worker.link === 'online';
}

export type MeterLevel = 'normal' | 'warning' | 'critical';

const WARNING_FROM = 0.85;
const CRITICAL_FROM = 0.95;

export function meterLevel(ratio: number): MeterLevel {
  if (ratio >= CRITICAL_FROM) return 'critical';
  return ratio >= WARNING_FROM ? 'warning' : 'normal';
}
