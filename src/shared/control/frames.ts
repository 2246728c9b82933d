/**
 * The wire form of the control socket: one JSON object a line, UTF-8.
 *
 * Request `{ id, method, params }`; answer `{ id, ok: true, value }` or `{ id, ok: false, error: { code, message } }`;
 * between them, for streams, any number of `{ id, event }`.
 */
import type { Failure } from '../../core/result.ts';

/** The longest request a server reads: the longest plan, as the text of a JSON text. */
export const LONGEST_REQUEST_BYTES = 32 * 1024 * 1024;
/** The longest answer or event a client reads. */
export const LONGEST_ANSWER_BYTES = 16 * 1024 * 1024;

export interface RequestFrame {
  readonly id: number;
  readonly method: string;
  readonly params: unknown;
}

export type AnswerFrame =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly error: Failure }
  | { readonly id: number; readonly event: unknown };

export function encodeFrame(frame: RequestFrame | AnswerFrame): string {
  return `${JSON.stringify(frame)}\n`;
}

/** Null for anything that is not a request, whatever it is. */
export function parseRequest(line: string): RequestFrame | null {
  const frame = parseObject(line);
  if (frame === null || !isId(frame.id) || typeof frame.method !== 'string') return null;
  return { id: frame.id, method: frame.method, params: frame.params ?? {} };
}

export function parseAnswer(line: string): AnswerFrame | null {
  const frame = parseObject(line);
  if (frame === null || !isId(frame.id)) return null;
  if (frame.ok === true || 'event' in frame) return frame as unknown as AnswerFrame;
  const error = frame.error as Partial<Failure> | undefined;
  const isFailure = frame.ok === false && typeof error?.code === 'string' && typeof error.message === 'string';
  return isFailure ? (frame as unknown as AnswerFrame) : null;
}

/**
 * Cuts a byte stream into lines. `push` answers the complete lines of a chunk, or null once a line is longer than
 * `longestBytes` or not UTF-8; the stream is of no use after that.
 */
export class LineReader {
  readonly #longestBytes: number;
  #parts: Uint8Array[] = [];
  #pendingBytes = 0;

  constructor(longestBytes: number) {
    this.#longestBytes = longestBytes;
  }

  push(chunk: Uint8Array): readonly string[] | null {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const line = this.#finish(chunk.subarray(start, end));
      if (line === null) return null;
      lines.push(line);
      start = end + 1;
    }
    const rest = chunk.subarray(start);
    if (rest.length > 0) this.#parts.push(rest);
    this.#pendingBytes += rest.length;
    return this.#pendingBytes > this.#longestBytes ? null : lines;
  }

  #finish(last: Uint8Array): string | null {
    const length = this.#pendingBytes + last.length;
    if (length > this.#longestBytes) return null;
    const bytes = new Uint8Array(length);
    let at = 0;
    for (const part of [...this.#parts, last]) {
      bytes.set(part, at);
      at += part.length;
    }
    this.#parts = [];
    this.#pendingBytes = 0;
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch {
      return null;
    }
  }
}

const NEWLINE = 0x0a;

function parseObject(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

function isId(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
