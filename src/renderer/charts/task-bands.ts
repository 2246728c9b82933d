/** The tasks of one worker behind its curves: followed while its page is open, drawn by each chart. */
import type { ChartArea } from 'chart.js';
import type { WorkerId } from '../../core/fleet/worker.ts';
import type { AttemptView } from '../../core/tasks/view.ts';
import type { Disposable } from '../../core/time.ts';
import { createStore, type Store } from '../state/store.ts';
import { startLiveTasks } from '../tasks/live-tasks.ts';
import { createAttemptStore } from '../timeline/attempt-store.ts';
import type { BarRow } from '../timeline/bar-rows.ts';
import { type Piece, piecesOf } from '../timeline/pieces.ts';
import { type BarColours, timelineColours } from '../timeline/timeline-colours.ts';
import { colourOfType, rememberTypes } from '../timeline/type-memory.ts';
import { bandRows, namesAt } from './band-rows.ts';
import type { TimeSpan } from './timeline.ts';

export interface TaskBands extends Disposable {
  /** Counts up when there is something else to draw. */
  readonly changes: Store<number>;
  look(span: TimeSpan): void;
  draw(context: CanvasRenderingContext2D, area: ChartArea, span: TimeSpan): void;
  /** Names of what ran at that moment; empty where nothing did. */
  namesAt(atMs: number, pixelMs: number): string;
  dispose(): void;
}

const HEIGHT = 4;
const PITCH = 5;
const OPACITY = 0.8;
const NOTHING: readonly AttemptView[] = [];

export function createTaskBands(workerId: WorkerId): TaskBands {
  const live = startLiveTasks();
  const store = createAttemptStore({ workerId, now: Date.now });
  const changes = createStore(0);
  let attempts = NOTHING;
  let rows: readonly BarRow[] = [];
  const stops = [
    rememberTypes(store),
    store.state.subscribe(() => {
      const now = store.state.get();
      const next = now.status === 'ready' ? (now.byWorker.get(workerId) ?? NOTHING) : NOTHING;
      if (next === attempts) return;
      attempts = next;
      rows = bandRows(attempts);
      changes.set(changes.get() + 1);
    }),
  ];
  return {
    changes,
    look: store.look,
    draw(context, area, span) {
      const nowMs = Date.now();
      const width = area.right - area.left;
      context.save();
      context.beginPath();
      context.rect(area.left, area.top, width, area.bottom - area.top);
      context.clip();
      // The curves come first.
      context.globalAlpha = OPACITY;
      rows.forEach((row, index) => {
        const y = area.bottom - (rows.length - index) * PITCH;
        for (const piece of piecesOf(row, span, width, nowMs)) {
          const { fill, edge } = bandColours(piece);
          context.fillStyle = edge ?? fill;
          context.fillRect(area.left + piece.x, y, piece.width, HEIGHT);
        }
      });
      context.restore();
    },
    namesAt: (atMs, pixelMs) => namesAt(rows, atMs, pixelMs, Date.now()),
    dispose() {
      for (const stop of stops) stop();
      store.dispose();
      void live.dispose();
    },
  };
}

function bandColours({ bar, isUniform, badCount }: Piece): BarColours {
  const colours = timelineColours();
  if (badCount > 0) return colours.looks[bar.look === 'lost' ? 'lost' : 'failed'];
  if (!isUniform) return colours.mixed;
  return bar.look === 'done'
    ? (colours.done[colourOfType(bar.attempt.type)] ?? colours.mixed)
    : colours.looks[bar.look];
}
