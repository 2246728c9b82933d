/** The frame of one chart: title, figures or legend, plot. What moves inside is painted by its chart view. */
import { memo, useEffect, useId, useLayoutEffect, useRef, useState } from 'react';
import type { SeriesKey } from '../../core/metrics/series.ts';
import type { ChartData } from './chart-data.ts';
import type { ChartDefinition } from './chart-groups.ts';
import { AXIS_WIDTH, RIGHT_ROOM } from './chart-instance.ts';
import { alsoWordsFor, type ChartView, createChartView } from './chart-view.ts';
import type { TaskBands } from './task-bands.ts';
import type { Timeline } from './timeline.ts';

interface Props {
  readonly definition: ChartDefinition;
  readonly data: ChartData;
  readonly timeline: Timeline;
  /** Which task ran when. */
  readonly bands: TaskBands;
  readonly memoryBytes: number | null;
  readonly logicalCores: number | null;
}

export const TimeChart = memo(function TimeChart(props: Props) {
  const { definition, data, timeline, bands, memoryBytes, logicalCores } = props;
  const root = useRef<HTMLElement>(null);
  const view = useRef<ChartView>(null);
  const hidden = useRef<ReadonlySet<SeriesKey>>(new Set());
  const [, renderLegend] = useState(0);
  const id = useId();
  const { title, metric, series } = definition;
  const isSingle = series.length === 1;

  useLayoutEffect(() => {
    const element = root.current;
    if (element === null) return;
    const made = createChartView({
      root: element,
      definition,
      data,
      timeline,
      bands,
      isHidden: (key) => hidden.current.has(key),
      alsoWords: alsoWordsFor(metric, { memoryBytes, logicalCores }),
    });
    view.current = made;
    return () => void made.dispose();
  }, [definition, data, timeline, bands, metric, memoryBytes, logicalCores]);
  useEffect(() => data.want(series.map(({ key }) => key)), [data, series]);
  usePlotWidth(root, timeline);

  const toggle = (key: SeriesKey) => {
    const next = new Set(hidden.current);
    if (!next.delete(key)) next.add(key);
    hidden.current = next;
    renderLegend((count) => count + 1);
    view.current?.invalidate();
  };

  return (
    <section ref={root} className="chart" aria-labelledby={`${id}-title`} data-chart={definition.id.trim()}>
      <header className="chart-head" data-many={series.length > 3}>
        <h3 id={`${id}-title`}>{title}</h3>
        {isSingle ? (
          <p className="chart-figure">
            <strong data-value={0} />
            <span data-part="also" />
          </p>
        ) : (
          <ul className="legend" aria-label={`Series of ${title}`}>
            {series.map(({ key, label, colour }, index) => (
              <li key={key}>
                <button
                  type="button"
                  aria-pressed={!hidden.current.has(key)}
                  title={`${hidden.current.has(key) ? 'Show' : 'Hide'} ${label}`}
                  onClick={() => toggle(key)}
                >
                  <span className={`legend-line series-${colour + 1}`} />
                  <span className="legend-label">{label}</span>
                  <strong data-value={index} />
                </button>
              </li>
            ))}
          </ul>
        )}
      </header>
      {/* biome-ignore lint/a11y/useSemanticElements: a chart is a widget that HTML has no element for */}
      <div
        data-part="plot"
        className="plot"
        role="group"
        aria-roledescription="chart"
        aria-labelledby={`${id}-title`}
        aria-describedby={`${id}-summary`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys move its crosshair
        tabIndex={0}
      >
        <canvas />
        <div data-part="selection" className="plot-selection" hidden />
        <div data-part="pinned" className="plot-line plot-pinned" hidden />
        <div data-part="crosshair" className="plot-line" hidden>
          <span data-part="flag" className="plot-flag" />
        </div>
      </div>
      <p id={`${id}-summary`} className="visually-hidden" data-part="summary" />
    </section>
  );
});

/** Tells the timeline how wide a plot is: its time is cut into that many buckets. */
function usePlotWidth(root: React.RefObject<HTMLElement | null>, timeline: Timeline): void {
  useLayoutEffect(() => {
    const plot = root.current?.querySelector('.plot');
    if (plot === null || plot === undefined) return;
    const observer = new ResizeObserver(([entry]) => {
      const width = Math.round((entry?.contentRect.width ?? 0) - AXIS_WIDTH - RIGHT_ROOM);
      if (width > 50) timeline.plotWidth.set(width);
    });
    observer.observe(plot);
    return () => observer.disconnect();
  }, [root, timeline]);
}
