/** The canvas with lanes, what lies over it, and the names of the lanes beside it. */
import { useCallback, useEffect, useLayoutEffect, useRef } from 'react';
import { formatCount } from '../../core/metrics/format.ts';
import { useStore } from '../state/store.ts';
import { changeTaskFilter, EVERY_TASK, openTask } from '../state/task-place.ts';
import { changeUi } from '../state/ui.ts';
import type { AttemptStore } from './attempt-store.ts';
import { type BarProxy, createBarProxy } from './bar-proxy.ts';
import { LaneLabels, laneName } from './lane-labels.tsx';
import { NothingHere } from './nothing-here.tsx';
import { queueHeight } from './queue.ts';
import { startScene } from './scene.ts';
import { moveTime } from './scene-keys.ts';
import { attachScenePointer } from './scene-pointer.ts';
import { TimelineList } from './timeline-list.tsx';
import { AXIS_HEIGHT, contentHeight, type TimelineModel } from './timeline-model.ts';
import { TimelineTip } from './timeline-tip.tsx';
import { colourOfType } from './type-memory.ts';
import type { Waiting } from './waiting.ts';

interface Props {
  readonly model: TimelineModel;
  readonly store: AttemptStore;
  readonly waiting: Waiting;
}

export function TimelineStage({ model, store, waiting }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const plot = useRef<HTMLDivElement>(null);
  const proxy = useRef<BarProxy | null>(null);
  useScene(model, store, { scroller, plot, proxy });
  const lanes = useStore(model.lanes, (current) => current);
  const height = contentHeight(lanes, waiting.shown);
  const nameOf = useCallback((workerId: Parameters<typeof laneName>[1]) => laneName(store, workerId), [store]);

  const onPlotKey = (event: React.KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== plot.current) return;
    if (moveTime(model, event.key)) event.preventDefault();
    else if (event.key === 'Enter') proxy.current?.focus();
    else return;
    event.preventDefault();
  };

  return (
    <div
      ref={scroller}
      className="timeline-scroll"
      onScroll={(event) => model.scrolledPixels.set(event.currentTarget.scrollTop)}
    >
      <div className="timeline-space" style={{ minHeight: height }}>
        <div className="timeline-frame">
          {/* biome-ignore lint/a11y/useSemanticElements: a plot is a widget that HTML has no element for */}
          <div
            ref={plot}
            className="timeline-plot"
            role="group"
            aria-roledescription="timeline"
            aria-label="Attempts over time. Arrow keys pan and zoom, Enter goes to the bars."
            aria-describedby="timeline-summary"
            // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys move its time
            tabIndex={0}
            onKeyDown={onPlotKey}
          >
            <canvas />
            <div className="now-line" data-part="now">
              <span>now</span>
            </div>
            <button type="button" className="bar-proxy" data-part="proxy" hidden />
            <p className="visually-hidden" data-part="said" aria-live="polite" />
            <NothingHere model={model} store={store} />
            <TimelineTip model={model} nameOf={nameOf} />
          </div>
          {/* Behind the plot for keys: of two hundred names nobody wants to pass all. */}
          <div className="timeline-labels">
            <div className="lane-corner" style={{ height: AXIS_HEIGHT }} />
            <QueueLabel waiting={waiting} />
            <div className="lane-label-window">
              <LaneLabels store={store} lanes={lanes} />
            </div>
          </div>
        </div>
      </div>
      <TimelineList model={model} nameOf={nameOf} waiting={waiting.shown} />
    </div>
  );
}

interface Elements {
  readonly scroller: React.RefObject<HTMLDivElement | null>;
  readonly plot: React.RefObject<HTMLDivElement | null>;
  readonly proxy: React.RefObject<BarProxy | null>;
}

function useScene(model: TimelineModel, store: AttemptStore, { scroller, plot, proxy }: Elements): void {
  useLayoutEffect(() => {
    const [scrollElement, plotElement] = [scroller.current, plot.current];
    const labels = scrollElement?.querySelector<HTMLElement>('.lane-labels');
    const canvas = plotElement?.querySelector('canvas');
    const nowLine = plotElement?.querySelector<HTMLElement>('[data-part="now"]');
    const button = plotElement?.querySelector<HTMLButtonElement>('[data-part="proxy"]');
    const said = plotElement?.querySelector<HTMLElement>('[data-part="said"]');
    if (!scrollElement || !plotElement || !labels || !canvas || !nowLine || !button || !said) return;
    const made = createBarProxy(model, { button, said, plot: plotElement, scroller: scrollElement }, (id) =>
      laneName(store, id),
    );
    proxy.current = made;
    const stopPointer = attachScenePointer(model, { plot: plotElement, scroller: scrollElement });
    const stopScene = startScene(model, {
      ...{ plot: plotElement, canvas, nowLine, labels, colourOf: colourOfType },
      onDrawn: (view, nowMs) => {
        store.look(view);
        made.place(view, nowMs);
      },
    });
    return () => {
      stopPointer();
      stopScene();
      made.dispose();
    };
  }, [model, store, scroller, plot, proxy]);
  // The card beside the lanes takes their width: what was chosen stays in sight.
  useEffect(() => model.selected.subscribe(() => proxy.current?.showSelected()), [model, proxy]);
}

function QueueLabel({ waiting: { shown, count, isMore } }: { readonly waiting: Waiting }) {
  const words = count === 0 ? 'nothing waits' : `${formatCount(count)}${isMore ? ' and more' : ''} waiting`;
  const show = () => {
    changeTaskFilter({ ...EVERY_TASK, group: 'waiting' });
    openTask(null);
    changeUi({ view: 'tasks' });
  };
  return (
    <div className="lane-label queue-label" style={{ height: queueHeight(shown.length) }}>
      <strong>Queue</strong>
      {count === 0 ? (
        <span>{words}</span>
      ) : (
        <button type="button" className="lane-state-link" title="Show the tasks that wait" onClick={show}>
          {words}
        </button>
      )}
    </div>
  );
}
