/** All charts of a worker, in groups made from the series it has. */
import { ChevronDown, ChevronRight, ZoomOut } from 'lucide-react';
import { useMemo } from 'react';
import type { Inventory } from '../../core/fleet/inventory.ts';
import type { ChartData } from '../charts/chart-data.ts';
import { type ChartGroup, chartGroups } from '../charts/chart-groups.ts';
import type { TaskBands } from '../charts/task-bands.ts';
import { TimeChart } from '../charts/time-chart.tsx';
import type { Timeline } from '../charts/timeline.ts';
import { useStore } from '../state/store.ts';
import { changeUi, ui } from '../state/ui.ts';
import { momentWithZone, momentWords } from '../ui/time-words.ts';
import { EmptyState, ErrorState, LoadingState } from '../ui/view-state.tsx';

interface Props {
  readonly data: ChartData;
  readonly timeline: Timeline;
  readonly bands: TaskBands;
  readonly inventory: Inventory | null;
}

export function ChartStack({ data, timeline, bands, inventory }: Props) {
  const state = useStore(data.state, (current) => current);
  const keys = useStore(data.keys, (current) => current);
  const turned = useStore(ui, (current) => current.turnedGroups);
  const groups = useMemo(() => chartGroups(keys), [keys]);
  if (state.status === 'error') {
    return <ErrorState what="The history" failure={state.failure} onRetry={data.reload} />;
  }
  if (groups.length === 0) {
    return state.status === 'loading' ? (
      <LoadingState what="the history" />
    ) : (
      <EmptyState title="No history yet">
        Charts grow from the first sample on. The first one comes within a few seconds.
      </EmptyState>
    );
  }
  const isOpen = (group: ChartGroup) => group.isOpenAtFirst !== turned.includes(group.id);
  const shared = { data, timeline, bands };
  const sizes = { memoryBytes: inventory?.memoryBytes ?? null, logicalCores: inventory?.cpu.logicalCores ?? null };
  const turn = (id: string) =>
    changeUi({ turnedGroups: turned.includes(id) ? turned.filter((one) => one !== id) : [...turned, id] });
  return (
    <section className="chart-stack" aria-label="Charts">
      <ZoomBar timeline={timeline} />
      <div className="charts">
        {groups
          .filter((group) => group.isOpenAtFirst)
          .flatMap((group) => group.charts)
          .map((definition) => (
            <TimeChart key={definition.id} definition={definition} {...shared} {...sizes} />
          ))}
      </div>
      {groups
        .filter((group) => !group.isOpenAtFirst)
        .map((group) => (
          <section key={group.id} className="chart-group">
            <button type="button" className="fold" aria-expanded={isOpen(group)} onClick={() => turn(group.id)}>
              {isOpen(group) ? (
                <ChevronDown size={14} aria-hidden="true" />
              ) : (
                <ChevronRight size={14} aria-hidden="true" />
              )}
              {group.title}
              <span className="muted">{countOf(group)}</span>
            </button>
            {isOpen(group) ? (
              <div className="charts">
                {group.charts.map((definition) => (
                  <TimeChart key={definition.id} definition={definition} {...shared} {...sizes} />
                ))}
              </div>
            ) : null}
          </section>
        ))}
    </section>
  );
}

function countOf(group: ChartGroup): string {
  const series = group.charts.reduce((sum, chart) => sum + chart.series.length, 0);
  return series === 1 ? '' : String(series);
}

function ZoomBar({ timeline }: { readonly timeline: Timeline }) {
  const zoom = useStore(timeline.zoom, (current) => current);
  if (zoom === null) return null;
  const nowMs = Date.now();
  return (
    <p className="zoom-bar" role="status">
      <span title={`${momentWithZone(zoom.fromMs)} to ${momentWithZone(zoom.toMs)}`}>
        Zoomed: {momentWords(zoom.fromMs, nowMs)} to {momentWords(zoom.toMs, nowMs)}
      </span>
      <button type="button" className="button small" onClick={timeline.resetZoom}>
        <ZoomOut size={12} aria-hidden="true" /> Back to live
      </button>
    </p>
  );
}
