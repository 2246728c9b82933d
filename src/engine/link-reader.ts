/**
 * Reads a link first message by message, for the handshake, and hands it over afterwards.
 *
 * A link has one listener. What arrives between the last message of the handshake and the hand-over waits here, in order,
 * so that nothing is lost and nothing is early.
 */
import { fail, ok, type Result } from '../core/result.ts';
import type { Link, LinkEnd } from './ports.ts';

export interface LinkHandlers {
  onMessage(text: string): void;
  onEnd(end: LinkEnd): void;
}

export interface LinkReader {
  /** The next message, or why there is none. One call at a time. */
  next(): Promise<Result<string>>;
  /** Whether it was abandoned, or the link has ended. */
  isOver(): boolean;
  /** Gives up: `next` answers this failure, and the link ends after what was sent. */
  abandon(message: string): void;
  /** What waits, and everything from now on, goes to `handlers`. */
  handOver(handlers: LinkHandlers): void;
}

/** Nobody has that much to say before both sides are known. */
const MOST_WAITING = 64;

export function readLink(link: Link): LinkReader {
  const waiting: string[] = [];
  let end: LinkEnd | null = null;
  let abandoned: Result<string> | null = null;
  let handlers: LinkHandlers | null = null;
  let answer: ((next: Result<string>) => void) | null = null;

  function settle(): void {
    if (answer === null) return;
    const next = abandoned ?? nextWaiting() ?? (end === null ? null : fail('unavailable', wordsForEnd(end)));
    if (next === null) return;
    const resolve = answer;
    answer = null;
    resolve(next);
  }

  function nextWaiting(): Result<string> | null {
    const text = waiting.shift();
    return text === undefined ? null : ok(text);
  }

  function abandon(message: string): void {
    abandoned ??= fail('unavailable', message);
    waiting.length = 0;
    link.dispose();
    settle();
  }

  link.onMessage((text) => {
    if (handlers !== null) return handlers.onMessage(text);
    if (abandoned !== null) return;
    waiting.push(text);
    if (waiting.length > MOST_WAITING) abandon('The other side spoke before its turn.');
    else settle();
  });
  link.onEnd((linkEnd) => {
    end = linkEnd;
    if (handlers !== null) handlers.onEnd(linkEnd);
    else settle();
  });

  return {
    next: () =>
      new Promise((resolve) => {
        answer = resolve;
        settle();
      }),
    isOver: () => abandoned !== null || end !== null,
    abandon,
    handOver(newHandlers) {
      handlers = newHandlers;
      for (const text of waiting.splice(0)) newHandlers.onMessage(text);
      if (end !== null) newHandlers.onEnd(end);
    },
  };
}

export function wordsForEnd(end: LinkEnd): string {
  switch (end.kind) {
    case 'closed':
      return 'The other side closed the connection.';
    case 'broken':
    case 'too-large':
      return end.message;
  }
}
