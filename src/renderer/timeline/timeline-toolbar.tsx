/** Above the lanes: what is in sight, what the colours mean, and the ways back to now and to everything. */
import { Maximize2, Radio } from 'lucide-react';
import { useEffect } from 'react';
import { formatCount } from '../../core/metrics/format.ts';
import { MOST_ATTEMPTS } from '../../core/tasks/view.ts';
import { isPlainKey } from '../frame/key-target.ts';
import { useStore } from '../state/store.ts';
import { rangeOf } from '../state/time-range.ts';
import { ui } from '../state/ui.ts';
import { progressOf, useRuns } from '../tasks/runs.ts';
import { unturned } from '../ui/unturned.ts';
import type { AttemptStore } from './attempt-store.ts';
import { fitInSight } from './fit.ts';
import { useInSight } from './in-sight.ts';
import type { TimelineModel } from './timeline-model.ts';
import { barsInSight, inSightWords } from './timeline-words.ts';
import { colourOfType } from './type-memory.ts';
import { fitted, liveViewport } from './viewport.ts';

interface Props {
  readonly model: TimelineModel;
  readonly store: AttemptStore;
}

const MOST_TYPES = 6;

export function TimelineToolbar({ model, store }: Props) {
  const isFollowing = useStore(model.viewport, ({ nowShare }) => nowShare !== null);
  const { counts } = useInSight(model);
  const goToNow = () => model.viewport.set(liveViewport(rangeOf(ui.get().range).durationMs, Date.now()));
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!isPlainKey(event)) return;
      if (event.key === 'f') fitInSight(model);
      else if (event.key === '0') model.viewport.set(liveViewport(rangeOf(ui.get().range).durationMs, Date.now()));
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [model]);
  return (
    <div className="timeline-toolbar">
      <RunLine model={model} />
      <p className="timeline-counts">{counts === null ? '' : inSightWords(counts)}</p>
      <CutNote model={model} store={store} />
      <span className="toolbar-gap" />
      <Legend model={model} />
      <button
        type="button"
        className="button small"
        title="Fit the bars in sight, or what ran last (f)"
        onClick={() => fitInSight(model)}
      >
        <Maximize2 size={12} aria-hidden="true" /> Fit
      </button>
      <button
        type="button"
        className="button small"
        aria-pressed={isFollowing}
        title={isFollowing ? 'The view moves with now' : 'Back to now, and move with it (0)'}
        onClick={goToNow}
      >
        <Radio size={12} aria-hidden="true" /> {isFollowing ? 'Live' : 'Back to now'}
      </button>
    </div>
  );
}

/** How far the newest run is that is not over; a click fits it. */
function RunLine({ model }: Pick<Props, 'model'>) {
  const runs = useRuns();
  const open = runs.filter(({ endedAtMs }) => endedAtMs === null);
  const [newest] = open;
  if (newest === undefined) return null;
  const { all, over } = progressOf(newest.counts);
  const name = unturned(newest.name);
  const fit = () => {
    const nowMs = Date.now();
    model.viewport.set(fitted({ fromMs: newest.submittedAtMs, toMs: nowMs }, nowMs));
  };
  return (
    <p className="run-line">
      run
      <button type="button" title={`Show all of ${name} so far`} onClick={fit}>
        {name}
      </button>
      <span>
        {formatCount(over)} of {formatCount(all)} done{othersWords(open.length - 1)}
      </span>
    </p>
  );
}

function othersWords(count: number): string {
  return count === 0 ? '' : `, ${formatCount(count)} more ${count === 1 ? 'run' : 'runs'}`;
}

/** More ran than is asked for at once. */
function CutNote({ model, store }: Props) {
  const cutBeforeMs = useStore(store.state, (state) => (state.status === 'ready' ? state.cutBeforeMs : null));
  const isInSight = useStore(model.viewport, ({ fromMs }) => cutBeforeMs !== null && fromMs < cutBeforeMs);
  if (!isInSight) return null;
  return (
    <p className="words-warning" role="status">
      The newest {formatCount(MOST_ATTEMPTS)} are shown. Zoom in to see older ones.
    </p>
  );
}

function Legend({ model }: Pick<Props, 'model'>) {
  const { turn } = useInSight(model);
  const types = turn === 0 ? [] : typesInSight(model);
  if (types.length === 0) return null;
  return (
    <ul className="timeline-legend" aria-label="Colours of types">
      {types.map((type) => (
        <li key={type}>
          <span className={`legend-swatch series-${colourOfType(type) + 1}`} />
          <span className="legend-type">{unturned(type)}</span>
        </li>
      ))}
    </ul>
  );
}

/** Those with most bars. */
function typesInSight(model: TimelineModel): readonly string[] {
  const counts = new Map<string, number>();
  const view = model.viewport.get();
  for (const { rows } of model.lanes.get()) {
    for (const row of rows) {
      for (const { attempt } of barsInSight(row, view)) {
        if (attempt.type !== null) counts.set(attempt.type, (counts.get(attempt.type) ?? 0) + 1);
      }
    }
  }
  const most = [...counts].sort((one, other) => other[1] - one[1]).slice(0, MOST_TYPES);
  return most.map(([type]) => type).sort();
}
