/** Lanes one below the other: how tall each is, which of them are in sight, and what lies under a point. Pure. */
import type { WorkerId } from '../../core/fleet/worker.ts';
import type { BarRow } from './bar-rows.ts';
import { type Piece, piecesOf } from './pieces.ts';
import type { Span } from './viewport.ts';

export interface Lane {
  readonly workerId: WorkerId;
  /** Pixels from the top of the first lane. */
  readonly top: number;
  readonly height: number;
  readonly rows: readonly BarRow[];
  /** From the top of one row to the next. */
  readonly pitch: number;
  readonly barHeight: number;
}

const PADDING = 10;
/** Name and state of the worker need this much. */
const LEAST_HEIGHT = 46;
const WIDEST_PITCH = 24;
const NARROWEST_PITCH = 5;
/** Rows of one lane share this much; many become thin. */
const ROOM = 6 * WIDEST_PITCH;
const GAP = 4;
/** Thinner rows stand closer. */
const THIN_PITCH = 12;

export function lanesOf(
  workers: readonly { readonly workerId: WorkerId; readonly rows: readonly BarRow[] }[],
): readonly Lane[] {
  let top = 0;
  return workers.map(({ workerId, rows }) => {
    const pitch = pitchOf(rows.length);
    const gap = gapOf(pitch);
    const height = Math.max(LEAST_HEIGHT, 2 * PADDING + rows.length * pitch - gap);
    const lane = { workerId, top, height, rows, pitch, barHeight: pitch - gap };
    top += height;
    return lane;
  });
}

export function heightOf(lanes: readonly Lane[]): number {
  const last = lanes.at(-1);
  return last === undefined ? 0 : last.top + last.height;
}

/** Where a row begins, from the top of the first lane: a lane's rows stand in its middle. */
export function rowTop({ top, height, rows, pitch }: Lane, row: number): number {
  const used = rows.length * pitch - gapOf(pitch);
  return top + Math.floor((height - used) / 2) + row * pitch;
}

export function lanesInSight(lanes: readonly Lane[], top: number, bottom: number): readonly Lane[] {
  return lanes.filter((lane) => lane.top < bottom && lane.top + lane.height > top);
}

export interface Point {
  readonly x: number;
  /** From the top of the first lane. */
  readonly y: number;
}

export interface Hit {
  readonly lane: Lane;
  readonly row: number;
  readonly piece: Piece;
}

interface Plot {
  readonly view: Span;
  readonly widthPixels: number;
  readonly nowMs: number;
}

/** Pixels beside a bar that still count as on it: a narrow one can be met. */
const REACH = 3;

/** The piece under a point, or the nearest one within reach. */
export function hitAt(lanes: readonly Lane[], { x, y }: Point, { view, widthPixels, nowMs }: Plot): Hit | null {
  const lane = lanes.find(({ top, height }) => y >= top && y < top + height);
  if (lane === undefined) return null;
  const row = Math.floor((y - rowTop(lane, 0)) / lane.pitch);
  const bars = lane.rows[row];
  if (bars === undefined || row < 0) return null;
  let best: Piece | null = null;
  let bestDistance = REACH;
  for (const piece of piecesOf(bars, view, widthPixels, nowMs)) {
    const distance = Math.max(0, piece.x - x, x - (piece.x + piece.width));
    // The later one lies above.
    if (distance > bestDistance) continue;
    best = piece;
    bestDistance = distance;
  }
  return best === null ? null : { lane, row, piece: best };
}

function pitchOf(rowCount: number): number {
  const shared = Math.floor(ROOM / Math.max(1, rowCount));
  return Math.min(WIDEST_PITCH, Math.max(NARROWEST_PITCH, shared));
}

function gapOf(pitch: number): number {
  return pitch >= THIN_PITCH ? GAP : 1;
}
