/** What ran where and when: a lane for each worker, the queue above them, and beside them why the chosen bar is where it is. */
import { useCallback, useEffect, useState } from 'react';
import { openNewTask } from '../new-task/new-task-state.ts';
import { useStore } from '../state/store.ts';
import { rangeOf } from '../state/time-range.ts';
import { ui } from '../state/ui.ts';
import { startLiveTasks } from '../tasks/live-tasks.ts';
import { useEscape } from '../ui/escape.ts';
import { EmptyState, ErrorState, LoadingState } from '../ui/view-state.tsx';
import { type AttemptStore, createAttemptStore } from './attempt-store.ts';
import { feedLanes } from './lane-feed.ts';
import { PlacementCard } from './placement-card.tsx';
import { createTimelineModel, type TimelineModel } from './timeline-model.ts';
import { TimelineStage } from './timeline-stage.tsx';
import { TimelineToolbar } from './timeline-toolbar.tsx';
import { rememberTypes } from './type-memory.ts';
import { liveViewport } from './viewport.ts';
import { useAnyTask, useWaiting, type Waiting } from './waiting.ts';
import '../charts/charts.css';
import '../fleet/fleet.css';
import '../tasks/tasks.css';
import './timeline.css';

interface Parts {
  readonly model: TimelineModel;
  readonly store: AttemptStore;
}

export function TimelineView() {
  useEffect(() => {
    const live = startLiveTasks();
    return () => void live.dispose();
  }, []);
  const parts = useParts();
  return parts === null ? <LoadingState what="the timeline" /> : <Timeline {...parts} />;
}

function Timeline({ model, store }: Parts) {
  const waiting = useWaiting();
  const selected = useStore(model.selected, (current) => current);
  useEffect(() => model.waiting.set(waiting.shown), [model, waiting.shown]);
  const close = useCallback(() => {
    const hasFocus = document.activeElement?.closest('.placement-card') != null;
    model.selected.set(null);
    if (hasFocus) document.querySelector<HTMLElement>('.timeline-plot')?.focus();
  }, [model]);
  useEscape(selected !== null, close);
  return (
    <div className="timeline">
      <section className="timeline-main" aria-label="Timeline">
        <TimelineBody model={model} store={store} waiting={waiting} />
      </section>
      {selected === null ? null : <PlacementCard key={selected.taskId} selected={selected} onClose={close} />}
    </div>
  );
}

function TimelineBody({ model, store, waiting }: Parts & { readonly waiting: Waiting }) {
  const status = useStore(store.state, (state) => state.status);
  const failure = useStore(store.state, (state) => (state.status === 'error' ? state.failure : null));
  const hasAny = useAnyTask();
  if (failure !== null) return <ErrorState what="The timeline" failure={failure} onRetry={store.reload} />;
  if (status === 'loading' || hasAny === null) return <LoadingState what="the timeline" />;
  if (!hasAny) return <NothingYet />;
  return (
    <>
      <TimelineToolbar model={model} store={store} />
      <TimelineStage model={model} store={store} waiting={waiting} />
    </>
  );
}

function NothingYet() {
  return (
    <EmptyState
      title="Nothing has run yet"
      action={
        <button type="button" className="button primary" aria-haspopup="dialog" onClick={() => openNewTask()}>
          New task
        </button>
      }
    >
      Each task becomes a bar in the lane of the worker it runs on. Drop a plan file here, press New task, or run{' '}
      <code>labwatch submit plan.json</code>.
    </EmptyState>
  );
}

/** Made and given back in an effect: what follows tasks ends with the view. */
function useParts(): Parts | null {
  const [parts, setParts] = useState<Parts | null>(null);
  useEffect(() => {
    const durationMs = () => rangeOf(ui.get().range).durationMs;
    const model = createTimelineModel(durationMs(), Date.now());
    const store = createAttemptStore({ workerId: null, now: Date.now });
    store.look(model.viewport.get());
    let { range } = ui.get();
    const stops = [
      feedLanes(store, model.lanes),
      rememberTypes(store),
      ui.subscribe(() => {
        if (ui.get().range === range) return;
        range = ui.get().range;
        model.viewport.set(liveViewport(durationMs(), Date.now()));
      }),
    ];
    setParts({ model, store });
    return () => {
      for (const stop of stops) stop();
      store.dispose();
    };
  }, []);
  return parts;
}
