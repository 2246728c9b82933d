/** Which workers the grid shows, and in which order: pinned ones first, then by name. Pure. */
import { labelTexts } from '../../core/fleet/labels.ts';
import type { WorkerId, WorkerView } from '../../core/fleet/worker.ts';
import { type FleetState, workersOf } from '../state/fleet.ts';
import { matchesWord } from './word-filter.ts';

export type StateFilter = 'all' | 'online' | 'busy' | 'away' | 'gpu';

export interface FleetCounts {
  readonly all: number;
  readonly online: number;
  readonly stale: number;
  readonly unreachable: number;
  readonly lost: number;
  readonly gpu: number;
  /** Of those online, how many run tasks. */
  readonly busy: number;
}

export function countFleet(workers: Iterable<WorkerView>): FleetCounts {
  const counts = { all: 0, online: 0, stale: 0, unreachable: 0, lost: 0, gpu: 0, busy: 0 };
  for (const worker of workers) {
    counts.all += 1;
    counts[worker.link] += 1;
    if (worker.figures.gpuUtilization !== null) counts.gpu += 1;
    if (isBusy(worker)) counts.busy += 1;
  }
  return counts;
}

function isBusy({ link, runningTaskCount }: WorkerView): boolean {
  return link === 'online' && runningTaskCount > 0;
}

/** One text that differs when a worker's state, name, kind, label or capability does: what counts and filters depend on. */
export function statesOf(state: FleetState): string {
  let text = '';
  for (const worker of workersOf(state).values()) {
    text += `${worker.link[0]}${isBusy(worker) ? 'b' : ''}${worker.figures.gpuUtilization === null ? '' : 'g'} ${worker.name}\n`;
    text += `${labelTexts(worker.labels).join()}\n${worker.capabilities.join()}\n`;
  }
  return text;
}

interface Shown {
  readonly workers: ReadonlyMap<WorkerId, WorkerView>;
  readonly order: readonly WorkerId[];
  readonly pins: readonly WorkerId[];
  readonly state: StateFilter;
  readonly text: string;
}

export function shownWorkers({ workers, order, pins, state, text }: Shown): readonly WorkerId[] {
  const words = text.normalize('NFC').toLowerCase().split(/\s+/).filter(Boolean);
  const shown = order.filter((id) => {
    const worker = workers.get(id);
    return worker !== undefined && matchesState(worker, state) && words.every((word) => matchesWord(worker, word));
  });
  const pinned = new Set(pins);
  return [...shown.filter((id) => pinned.has(id)), ...shown.filter((id) => !pinned.has(id))];
}

function matchesState(worker: WorkerView, state: StateFilter): boolean {
  switch (state) {
    case 'all':
      return true;
    case 'online':
      return worker.link === 'online';
    case 'busy':
      return isBusy(worker);
    case 'away':
      return worker.link !== 'online';
    case 'gpu':
      return worker.figures.gpuUtilization !== null;
  }
}
