/** Everything about one worker, beside the grid. Loaded when first opened: the charts are most of the window's code. */
import { useEffect, useState } from 'react';
import { createPortal } from 'react-dom';
import type { Inventory } from '../../core/fleet/inventory.ts';
import type { WorkerId } from '../../core/fleet/worker.ts';
import { call } from '../api.ts';
import { type ChartData, createChartData } from '../charts/chart-data.ts';
import { createTaskBands, type TaskBands } from '../charts/task-bands.ts';
import { createTimeline, type Timeline } from '../charts/timeline.ts';
import { useWorkerPart } from '../state/fleet.ts';
import { useStore } from '../state/store.ts';
import { useEscape } from '../ui/escape.ts';
import { LoadingState } from '../ui/view-state.tsx';
import { CapabilitiesSection } from './capabilities-section.tsx';
import { ChartStack } from './chart-stack.tsx';
import { CollectorsSection } from './collectors-section.tsx';
import { DetailHeader } from './detail-header.tsx';
import { EventsSection } from './events-section.tsx';
import { InventorySection } from './inventory-section.tsx';
import { LevelSwitch } from './level-switch.tsx';
import { ProcessTable } from './process-table.tsx';
import { ProfileSection } from './profile-section.tsx';
import { RemoveDialog } from './remove-dialog.tsx';
import { SilenceNote } from './silence-note.tsx';
import { TasksSection } from './tasks-section.tsx';
import { TrustSection } from './trust-section.tsx';
import { removedWorkerId } from './worker-actions.ts';
import '../charts/charts.css';
import './detail.css';
import './profile.css';
import './sections.css';

interface Props {
  readonly workerId: WorkerId;
  /** Where processes, collectors and hardware stand instead of in the detail: under the tile of an only worker. */
  readonly sideSlot: HTMLElement | null;
  readonly canWiden: boolean;
  readonly onClose: () => void;
}

export function Detail({ workerId, sideSlot, canWiden, onClose }: Props) {
  const name = useWorkerPart(workerId, (worker) => worker.name) ?? '';
  const charts = useCharts(workerId);
  const { inventory, readAtMs, failure, refresh } = useInventory(workerId);
  const isRemote = useWorkerPart(workerId, (worker) => worker.remote !== null) ?? false;
  const isRemoving = useStore(removedWorkerId, (removed) => removed === workerId) && isRemote;
  const side = (
    <div className="detail-side">
      {charts === null ? null : <ProcessTable workerId={workerId} timeline={charts.timeline} />}
      <TasksSection workerId={workerId} />
      <CollectorsSection workerId={workerId} />
      <ProfileSection workerId={workerId} />
      <InventorySection inventory={inventory} readAtMs={readAtMs} failure={failure} onRefresh={refresh} />
      <CapabilitiesSection workerId={workerId} />
      {isRemote ? <TrustSection workerId={workerId} /> : null}
      <EventsSection workerId={workerId} />
    </div>
  );
  return (
    <aside className="detail" aria-label={`Worker ${name}`}>
      <DetailHeader workerId={workerId} inventory={inventory} canWiden={canWiden} onClose={onClose} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className="detail-scroll" tabIndex={0} aria-label="Charts, processes and hardware">
        <div className="detail-body">
          <div className="detail-main">
            <SilenceNote workerId={workerId} />
            <LevelSwitch workerId={workerId} />
            {charts === null ? <LoadingState what="the history" /> : <Charts {...charts} inventory={inventory} />}
          </div>
          {sideSlot === null ? side : createPortal(side, sideSlot)}
        </div>
      </section>
      {isRemoving ? <RemoveDialog workerId={workerId} name={name} /> : null}
    </aside>
  );
}

interface ChartParts {
  readonly data: ChartData;
  readonly timeline: Timeline;
  readonly bands: TaskBands;
}

function Charts({ data, timeline, bands, inventory }: ChartParts & { readonly inventory: Inventory | null }) {
  const isZoomed = useStore(timeline.zoom, (zoom) => zoom !== null);
  const isPinned = useStore(timeline.pinnedAtMs, (atMs) => atMs !== null);
  useEscape(isPinned, () => timeline.pinnedAtMs.set(null));
  useEscape(isZoomed, timeline.resetZoom);
  return <ChartStack data={data} timeline={timeline} bands={bands} inventory={inventory} />;
}

/** Made and given back in an effect, so that leaving one worker ends its watch before the next one's begins. */
function useCharts(workerId: WorkerId): ChartParts | null {
  const [charts, setCharts] = useState<ChartParts | null>(null);
  useEffect(() => {
    const timeline = createTimeline();
    const data = createChartData(workerId, timeline);
    const bands = createTaskBands(workerId);
    setCharts({ data, timeline, bands });
    return () => {
      void data.dispose();
      bands.dispose();
    };
  }, [workerId]);
  return charts;
}

interface InventoryParts {
  readonly inventory: Inventory | null;
  readonly readAtMs: number | null;
  /** Why it could not be read, or not read again. */
  readonly failure: string | null;
  readonly refresh: () => void;
}

function useInventory(workerId: WorkerId): InventoryParts {
  const [inventory, setInventory] = useState<Inventory | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  // A new reading tells so in the worker itself, also one that finds nothing new.
  const readAtMs = useWorkerPart(workerId, (worker) => worker.inventoryAtMs);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `readAtMs` says when to ask again
  useEffect(() => {
    let isCurrent = true;
    void call('worker:inventory', workerId).then((answer) => {
      if (!isCurrent) return;
      if (answer.ok) setInventory(answer.value);
      setFailure(answer.ok ? null : answer.error.message);
    });
    return () => {
      isCurrent = false;
    };
  }, [workerId, readAtMs]);
  const refresh = () => {
    void call('worker:refresh-inventory', workerId).then((answer) => {
      setFailure(answer.ok ? null : answer.error.message);
    });
  };
  return { inventory, readAtMs, failure, refresh };
}
