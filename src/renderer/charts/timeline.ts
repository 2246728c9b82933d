/** The time all charts of a worker share: the window they show, the crosshair, the pinned moment. */
import { SECOND_MS } from '../../core/time.ts';
import { createStore, type Store } from '../state/store.ts';
import { rangeOf } from '../state/time-range.ts';
import { ui } from '../state/ui.ts';

export interface TimeSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface TimeWindow extends TimeSpan {
  /** Follows the clock; false while zoomed. */
  readonly isLive: boolean;
  /** Time that one pixel column of the plot stands for. */
  readonly bucketMs: number;
}

export interface Timeline {
  /** Chosen by drag or wheel; null shows the range of the top bar, live. */
  readonly zoom: Store<TimeSpan | null>;
  /** Width of the plots in CSS pixels; they are all equally wide. */
  readonly plotWidth: Store<number>;
  readonly hoveredAtMs: Store<number | null>;
  readonly pinnedAtMs: Store<number | null>;
  window(nowMs: number): TimeWindow;
  zoomTo(span: TimeSpan): void;
  /** Zooms by a factor (below 1: closer) and keeps the moment where it stands. */
  zoomAt(atMs: number, factor: number, nowMs: number): void;
  resetZoom(): void;
}

const SHORTEST_MS = 10 * SECOND_MS;
const LONGEST_MS = rangeOf('30d').durationMs;
const FIRST_WIDTH = 400;

export function createTimeline(): Timeline {
  const zoom = createStore<TimeSpan | null>(null);
  const plotWidth = createStore(FIRST_WIDTH);
  const timeline: Timeline = {
    zoom,
    plotWidth,
    hoveredAtMs: createStore<number | null>(null),
    pinnedAtMs: createStore<number | null>(null),
    window(nowMs) {
      const chosen = zoom.get();
      const durationMs = chosen === null ? rangeOf(ui.get().range).durationMs : chosen.toMs - chosen.fromMs;
      const bucketMs = durationMs / plotWidth.get();
      if (chosen !== null) return { ...chosen, isLive: false, bucketMs };
      // The live edge moves in whole pixels, so that a redraw shows something new.
      const toMs = Math.ceil(nowMs / bucketMs) * bucketMs;
      return { fromMs: toMs - durationMs, toMs, isLive: true, bucketMs };
    },
    zoomTo({ fromMs, toMs }) {
      const middleMs = (fromMs + toMs) / 2;
      const durationMs = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, toMs - fromMs));
      zoom.set({ fromMs: middleMs - durationMs / 2, toMs: middleMs + durationMs / 2 });
    },
    zoomAt(atMs, factor, nowMs) {
      const { fromMs, toMs } = timeline.window(nowMs);
      const durationMs = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, (toMs - fromMs) * factor));
      const share = (atMs - fromMs) / (toMs - fromMs);
      const from = atMs - share * durationMs;
      const live = rangeOf(ui.get().range).durationMs;
      // Zoomed out over the live range again: that is the live range.
      if (factor > 1 && durationMs >= live && from + durationMs >= nowMs) zoom.set(null);
      else zoom.set({ fromMs: from, toMs: Math.min(from + durationMs, nowMs) });
    },
    resetZoom: () => zoom.set(null),
  };
  return timeline;
}
