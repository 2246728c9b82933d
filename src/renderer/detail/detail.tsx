/** Everything about one worker, beside the grid. Loaded when first opened: the charts are most of the window's code. */
import { useEffect, useState } from 'react';
import { createPortal } from 'react-dom';
import type { Inventory } from '../../core/fleet/inventory.ts';
import type { WorkerId } from '../../core/fleet/worker.ts';
import { formatDuration } from '../../core/metrics/format.ts';
import { SECOND_MS } from '../../core/time.ts';
import { call } from '../api.ts';
import { type ChartData, createChartData } from '../charts/chart-data.ts';
import { createTimeline, type Timeline } from '../charts/timeline.ts';
import { onBeat } from '../state/beat.ts';
import { fleet, useWorkerPart, workerOf } from '../state/fleet.ts';
import { useStore } from '../state/store.ts';
import { useEscape } from '../ui/escape.ts';
import { momentWithZone } from '../ui/time-words.ts';
import { LoadingState } from '../ui/view-state.tsx';
import { ChartStack } from './chart-stack.tsx';
import { CollectorsSection } from './collectors-section.tsx';
import { DetailHeader } from './detail-header.tsx';
import { EventsSection } from './events-section.tsx';
import { InventorySection } from './inventory-section.tsx';
import { LevelSwitch } from './level-switch.tsx';
import { ProcessTable } from './process-table.tsx';
import '../charts/charts.css';
import './detail.css';
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
  const { inventory, refresh } = useInventory(workerId);
  const side = (
    <div className="detail-side">
      {charts === null ? null : <ProcessTable workerId={workerId} timeline={charts.timeline} />}
      <CollectorsSection workerId={workerId} />
      <InventorySection inventory={inventory} onRefresh={refresh} />
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
            <StaleNote workerId={workerId} />
            <LevelSwitch workerId={workerId} />
            {charts === null ? <LoadingState what="the history" /> : <Charts {...charts} inventory={inventory} />}
          </div>
          {sideSlot === null ? side : createPortal(side, sideSlot)}
        </div>
      </section>
    </aside>
  );
}

interface ChartParts {
  readonly data: ChartData;
  readonly timeline: Timeline;
}

function Charts({ data, timeline, inventory }: ChartParts & { readonly inventory: Inventory | null }) {
  const isZoomed = useStore(timeline.zoom, (zoom) => zoom !== null);
  const isPinned = useStore(timeline.pinnedAtMs, (atMs) => atMs !== null);
  useEscape(isPinned, () => timeline.pinnedAtMs.set(null));
  useEscape(isZoomed, timeline.resetZoom);
  return <ChartStack data={data} timeline={timeline} inventory={inventory} />;
}

/** Made and given back in an effect, so that leaving one worker ends its watch before the next one's begins. */
function useCharts(workerId: WorkerId): ChartParts | null {
  const [charts, setCharts] = useState<ChartParts | null>(null);
  useEffect(() => {
    const timeline = createTimeline();
    const data = createChartData(workerId, timeline);
    setCharts({ data, timeline });
    return () => void data.dispose();
  }, [workerId]);
  return charts;
}

function useInventory(workerId: WorkerId): { readonly inventory: Inventory | null; readonly refresh: () => void } {
  const [inventory, setInventory] = useState<Inventory | null>(null);
  const [asked, setAsked] = useState(0);
  // The headline comes from the inventory: when it changes, there is a new one.
  const headline = useWorkerPart(workerId, (worker) => worker.headline);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `headline` and `asked` say when to read again
  useEffect(() => {
    let isCurrent = true;
    void call('worker:inventory', workerId).then((answer) => {
      if (isCurrent && answer.ok) setInventory(answer.value);
    });
    return () => {
      isCurrent = false;
    };
  }, [workerId, headline, asked]);
  const refresh = () => {
    void call('worker:refresh-inventory', workerId).then(() => {
      setAsked((count) => count + 1);
      // Reading takes a few seconds of small programs; the worker's next patches do not say when it is done.
      setTimeout(() => setAsked((count) => count + 1), INVENTORY_TAKES_MS);
    });
  };
  return { inventory, refresh };
}

const INVENTORY_TAKES_MS = 4 * SECOND_MS;

/** A worker that does not report says how long, and what its charts still show. */
function StaleNote({ workerId }: { readonly workerId: WorkerId }) {
  const link = useWorkerPart(workerId, (worker) => worker.link);
  const [ageMs, setAgeMs] = useState(0);
  useEffect(() => {
    const measure = (nowMs: number) => {
      const worker = workerOf(fleet.get(), workerId);
      if (worker === undefined || worker.link === 'online') return;
      setAgeMs(Math.floor((nowMs - (worker.lastSampleAtMs ?? nowMs)) / SECOND_MS) * SECOND_MS);
    };
    measure(Date.now());
    return onBeat(measure);
  }, [workerId]);
  const lastAtMs = useWorkerPart(workerId, (worker) => (worker.link === 'online' ? null : worker.lastSampleAtMs));
  if (link === null || link === 'online') return null;
  return (
    <p className="stale-note" role="status">
      {lastAtMs === null
        ? 'This worker has sent nothing yet.'
        : `Last sample ${formatDuration(ageMs)} ago, ${momentWithZone(lastAtMs)}.`}{' '}
      The charts end there; they go on by themselves when the worker reports again.
    </p>
  );
}
