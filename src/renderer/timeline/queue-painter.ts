/** Draws the queue's lane: what waits, since when, and for what. */
import type { TaskView } from '../../core/tasks/view.ts';
import { unturned } from '../ui/unturned.ts';
import { drawMark, FONT, fitting, MARK_SIZE, STRONG_FONT, textWidth } from './canvas-text.ts';
import { QUEUE_BAR_HEIGHT, queueRowTop, waitingReason } from './queue.ts';
import type { TimelineColours } from './timeline-colours.ts';
import type { Viewport } from './viewport.ts';

export interface QueueScene {
  readonly waiting: readonly TaskView[];
  readonly widthPixels: number;
  readonly topPixels: number;
  readonly view: Viewport;
  readonly nowMs: number;
  readonly hoveredTask: string | null;
  readonly selectedTask: string | null;
}

const PADDING = 7;
const SPACE = 6;
/** A bar that is narrower has its words beside it. */
const WORDS_INSIDE = 260;

export function drawQueue(context: CanvasRenderingContext2D, scene: QueueScene, colours: TimelineColours): void {
  context.textBaseline = 'middle';
  context.textAlign = 'left';
  for (const [row, task] of scene.waiting.entries()) {
    drawWaiting(context, scene, task, scene.topPixels + queueRowTop(row), colours);
  }
}

function drawWaiting(
  context: CanvasRenderingContext2D,
  { view, widthPixels, nowMs, hoveredTask, selectedTask }: QueueScene,
  task: TaskView,
  y: number,
  colours: TimelineColours,
): void {
  const perMs = widthPixels / (view.toMs - view.fromMs);
  const from = Math.max(-4, (task.submittedAtMs - view.fromMs) * perMs);
  const to = Math.min(widthPixels + 4, Math.max(from + 3, (nowMs - view.fromMs) * perMs));
  if (from > widthPixels || to < 0) return;
  const isParked = task.state === 'parked';
  const isSelected = task.taskId === selectedTask;
  context.strokeStyle = isSelected
    ? colours.focus
    : task.taskId === hoveredTask
      ? colours.text
      : isParked
        ? colours.warning
        : colours.muted;
  context.lineWidth = isSelected ? 2 : 1;
  context.setLineDash([4, 3]);
  context.beginPath();
  context.roundRect(from + 0.5, y + 0.5, Math.max(2, to - from - 1), QUEUE_BAR_HEIGHT - 1, 3);
  context.stroke();
  context.setLineDash([]);
  drawWords(
    context,
    task,
    { from: Math.max(0, from), to: Math.min(to, widthPixels), middle: y + QUEUE_BAR_HEIGHT / 2 },
    widthPixels,
    colours,
  );
}

interface Place {
  readonly from: number;
  readonly to: number;
  readonly middle: number;
}

/** Inside the bar, or where that is short, on the side that has more room. */
function drawWords(
  context: CanvasRenderingContext2D,
  task: TaskView,
  { from, to, middle }: Place,
  widthPixels: number,
  { text, muted, warning }: TimelineColours,
): void {
  const isParked = task.state === 'parked';
  const name = unturned(task.name);
  const reason = waitingReason(task);
  context.font = STRONG_FONT;
  const nameWidth = textWidth(context, name);
  context.font = FONT;
  const markRoom = isParked ? MARK_SIZE + SPACE : 0;
  const wanted = markRoom + nameWidth + SPACE + textWidth(context, reason);
  const isInside = to - from - 2 * PADDING >= Math.min(wanted, WORDS_INSIDE);
  const isLeft = !isInside && from >= widthPixels - to;
  const room = isInside ? to - from - 2 * PADDING : isLeft ? from - 2 * PADDING : widthPixels - to - 2 * PADDING;
  if (room < 24) return;
  let x = isInside ? from + PADDING : isLeft ? from - PADDING - Math.min(wanted, room) : to + PADDING;
  const right = x + room;
  if (isParked) {
    context.fillStyle = warning;
    drawMark(context, 'warning', x, middle);
    x += markRoom;
  }
  context.font = STRONG_FONT;
  context.fillStyle = text;
  const shown = fitting(context, name, right - x);
  context.fillText(shown, x, middle + 0.5);
  x += textWidth(context, shown) + SPACE;
  context.font = FONT;
  context.fillStyle = muted;
  if (right - x > 24) context.fillText(fitting(context, reason, right - x), x, middle + 0.5);
}
