/** One worker in the grid. React renders its structure; its figures are painted past React once a beat. */
import { Pin } from 'lucide-react';
import { memo, useLayoutEffect, useRef } from 'react';
import { SIMULATED } from '../../core/fleet/capabilities.ts';
import type { WorkerId, WorkerView } from '../../core/fleet/worker.ts';
import { onBeat } from '../state/beat.ts';
import { fleet, useWorkerPart, workerOf } from '../state/fleet.ts';
import { goToTasksOf } from '../state/task-place.ts';
import type { Density } from '../state/ui.ts';
import { observeInView } from '../ui/in-view.ts';
import { StateMark } from '../ui/state-mark.tsx';
import { unturned } from '../ui/unturned.ts';
import { tellFirstPaint } from './first-paint.ts';
import { createTilePainter, type MeterFigure } from './tile-painter.ts';
import { stateMark, stateName } from './worker-state.ts';

interface Props {
  readonly workerId: WorkerId;
  readonly density: Density;
  readonly isOpen: boolean;
  readonly isPinned: boolean;
  readonly isTabStop: boolean;
  readonly onOpen: (workerId: WorkerId) => void;
  readonly onPin: (workerId: WorkerId) => void;
}

const METERS: readonly { readonly figure: MeterFigure; readonly title: string }[] = [
  { figure: 'cpuUtilization', title: 'CPU' },
  { figure: 'memoryUtilization', title: 'Mem' },
  { figure: 'gpuUtilization', title: 'GPU' },
  { figure: 'diskUtilization', title: 'Disk' },
];

const KEPT_END = 4;

export const Tile = memo(function Tile(props: Props) {
  const { workerId, density, isOpen, isPinned, isTabStop, onOpen, onPin } = props;
  const name = useWorkerPart(workerId, (worker) => worker.name) ?? '';
  const state = useWorkerPart(workerId, stateName) ?? 'waiting';
  const mark = useWorkerPart(workerId, stateMark) ?? 'unknown';
  const isSimulated = useWorkerPart(workerId, ({ capabilities }) => capabilities.includes(SIMULATED)) ?? false;
  const hasGpuNow = useWorkerPart(workerId, (worker) => worker.figures.gpuUtilization !== null) ?? false;
  const headline = useWorkerPart(workerId, (worker) =>
    worker.isLocal ? 'this machine' : (worker.headline ?? worker.remote?.address ?? null),
  );
  // A machine that once showed a GPU keeps the row while it does not report, so that nothing moves.
  const hasGpu = useRef(false);
  hasGpu.current ||= hasGpuNow;
  const meters = METERS.filter(({ figure }) => figure !== 'gpuUtilization' || hasGpu.current);

  const root = useRef<HTMLLIElement>(null);
  useTilePainting(root, workerId, `${density} ${meters.length}`);

  return (
    <li ref={root} className={`tile-slot ${density}`} data-worker={workerId}>
      <button
        type="button"
        className="tile"
        data-state={state}
        data-simulated={isSimulated ? true : undefined}
        aria-current={isOpen ? 'true' : undefined}
        tabIndex={isTabStop ? 0 : -1}
        onClick={() => onOpen(workerId)}
      >
        <span className="tile-head">
          <StateMark mark={mark} size={density === 'compact' ? 8 : 10} />
          {density === 'compact' ? (
            <CompactName name={name} isSimulated={isSimulated} />
          ) : (
            <span className="tile-name">{name}</span>
          )}
          <span className="tile-word" data-part="word" />
          {density === 'compact' ? null : <span className="tile-headline">{headline}</span>}
        </span>
        <span className="meters">
          {meters.map(({ figure, title }) => (
            <span key={figure} className="meter" data-meter={figure} data-level="none">
              <span className="meter-label">{title}</span>
              <span className="meter-track">
                <span className="meter-fill" />
              </span>
              <span className="meter-value" />
            </span>
          ))}
        </span>
        {density === 'compact' ? null : (
          <svg className="sparkline" viewBox="0 0 59 100" preserveAspectRatio="none" aria-hidden="true">
            <path data-part="area" className="sparkline-area" />
            <path data-part="line" className="sparkline-line" />
          </svg>
        )}
      </button>
      {density === 'compact' ? null : (
        <>
          <div className="tile-foot">
            <TaskChips workerId={workerId} name={name} />
            <span className="tile-heat" data-part="heat" />
          </div>
          <button
            type="button"
            className="tile-pin"
            aria-pressed={isPinned}
            aria-label={`Pin ${name}`}
            title={isPinned ? 'Pinned to the front. Click to let go (p)' : 'Pin to the front (p)'}
            tabIndex={-1}
            onClick={() => onPin(workerId)}
          >
            <Pin size={13} aria-hidden="true" />
          </button>
        </>
      )}
    </li>
  );
});

const MOST_CHIPS = 2;

/** The first tasks that run there, and how many more; a click shows all of its tasks. */
function TaskChips({ workerId, name }: { readonly workerId: WorkerId; readonly name: string }) {
  // As one text: a new list comes with every patch, and mostly says the same.
  const text = useWorkerPart(workerId, ({ runningTasks }) => runningTasks.slice(0, MOST_CHIPS).join('\n')) ?? '';
  const count = useWorkerPart(workerId, ({ runningTaskCount }) => runningTaskCount) ?? 0;
  const names = text.split('\n').filter(Boolean);
  if (count === 0) return null;
  return (
    <button
      type="button"
      className="chips"
      title={`Show the tasks of ${name} (t)`}
      tabIndex={-1}
      onClick={() => goToTasksOf(workerId)}
    >
      <span className="visually-hidden">{name} runs </span>
      {names.map((task, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: names may be equal, and are only ever replaced
        <span key={index} className="chip">
          {unturned(task)}
        </span>
      ))}
      {count > names.length ? <span className="chip-more">+{count - names.length}</span> : null}
    </button>
  );
}

/** Cut in the middle where it is too long: lab names differ at their end. */
function CompactName({ name, isSimulated }: { readonly name: string; readonly isSimulated: boolean }) {
  return (
    <span className="tile-name">
      <span className="visually-hidden">{name}</span>
      {isSimulated ? <span className="visually-hidden">simulated</span> : null}
      <span className="tile-name-start" aria-hidden="true">
        {name.slice(0, -KEPT_END)}
      </span>
      <span aria-hidden="true">{name.slice(-KEPT_END)}</span>
    </span>
  );
}

/** Paints on each beat that brought a new view of this worker, or made an old one older, while the tile is on screen. */
function useTilePainting(root: React.RefObject<HTMLLIElement | null>, workerId: WorkerId, structure: string): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new structure has new elements to bind to
  useLayoutEffect(() => {
    const element = root.current;
    if (element === null) return;
    const painter = createTilePainter(element);
    let painted: WorkerView | undefined;
    let isInView = true;
    const paint = (nowMs: number) => {
      const worker = workerOf(fleet.get(), workerId);
      if (worker === undefined || !isInView || (worker === painted && worker.link === 'online')) return;
      painted = worker;
      painter.paint(worker, nowMs);
      if (worker.lastSampleAtMs !== null) tellFirstPaint();
    };
    paint(Date.now());
    const stopBeat = onBeat(paint);
    const stopObserving = observeInView(element, (next) => {
      isInView = next;
      if (next) paint(Date.now());
    });
    return () => {
      stopBeat();
      stopObserving();
    };
  }, [root, workerId, structure]);
}
