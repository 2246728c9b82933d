/** What a tile says of a worker: shape, word, and which of its figures are still true. */
import type { WorkerView } from '../../core/fleet/worker.ts';
import { formatDuration } from '../../core/metrics/format.ts';
import type { Mark } from '../ui/state-mark.tsx';

export type StateName = 'online' | 'waiting' | 'stale' | 'unreachable' | 'lost';

const MARKS: Readonly<Record<StateName, Mark>> = {
  online: 'ok',
  waiting: 'unknown',
  stale: 'stale',
  unreachable: 'warning',
  lost: 'critical',
};

export function stateName(worker: WorkerView): StateName {
  return worker.link === 'online' && worker.lastSampleAtMs === null ? 'waiting' : worker.link;
}

export function stateMark(worker: WorkerView): Mark {
  return MARKS[stateName(worker)];
}

/** `online`, `stale 42 s`: an old state says how old. */
export function stateWords(worker: WorkerView, nowMs: number): string {
  const name = stateName(worker);
  if (name === 'waiting') return 'waiting for data';
  const sinceMs = silentSinceMs(worker);
  return sinceMs === null ? name : `${name} ${formatDuration(nowMs - sinceMs)}`;
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
