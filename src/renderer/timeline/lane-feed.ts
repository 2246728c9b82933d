/** Makes lanes of attempts: one for each worker that runs tasks, and for each that is gone but ran some of these. */
import type { WorkerId } from '../../core/fleet/worker.ts';
import type { AttemptView } from '../../core/tasks/view.ts';
import { fleet, orderOf, workerOf } from '../state/fleet.ts';
import type { Store } from '../state/store.ts';
import type { AttemptStore } from './attempt-store.ts';
import { type BarRow, barRows, type RowsOf, rowsOf } from './bar-rows.ts';
import { type Lane, lanesOf } from './lanes.ts';

interface Laid {
  readonly attempts: readonly AttemptView[];
  readonly rows: readonly BarRow[];
  readonly places: RowsOf;
}

const NO_ATTEMPTS: readonly AttemptView[] = [];

/** Keeps `lanes` current until the returned function is called. */
export function feedLanes({ state }: AttemptStore, lanes: Store<readonly Lane[]>): () => void {
  const laid = new Map<WorkerId, Laid>();
  let workersText = '';

  function layOf(workerId: WorkerId, attempts: readonly AttemptView[]): Laid {
    const before = laid.get(workerId);
    if (before?.attempts === attempts) return before;
    const rows = barRows(attempts, before?.places);
    const next = { attempts, rows, places: rowsOf(rows) };
    laid.set(workerId, next);
    return next;
  }

  function lay(): void {
    const now = state.get();
    if (now.status !== 'ready') return;
    const shown = shownWorkers(now.byWorker);
    workersText = shown.join(' ');
    const workers = shown.map((workerId) => {
      return { workerId, rows: layOf(workerId, now.byWorker.get(workerId) ?? NO_ATTEMPTS).rows };
    });
    lanes.set(lanesOf(workers));
  }

  const stops = [
    state.subscribe(lay),
    fleet.subscribe(() => {
      const now = state.get();
      if (now.status === 'ready' && shownWorkers(now.byWorker).join(' ') !== workersText) lay();
    }),
  ];
  lay();
  return () => {
    for (const stop of stops) stop();
  };
}

/** In the order of the fleet, then those that are gone. */
function shownWorkers(byWorker: ReadonlyMap<WorkerId, readonly AttemptView[]>): readonly WorkerId[] {
  const now = fleet.get();
  const hasAny = (id: WorkerId) => (byWorker.get(id)?.length ?? 0) > 0;
  const order = orderOf(now);
  const enrolled = order.filter((id) => hasAny(id) || workerOf(now, id)?.runsTasks === true);
  const known = new Set(order);
  return [...enrolled, ...[...byWorker.keys()].filter((id) => !known.has(id) && hasAny(id)).sort()];
}
