/** What of a row is drawn: only what is in sight, and what is narrower than a pixel or two as one piece. Pure. */
import { type BarRow, firstReaching } from './bar-rows.ts';
import { type Bar, drawnEndMs } from './bars.ts';
import type { Span } from './viewport.ts';

/** A bar, or neighbours that are too narrow to tell apart. */
export interface Piece {
  /** Pixels from the left edge of the plot; may begin before it and end behind it. */
  readonly x: number;
  readonly width: number;
  /** The first of them, which is `row.bars[index]`. */
  readonly bar: Bar;
  readonly index: number;
  readonly count: number;
  /** How many of them failed or were lost: a piece of many must not hide one. */
  readonly badCount: number;
  /** All of them look alike and are of one type. */
  readonly isUniform: boolean;
}

/** A piece is never narrower: an attempt of a millisecond is seen. */
const NARROWEST = 2;
/** Neighbours as near as this are one piece while they are narrow. */
const TOUCHING = 0.75;
/** And no wider together: where among them some failed can be seen. */
const WIDEST_TOGETHER = 6;

/** From left to right. At most one piece for each two pixels of the plot, and one more at each edge. */
export function piecesOf(row: BarRow, view: Span, widthPixels: number, nowMs: number): readonly Piece[] {
  const perMs = widthPixels / (view.toMs - view.fromMs);
  const pieces: Piece[] = [];
  let growing: Growing | null = null;
  for (let index = firstReaching(row, view.fromMs); index < row.bars.length; index += 1) {
    if ((row.fromMs[index] ?? 0) >= view.toMs) break;
    const bar = row.bars[index] as Bar;
    const endMs = drawnEndMs(bar, nowMs);
    if (endMs < view.fromMs) continue;
    const x = (bar.fromMs - view.fromMs) * perMs;
    const right = (endMs - view.fromMs) * perMs;
    const isNarrow = right - x < NARROWEST;
    if (growing !== null && isNarrow && growing.isNarrow && isTogether(growing, x, right)) {
      grow(growing, bar, right);
      continue;
    }
    if (growing !== null) pieces.push(growing);
    growing = begun(bar, index, x, right, isNarrow);
  }
  if (growing !== null) pieces.push(growing);
  return pieces;
}

function isTogether(growing: Growing, x: number, right: number): boolean {
  return x - growing.right < TOUCHING && right - growing.x <= WIDEST_TOGETHER;
}

interface Growing extends Piece {
  width: number;
  count: number;
  badCount: number;
  isUniform: boolean;
  /** Of narrow ones only: a wide bar stands for itself. */
  isNarrow: boolean;
  right: number;
}

function begun(bar: Bar, index: number, x: number, right: number, isNarrow: boolean): Growing {
  const end = Math.max(right, x + NARROWEST);
  return {
    ...{ bar, index, x, right: end, width: end - x, isNarrow },
    count: 1,
    badCount: isBad(bar) ? 1 : 0,
    isUniform: true,
  };
}

function grow(piece: Growing, bar: Bar, right: number): void {
  piece.right = Math.max(piece.right, right);
  piece.width = piece.right - piece.x;
  piece.count += 1;
  piece.badCount += isBad(bar) ? 1 : 0;
  piece.isUniform &&= bar.look === piece.bar.look && bar.attempt.type === piece.bar.attempt.type;
}

function isBad({ look }: Bar): boolean {
  return look === 'failed' || look === 'lost';
}
