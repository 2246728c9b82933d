/**
 * The part of an attempt's output that is shown: a stretch of bytes that grows at its end while the task runs and at its
 * start when a person asks for more. Text is cut only at line ends, so that no letter and no escape sequence is torn. Pure.
 */
import type { OutputPiece } from '../../core/tasks/view.ts';
import { outputText } from './output-text.ts';

export interface OutputBlock {
  readonly fromOffset: number;
  readonly toOffset: number;
  readonly text: string;
}

export interface OutputTail {
  readonly fromOffset: number;
  readonly toOffset: number;
  /** Written so far, as far as the app knows. */
  readonly totalBytes: number;
  readonly isComplete: boolean;
  /** The end of a line whose start is not loaded, with its line end; empty where the stretch starts with a line. */
  readonly start: Uint8Array;
  /** False: the end of that line has not come yet, and nothing after it. */
  readonly isStartWhole: boolean;
  readonly blocks: readonly OutputBlock[];
  /** The start of a line that has no end yet. */
  readonly rest: Uint8Array;
}

/** Blocks are grown to about this, so that an hour of single lines is not thousands of elements. */
const BLOCK_BYTES = 16_384;
/** A line longer than this is cut. */
const MOST_LINE_BYTES = 65_536;
/** More is not laid out at once: the oldest go, and can be loaded again. */
export const MOST_SHOWN_BYTES = 1_048_576;

const NEW_LINE = 0x0a;
const NOTHING = new Uint8Array();

function bytesOf({ data }: OutputPiece): Uint8Array {
  return Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
}

export function tailOf(piece: OutputPiece): OutputTail {
  return grown(beginning(piece), bytesOf(piece), piece);
}

function beginning({ fromOffset, totalBytes, isComplete }: OutputPiece): OutputTail {
  const isStartWhole = fromOffset === 0;
  const none = { start: NOTHING, isStartWhole, blocks: [], rest: NOTHING };
  return { fromOffset, toOffset: fromOffset, totalBytes, isComplete, ...none };
}

/** With a piece that follows; one that begins later (the bytes between were dropped) begins the stretch anew. */
export function withLater(tail: OutputTail, piece: OutputPiece): OutputTail {
  if (piece.fromOffset !== tail.toOffset) return piece.fromOffset > tail.toOffset ? tailOf(piece) : tail;
  return bounded(grown(tail, bytesOf(piece), piece));
}

/** With a piece that ends where the stretch begins; what of it is in the stretch already is left out. */
export function withEarlier(tail: OutputTail, piece: OutputPiece): OutputTail {
  const bytes = bytesOf(piece).subarray(0, Math.max(0, tail.fromOffset - piece.fromOffset));
  if (bytes.length === 0 || piece.fromOffset + bytes.length !== tail.fromOffset) return tail;
  const joined = concat(bytes, tail.start);
  if (!tail.isStartWhole) return grown(beginning(piece), joined, tail);
  const { fromOffset } = piece;
  const startLength = fromOffset === 0 ? 0 : joined.indexOf(NEW_LINE) + 1 || joined.length;
  const lines = joined.subarray(startLength);
  const first = { fromOffset: fromOffset + startLength, toOffset: fromOffset + joined.length, text: outputText(lines) };
  return {
    ...tail,
    fromOffset,
    start: joined.subarray(0, startLength),
    blocks: lines.length === 0 ? tail.blocks : [first, ...tail.blocks],
  };
}

/** Everything that is shown. */
export function textOf({ start, blocks, rest }: OutputTail): string {
  return `${startText(start)}${blocks.map(({ text }) => text).join('')}${outputText(rest)}`;
}

/** Without the bytes at its very start that belong to a letter whose first byte is not loaded. */
export function startText(start: Uint8Array): string {
  const whole = start.findIndex((byte) => (byte & 0xc0) !== 0x80);
  return outputText(start.subarray(Math.max(0, whole)));
}

type Known = Pick<OutputPiece, 'totalBytes' | 'isComplete'>;

function grown(tail: OutputTail, bytes: Uint8Array, known: Known): OutputTail {
  const toOffset = tail.toOffset + bytes.length;
  const next = { ...tail, toOffset, totalBytes: Math.max(known.totalBytes, toOffset), isComplete: known.isComplete };
  if (tail.isStartWhole) return withLines(next, concat(tail.rest, bytes));
  const joined = concat(tail.start, bytes);
  const lineEnd = joined.indexOf(NEW_LINE) + 1;
  if (lineEnd === 0 && joined.length <= MOST_LINE_BYTES) return { ...next, start: joined };
  const startLength = lineEnd === 0 ? letterEnd(joined) : lineEnd;
  const begun = { ...next, start: joined.subarray(0, startLength), isStartWhole: true };
  return withLines(begun, joined.subarray(startLength));
}

/** `bytes` follow the blocks, up to where `tail` ends. */
function withLines(tail: OutputTail, bytes: Uint8Array): OutputTail {
  const lastEnd = bytes.lastIndexOf(NEW_LINE) + 1;
  const linesLength = bytes.length - lastEnd > MOST_LINE_BYTES ? letterEnd(bytes) : lastEnd;
  const rest = bytes.subarray(linesLength);
  if (linesLength === 0) return { ...tail, rest };
  const fromOffset = tail.toOffset - bytes.length;
  const toOffset = fromOffset + linesLength;
  const text = outputText(bytes.subarray(0, linesLength));
  const last = tail.blocks.at(-1);
  const isGrowing = last !== undefined && last.toOffset - last.fromOffset < BLOCK_BYTES;
  const blocks = isGrowing
    ? [...tail.blocks.slice(0, -1), { ...last, toOffset, text: last.text + text }]
    : [...tail.blocks, { fromOffset, toOffset, text }];
  return { ...tail, blocks, rest };
}

function bounded(tail: OutputTail): OutputTail {
  let dropped = 0;
  while (
    dropped < tail.blocks.length - 1 &&
    tail.toOffset - (tail.blocks[dropped] as OutputBlock).toOffset >= MOST_SHOWN_BYTES
  ) {
    dropped += 1;
  }
  const first = tail.blocks[dropped];
  if (dropped === 0 || first === undefined) return tail;
  return { ...tail, fromOffset: first.fromOffset, start: NOTHING, blocks: tail.blocks.slice(dropped) };
}

/** Where the last whole letter ends: a letter of UTF-8 has at most three bytes after its first. */
function letterEnd(bytes: Uint8Array): number {
  for (let back = 1; back <= 4; back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

function concat(one: Uint8Array, other: Uint8Array): Uint8Array {
  if (one.length === 0) return other;
  const joined = new Uint8Array(one.length + other.length);
  joined.set(one);
  joined.set(other, one.length);
  return joined;
}
