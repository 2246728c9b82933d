/** The names of lanes, each with how its worker is. */
import { memo } from 'react';
import type { WorkerId, WorkerView } from '../../core/fleet/worker.ts';
import { formatPercent } from '../../core/metrics/format.ts';
import { hasCurrentFigures, stateWords } from '../fleet/worker-state.ts';
import { fleet, useWorkerPart, workerOf } from '../state/fleet.ts';
import { changeUi } from '../state/ui.ts';
import type { AttemptStore } from './attempt-store.ts';
import { heightOf, type Lane } from './lanes.ts';

interface Props {
  readonly store: AttemptStore;
  readonly lanes: readonly Lane[];
}

export function LaneLabels({ store, lanes }: Props) {
  return (
    <ul className="lane-labels" aria-label="Workers" style={{ height: heightOf(lanes) }}>
      {lanes.map(({ workerId, top, height }) => (
        <LaneLabel key={workerId} store={store} workerId={workerId} top={top} height={height} />
      ))}
    </ul>
  );
}

/** Of workers that had a lane since the window was opened: one that is removed meanwhile keeps its name. */
const seenNames = new Map<WorkerId, string>();

/** As it is called, or was before it was removed. */
export function laneName({ state }: AttemptStore, workerId: WorkerId): string {
  const name = workerOf(fleet.get(), workerId)?.name;
  if (name !== undefined) seenNames.set(workerId, name);
  const now = state.get();
  const removed = now.status === 'ready' ? now.removedNames.get(workerId) : undefined;
  return name ?? removed ?? seenNames.get(workerId) ?? 'a worker that was removed';
}

interface LabelProps {
  readonly store: AttemptStore;
  readonly workerId: WorkerId;
  readonly top: number;
  readonly height: number;
}

const LaneLabel = memo(function LaneLabel({ store, workerId, top, height }: LabelProps) {
  const isEnrolled = useWorkerPart(workerId, (worker) => worker.name) !== null;
  const name = laneName(store, workerId);
  const state = useWorkerPart(workerId, (worker) => laneState(worker, Date.now()));
  return (
    <li className="lane-label" style={{ top, height }}>
      {isEnrolled ? (
        <button
          type="button"
          className="lane-name"
          title={`Open ${name} in Fleet`}
          onClick={() => changeUi({ view: 'fleet', openWorkerId: workerId })}
        >
          {name}
        </button>
      ) : (
        <strong title="It was removed from the fleet">{name}</strong>
      )}
      <span className="lane-state" data-away={state?.isAway}>
        {state?.words ?? 'removed'}
      </span>
    </li>
  );
});

interface LaneState {
  readonly words: string;
  readonly isAway: boolean;
}

const states = new Map<string, LaneState>();
const MOST_STATES = 1_000;

/** The same object for the same words: what is shown is drawn again only when it says something else. */
function laneState(worker: WorkerView, nowMs: number): LaneState {
  const isAway = worker.link !== 'online' || worker.admission !== 'open';
  const words = isAway ? stateWords(worker, nowMs) : busyWords(worker);
  const known = states.get(words);
  if (known !== undefined) return known;
  if (states.size >= MOST_STATES) states.clear();
  const made = { words, isAway };
  states.set(words, made);
  return made;
}

function busyWords(worker: WorkerView): string {
  const { runningTaskCount, figures } = worker;
  const running = runningTaskCount === 0 ? 'idle' : `${runningTaskCount} running`;
  if (!hasCurrentFigures(worker) || figures.cpuUtilization === null) return running;
  return `${running} · CPU ${formatPercent(figures.cpuUtilization)}`;
}
