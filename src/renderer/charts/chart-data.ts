/** The series of one worker for its charts: history as the window asks for it, then every tick while it is live. */
import type { WorkerId } from '../../core/fleet/worker.ts';
import { TICK_INTERVAL_MS } from '../../core/metrics/level.ts';
import type { Tick } from '../../core/metrics/sample.ts';
import type { SeriesKey } from '../../core/metrics/series.ts';
import type { Failure } from '../../core/result.ts';
import type { Disposable } from '../../core/time.ts';
import { call, on } from '../api.ts';
import { isWindowVisible, onVisibility, requestBeat } from '../state/beat.ts';
import { fleet, workerOf } from '../state/fleet.ts';
import { createStore, type Store } from '../state/store.ts';
import { ui } from '../state/ui.ts';
import { createSeriesColumns, type SeriesColumns } from './series-columns.ts';
import type { Timeline } from './timeline.ts';

export type ChartDataState =
  | { readonly status: 'loading' }
  | { readonly status: 'ready' }
  | { readonly status: 'error'; readonly failure: Failure };

export interface ChartData extends Disposable {
  readonly state: Store<ChartDataState>;
  /** Every series known so far, from the store and from ticks. */
  readonly keys: Store<readonly SeriesKey[]>;
  /** Counts up when columns were loaded anew; live samples are drawn on the beat. */
  readonly loads: Store<number>;
  columns(key: SeriesKey): SeriesColumns | undefined;
  /** The newest sample itself where ticks came since the window opened; null where the worker has gone on without one. */
  current(key: SeriesKey): number | null;
  /** Loads these series and keeps them current until the returned function is called. */
  want(keys: readonly SeriesKey[]): () => void;
  reload(): void;
}

/** Zooming with the wheel asks for history when it pauses, not at each notch. */
const SETTLE_MS = 120;
/** Three missing samples are a gap, as for a stale worker. */
const MISSING_SAMPLES = 3;
const KEPT_TICKS = 240;
/** Three readings of the slowest collector (30 s): a disk that was pulled, a network that is gone have no figure any more. */
const CURRENT_MS = 90_000;

export function createChartData(workerId: WorkerId, timeline: Timeline): ChartData {
  const state = createStore<ChartDataState>({ status: 'loading' });
  const keys = createStore<readonly SeriesKey[]>([]);
  const loads = createStore(0);
  const columns = new Map<SeriesKey, SeriesColumns>();
  const wanted = new Map<SeriesKey, number>();
  /** Series whose columns belong to the present window. */
  let loaded = new Set<SeriesKey>();
  const newest = new Map<SeriesKey, { readonly atMs: number; readonly value: number }>();
  let recent: Tick[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let request = 0;

  const addKeys = (more: readonly SeriesKey[]) => {
    const known = new Set(keys.get());
    const added = more.filter((key) => !known.has(key));
    if (added.length > 0) keys.set([...keys.get(), ...added]);
  };

  const loadKeys = async () => {
    const [stored] = await Promise.all([call('worker:series', workerId), call('worker:watch', workerId)]);
    if (stored.ok) {
      addKeys(stored.value.map(({ seriesKey }) => seriesKey));
      if (state.get().status === 'loading' && wanted.size === 0) state.set({ status: 'ready' });
    } else state.set({ status: 'error', failure: stored.error });
  };

  const load = async () => {
    clearTimeout(timer);
    const missing = [...wanted.keys()].filter((key) => !loaded.has(key));
    if (missing.length === 0 || !isWindowVisible()) return;
    for (const key of missing) loaded.add(key);
    const mine = request;
    const window = timeline.window(Date.now());
    // Samples up to the newest known one are in the store; later ones come as ticks. So none is counted twice or lost.
    const newestMs = recent.at(-1)?.atMs ?? workerOf(fleet.get(), workerId)?.lastSampleAtMs ?? Date.now();
    const toMs = window.isLive ? newestMs + 1 : window.toMs;
    const answer = await call('worker:history', {
      workerId,
      seriesKeys: missing,
      fromMs: Math.floor(window.fromMs),
      toMs: Math.ceil(Math.max(toMs, window.fromMs + 1)),
      maxPoints: Math.min(5_000, Math.max(1, Math.round(timeline.plotWidth.get()))),
    });
    if (mine !== request) return;
    if (!answer.ok) {
      for (const key of missing) loaded.delete(key);
      state.set({ status: 'error', failure: answer.error });
      return;
    }
    const histories = new Map(answer.value.series.map((series) => [series.seriesKey, series]));
    for (const key of missing) {
      const column = columns.get(key) ?? createSeriesColumns();
      column.load(histories.get(key), window.bucketMs);
      columns.set(key, column);
    }
    if (window.isLive) for (const tick of recent) if (tick.atMs >= toMs) appendTick(tick, new Set(missing));
    state.set({ status: 'ready' });
    loads.set(loads.get() + 1);
  };

  const appendTick = (tick: Tick, only?: ReadonlySet<SeriesKey>) => {
    const level = workerOf(fleet.get(), workerId)?.level ?? 'standard';
    const sampleGapMs = MISSING_SAMPLES * TICK_INTERVAL_MS[level];
    tick.seriesKeys.forEach((key, index) => {
      if (only !== undefined && !only.has(key)) return;
      const value = tick.values[index];
      if (value !== undefined && loaded.has(key)) columns.get(key)?.append(tick.atMs, value, sampleGapMs);
    });
  };

  const receive = (ticks: readonly Tick[]) => {
    if (!isWindowVisible()) return;
    const isLive = timeline.zoom.get() === null;
    for (const tick of ticks) {
      addKeys(tick.seriesKeys);
      recent.push(tick);
      tick.seriesKeys.forEach((key, index) => {
        newest.set(key, { atMs: tick.atMs, value: tick.values[index] ?? Number.NaN });
      });
      if (isLive) appendTick(tick);
    }
    if (recent.length > KEPT_TICKS) recent = recent.slice(-KEPT_TICKS / 2);
    if (isLive) {
      const { fromMs } = timeline.window(Date.now());
      for (const column of columns.values()) column.trim(fromMs);
    }
    requestBeat();
  };

  const newestOf = (key: SeriesKey) => {
    const column = columns.get(key);
    const last = (column?.length ?? 0) - 1;
    if (newest.has(key) || column === undefined || last < 0) return newest.get(key);
    // A bucket is named by its beginning.
    const { bucketMs } = timeline.window(Date.now());
    return { atMs: (column.atMs[last] ?? 0) + bucketMs, value: column.mean[last] ?? Number.NaN };
  };

  const startAgain = (delayMs: number) => {
    request += 1;
    loaded = new Set();
    clearTimeout(timer);
    timer = setTimeout(() => void load(), delayMs);
  };

  let { range } = ui.get();
  let level = workerOf(fleet.get(), workerId)?.level;
  let spooledBytes = spooledOf(workerId);
  const stops = [
    on('worker:ticks', (message) => {
      if (message.workerId === workerId) receive(message.ticks);
    }),
    timeline.zoom.subscribe(() => startAgain(SETTLE_MS)),
    timeline.plotWidth.subscribe(() => startAgain(SETTLE_MS)),
    ui.subscribe(() => {
      if (ui.get().range === range) return;
      range = ui.get().range;
      timeline.resetZoom();
      startAgain(0);
    }),
    fleet.subscribe(() => {
      const nextLevel = workerOf(fleet.get(), workerId)?.level;
      const nextSpooled = spooledOf(workerId);
      // What a worker kept while it was away comes into the store without a tick: the gap closes by asking again.
      const hasCaughtUp = spooledBytes > 0 && nextSpooled === 0;
      spooledBytes = nextSpooled;
      if (nextLevel === level && !hasCaughtUp) return;
      level = nextLevel;
      startAgain(SETTLE_MS);
    }),
    onVisibility((isVisible) => {
      if (!isVisible) {
        recent = [];
        newest.clear();
        void call('worker:watch', null);
        return;
      }
      void loadKeys();
      startAgain(0);
    }),
  ];
  void loadKeys();

  return {
    state,
    keys,
    loads,
    columns: (key) => columns.get(key),
    current(key) {
      const found = newestOf(key);
      const workerMs = recent.at(-1)?.atMs ?? workerOf(fleet.get(), workerId)?.lastSampleAtMs ?? 0;
      return found === undefined || workerMs - found.atMs > CURRENT_MS ? null : found.value;
    },
    want(more) {
      for (const key of more) wanted.set(key, (wanted.get(key) ?? 0) + 1);
      clearTimeout(timer);
      timer = setTimeout(() => void load(), 0);
      return () => {
        for (const key of more) {
          const count = (wanted.get(key) ?? 1) - 1;
          if (count > 0) wanted.set(key, count);
          else {
            wanted.delete(key);
            loaded.delete(key);
            columns.delete(key);
          }
        }
      };
    },
    reload() {
      state.set({ status: 'loading' });
      void loadKeys();
      startAgain(0);
    },
    dispose() {
      request += 1;
      clearTimeout(timer);
      for (const stop of stops) stop();
      void call('worker:watch', null);
    },
  };
}

function spooledOf(workerId: WorkerId): number {
  return workerOf(fleet.get(), workerId)?.remote?.spooledBytes ?? 0;
}
