/** Draws the bars of the lanes in sight: all that look alike in one path, then their edges, marks and names. */
import type { AttemptId } from '../../core/tasks/task.ts';
import { unturned } from '../ui/unturned.ts';
import type { Bar, BarLook } from './bars.ts';
import { type CanvasMark, drawMark, FONT, fitting, MARK_SIZE, textWidth } from './canvas-text.ts';
import { type Lane, lanesInSight, rowTop } from './lanes.ts';
import { type Piece, piecesOf } from './pieces.ts';
import type { BarColours, TimelineColours } from './timeline-colours.ts';
import { barDuration } from './timeline-words.ts';
import type { Span } from './viewport.ts';

export interface LaneScene {
  readonly lanes: readonly Lane[];
  /** Of the plot, CSS pixels. */
  readonly widthPixels: number;
  /** Where lanes begin and end on the canvas. */
  readonly topPixels: number;
  readonly bottomPixels: number;
  /** How far the lanes are scrolled. */
  readonly scrolledPixels: number;
  readonly view: Span;
  readonly nowMs: number;
  readonly colourOf: (type: string | null) => number;
  readonly hovered: AttemptId | null;
  readonly selected: AttemptId | null;
}

interface Drawn {
  readonly piece: Piece;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const RADIUS = 3;
const ROUNDED_FROM = 8;
/** Names stand in rows at least as tall. */
const LABEL_HEIGHT = 14;
const PADDING = 7;
/** A name that is cut needs this much to say anything. */
const LEAST_CUT = 48;
const SPACE = 6;
/** A strip below a piece of many of which some failed. */
const BAD_STRIP = 3;
const HATCH = 6;

const MARKS: Readonly<Partial<Record<BarLook, CanvasMark>>> = { failed: 'cross', stopped: 'stopped', lost: 'warning' };

/** The context is clipped to the lanes' part of the canvas. */
export function drawLanes(context: CanvasRenderingContext2D, scene: LaneScene, colours: TimelineColours): void {
  const drawn = laneLines(context, scene, colours);
  const byColours = new Map<BarColours, Drawn[]>();
  for (const one of drawn) {
    const key = coloursOf(one.piece, scene, colours);
    const same = byColours.get(key);
    if (same === undefined) byColours.set(key, [one]);
    else same.push(one);
  }
  for (const [bar, same] of byColours) fillAlike(context, bar, same);
  drawHatches(context, drawn, colours);
  drawBadStrips(context, drawn, colours);
  drawRetries(context, drawn, colours);
  drawOutlines(context, drawn, scene, colours);
  context.font = FONT;
  context.textBaseline = 'middle';
  context.textAlign = 'left';
  for (const [bar, same] of byColours) {
    for (const one of same) if (one.piece.count === 1) drawLabel(context, one, bar, scene);
  }
}

/** Separators, and what there is to draw. */
function laneLines(context: CanvasRenderingContext2D, scene: LaneScene, { line }: TimelineColours): readonly Drawn[] {
  const { lanes, view, widthPixels, topPixels, bottomPixels, scrolledPixels, nowMs } = scene;
  const offset = topPixels - scrolledPixels;
  const drawn: Drawn[] = [];
  context.fillStyle = line;
  for (const lane of lanesInSight(lanes, scrolledPixels, scrolledPixels + bottomPixels - topPixels)) {
    context.fillRect(0, Math.round(offset + lane.top + lane.height) - 1, widthPixels, 1);
    lane.rows.forEach((row, index) => {
      const y = Math.round(offset + rowTop(lane, index));
      if (y > bottomPixels || y + lane.barHeight < topPixels) return;
      for (const piece of piecesOf(row, view, widthPixels, nowMs)) {
        const x = Math.max(-RADIUS, piece.x);
        const right = Math.min(widthPixels + RADIUS, piece.x + piece.width);
        drawn.push({ piece, x, y, width: right - x, height: lane.barHeight });
      }
    });
  }
  return drawn;
}

function coloursOf({ bar, isUniform }: Piece, { colourOf }: LaneScene, colours: TimelineColours): BarColours {
  if (!isUniform) return colours.mixed;
  if (bar.look !== 'done') return colours.looks[bar.look];
  return colours.done[colourOf(bar.attempt.type)] ?? colours.mixed;
}

function fillAlike(context: CanvasRenderingContext2D, { fill, edge }: BarColours, drawn: readonly Drawn[]): void {
  context.fillStyle = fill;
  context.beginPath();
  for (const one of drawn) traceBar(context, one, 0);
  context.fill();
  if (edge === null) return;
  context.strokeStyle = edge;
  context.lineWidth = 1;
  context.setLineDash([]);
  context.beginPath();
  for (const one of drawn) traceBar(context, one, 0.5);
  context.stroke();
}

function traceBar(context: CanvasRenderingContext2D, { x, y, width, height }: Drawn, inset: number): void {
  const [left, top, wide, tall] = [
    x + inset,
    y + inset,
    Math.max(1, width - 2 * inset),
    Math.max(1, height - 2 * inset),
  ];
  if (width >= ROUNDED_FROM && height >= ROUNDED_FROM) context.roundRect(left, top, wide, tall, RADIUS);
  else context.rect(left, top, wide, tall);
}

/** What was cancelled, or made room, is hatched. */
function drawHatches(context: CanvasRenderingContext2D, drawn: readonly Drawn[], { muted }: TimelineColours): void {
  context.strokeStyle = muted;
  context.lineWidth = 1;
  context.globalAlpha = 0.4;
  for (const one of drawn) {
    const { piece, x, y, width, height } = one;
    if (!piece.isUniform || piece.bar.look !== 'stopped' || width < HATCH) continue;
    context.save();
    context.beginPath();
    traceBar(context, one, 0.5);
    context.clip();
    context.beginPath();
    for (let offset = -height; offset < width; offset += HATCH) {
      context.moveTo(x + offset, y + height);
      context.lineTo(x + offset + height, y);
    }
    context.stroke();
    context.restore();
  }
  context.globalAlpha = 1;
}

function drawBadStrips(context: CanvasRenderingContext2D, drawn: readonly Drawn[], { bad }: TimelineColours): void {
  context.fillStyle = bad;
  for (const { piece, x, y, width, height } of drawn) {
    if (piece.badCount === 0 || piece.isUniform) continue;
    const strip = Math.min(height, BAD_STRIP);
    context.fillRect(x, y + height - strip, width, strip);
  }
}

/** A dashed edge says: not the first attempt. */
function drawRetries(context: CanvasRenderingContext2D, drawn: readonly Drawn[], { dash }: TimelineColours): void {
  context.strokeStyle = dash;
  context.lineWidth = 1;
  context.setLineDash([3, 2]);
  context.beginPath();
  for (const one of drawn) {
    if (one.piece.count === 1 && one.piece.bar.isRetry && one.width >= ROUNDED_FROM) traceBar(context, one, 0.5);
  }
  context.stroke();
  context.setLineDash([]);
}

function drawOutlines(
  context: CanvasRenderingContext2D,
  drawn: readonly Drawn[],
  { hovered, selected }: LaneScene,
  { focus, text }: TimelineColours,
): void {
  for (const one of drawn) {
    const { attemptId } = one.piece.bar.attempt;
    if (attemptId !== hovered && attemptId !== selected) continue;
    context.strokeStyle = attemptId === selected ? focus : text;
    context.lineWidth = attemptId === selected ? 2 : 1;
    context.beginPath();
    traceBar(context, one, attemptId === selected ? -1 : 0.5);
    context.stroke();
  }
}

function drawLabel(context: CanvasRenderingContext2D, drawn: Drawn, colours: BarColours, scene: LaneScene): void {
  const { piece, y, height } = drawn;
  const left = Math.max(0, drawn.x) + PADDING;
  const right = Math.min(scene.widthPixels, drawn.x + drawn.width) - PADDING;
  const mark = MARKS[piece.bar.look];
  const middle = y + height / 2;
  if (height < LABEL_HEIGHT) return;
  context.fillStyle = colours.text;
  context.strokeStyle = colours.text;
  if (right - left < MARK_SIZE) {
    const centre = drawn.x + drawn.width / 2 - MARK_SIZE / 2;
    if (mark !== undefined && drawn.width > MARK_SIZE) drawMark(context, mark, centre, middle);
    return;
  }
  const markRoom = mark === undefined ? 0 : MARK_SIZE + SPACE;
  const name = barLabel(context, piece.bar, right - left - markRoom);
  const nameWidth = name === '' ? 0 : textWidth(context, name);
  context.fillText(name, left, middle + 0.5);
  let end = left + nameWidth;
  if (mark !== undefined) {
    if (name !== '') end += SPACE;
    drawMark(context, mark, end, middle);
    end += MARK_SIZE;
  }
  const duration = barDuration(piece.bar, scene.nowMs);
  if (name === '' || end + SPACE + textWidth(context, duration) > right) return;
  context.fillStyle = colours.quiet;
  context.fillText(duration, end + SPACE, middle + 0.5);
}

function barLabel(context: CanvasRenderingContext2D, { attempt }: Bar, room: number): string {
  const name = unturned(attempt.name);
  if (textWidth(context, name) <= room) return name;
  return room < LEAST_CUT ? '' : fitting(context, name, room);
}
