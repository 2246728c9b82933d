/** All workers at a glance, and beside them the one that is open. */
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { WorkerId } from '../../core/fleet/worker.ts';
import { AddWorkerCard } from '../add-worker/add-worker-buttons.tsx';
import { onSearchKey } from '../frame/search-key.ts';
import { fleet, orderOf, reloadFleet, workersOf } from '../state/fleet.ts';
import { useStore } from '../state/store.ts';
import { goToTasksOf } from '../state/task-place.ts';
import { togglePin, ui } from '../state/ui.ts';
import { afterFrame } from '../ui/after-frame.ts';
import { EmptyState, ErrorState, LoadingState } from '../ui/view-state.tsx';
import { countFleet, type StateFilter, shownWorkers, statesOf } from './fleet-filter.ts';
import { columnsOf, movedIndex } from './grid-keys.ts';
import { useOpenWorker } from './open-worker.ts';
import { Tile } from './tile.tsx';
import { TileTip } from './tile-tip.tsx';
import { Toolbar } from './toolbar.tsx';
import './fleet.css';
import './tile.css';

/** The charts are most of the window's code: the tiles with their first values go before them. */
const Detail = lazy(async () => {
  await afterFrame();
  return { default: (await import('../detail/detail.tsx')).Detail };
});

export function FleetView() {
  const status = useStore(fleet, (state) => state.status);
  const failure = useStore(fleet, (state) => (state.status === 'error' ? state.failure : null));
  if (status === 'loading') return <LoadingState what="the fleet" />;
  if (failure !== null) return <ErrorState what="The fleet" failure={failure} onRetry={() => void reloadFleet()} />;
  return <Fleet />;
}

function Fleet() {
  const order = useStore(fleet, orderOf);
  const isWide = useStore(ui, (state) => state.isDetailWide);
  const { openWorkerId, open, close } = useOpenWorker(order);
  const isOnly = order.length === 1;
  const [slot, setSlot] = useState<HTMLElement | null>(null);
  const layout = openWorkerId === null ? 'grid-only' : isOnly || isWide ? 'detail-wide' : 'detail-beside';
  return (
    <div className="fleet" data-layout={layout} data-only={isOnly}>
      <section className="fleet-grid-side" aria-label="Workers">
        {order.length === 0 ? (
          <EmptyState title="No worker yet">
            This machine appears here as soon as its first figures are read. If it does not within ten seconds, open the
            logs under Settings: they say what is missing.
          </EmptyState>
        ) : (
          <Grid order={order} openWorkerId={openWorkerId} onOpen={open} />
        )}
        {isOnly && openWorkerId !== null ? <div ref={setSlot} className="side-slot" /> : null}
      </section>
      {openWorkerId === null ? null : (
        <Suspense fallback={<aside className="detail" aria-label="Worker" />}>
          <Detail
            key={openWorkerId}
            workerId={openWorkerId}
            sideSlot={isOnly ? slot : null}
            canWiden={!isOnly}
            onClose={close}
          />
        </Suspense>
      )}
    </div>
  );
}

interface GridProps {
  readonly order: readonly WorkerId[];
  readonly openWorkerId: WorkerId | null;
  readonly onOpen: (workerId: WorkerId) => void;
}

function Grid({ order, openWorkerId, onOpen }: GridProps) {
  const density = useStore(ui, (state) => state.density);
  const pins = useStore(ui, (state) => state.pins);
  const [state, setState] = useState<StateFilter>('all');
  const [text, setText] = useState('');
  const states = useStore(fleet, statesOf);
  const grid = useRef<HTMLUListElement>(null);
  const searchField = useRef<HTMLInputElement>(null);
  const [tabStop, setTabStop] = useState<WorkerId | null>(null);
  useEffect(() => onSearchKey(() => searchField.current?.focus()), []);

  // `states` stands for what counts and filters look at: figures that merely move do not sort or filter anything again.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  const [counts, shown] = useMemo(() => {
    const workers = workersOf(fleet.get());
    return [countFleet(workers.values()), shownWorkers({ workers, order, pins, state, text })] as const;
  }, [order, pins, state, text, states]);
  const stop = tabStop !== null && shown.includes(tabStop) ? tabStop : (shown[0] ?? null);

  const onKeyDown = useCallback(
    (event: React.KeyboardEvent) => {
      const tiles = [...(grid.current?.querySelectorAll<HTMLElement>('.tile') ?? [])];
      const index = tiles.indexOf(document.activeElement as HTMLElement);
      const id = shown[index];
      if (id === undefined) return;
      if (!event.ctrlKey && !event.metaKey && !event.altKey) {
        if (event.key === 'p') togglePin(id);
        if (event.key === 't') goToTasksOf(id);
      }
      const next = movedIndex(event.key, index, columnsOf(tiles), tiles.length);
      if (next === null) return;
      event.preventDefault();
      setTabStop(shown[next] ?? null);
      tiles[next]?.focus();
    },
    [shown],
  );

  return (
    <>
      {order.length > 1 ? (
        <Toolbar
          counts={counts}
          state={state}
          text={text}
          searchField={searchField}
          onState={setState}
          onText={setText}
        />
      ) : null}
      {shown.length === 0 ? (
        <EmptyState
          title="No worker matches"
          action={
            <button
              type="button"
              className="button"
              onClick={() => {
                setState('all');
                setText('');
              }}
            >
              Show all {counts.all}
            </button>
          }
        >
          None of the {counts.all} workers has this state, and these names, labels and capabilities.
        </EmptyState>
      ) : (
        <ul ref={grid} className={`grid ${density}`} onKeyDown={onKeyDown}>
          {shown.map((id) => (
            <Tile
              key={id}
              workerId={id}
              density={density}
              isOpen={id === openWorkerId}
              isPinned={pins.includes(id)}
              isTabStop={id === stop}
              onOpen={onOpen}
              onPin={togglePin}
            />
          ))}
          {order.length === 1 ? <AddWorkerCard density={density} /> : null}
        </ul>
      )}
      <TileTip grid={grid} />
    </>
  );
}
