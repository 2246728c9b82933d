/** Two ends of a link without a network: what one sends, the other hears on a later turn, in order. */
import { randomBytes } from 'node:crypto';
import type { Link, LinkEnd } from '../../src/engine/ports.ts';

export interface MemoryLink extends Link {
  /** Everything that was sent from this end. */
  readonly sent: readonly string[];
  readonly isEnded: () => boolean;
  readonly isPaused: () => boolean;
  /** The largest message that this end takes now. */
  readonly limit: () => number;
  /** The connection breaks, without a word. */
  breakOff(): void;
  /** What is sent from this end no longer arrives, and nobody is told. */
  cutWire(): void;
}

export interface LinkPair {
  readonly agentEnd: MemoryLink;
  readonly coordinatorEnd: MemoryLink;
}

export function linkPair(peerAddress = '192.168.1.20'): LinkPair {
  const channelBinding = new Uint8Array(randomBytes(32));
  const agentEnd = createEnd(channelBinding, '192.168.1.5');
  const coordinatorEnd = createEnd(channelBinding, peerAddress);
  agentEnd.connect(coordinatorEnd);
  coordinatorEnd.connect(agentEnd);
  return { agentEnd, coordinatorEnd };
}

/** Lets everything happen that is only waiting for its turn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

function createEnd(channelBinding: Uint8Array, peerAddress: string) {
  const sent: string[] = [];
  const inbox: (string | LinkEnd)[] = [];
  let other: { hear(message: string | LinkEnd): void } | null = null;
  let onMessage: ((text: string) => void) | null = null;
  let onEnd: ((end: LinkEnd) => void) | null = null;
  let limitBytes = Number.POSITIVE_INFINITY;
  let isEnded = false;
  let isPaused = false;
  let isCut = false;
  let isPumping = false;

  function pump(): void {
    if (isPumping || onMessage === null || isPaused) return;
    isPumping = true;
    queueMicrotask(() => {
      isPumping = false;
      const next = isPaused ? undefined : inbox.shift();
      if (next === undefined) return;
      if (typeof next !== 'string') {
        const wasEnded = isEnded;
        isEnded = true;
        if (!wasEnded) onEnd?.(next);
      } else if (next.length > limitBytes)
        end({ kind: 'too-large', message: `A message was larger than ${limitBytes}.` });
      else if (!isEnded) onMessage?.(next);
      pump();
    });
  }

  function end(how: LinkEnd): void {
    if (isEnded) return;
    isEnded = true;
    other?.hear({ kind: 'closed' });
    onEnd?.(how);
  }

  return {
    peerAddress,
    channelBinding,
    sent,
    connect(otherEnd: { hear(message: string | LinkEnd): void }) {
      other = otherEnd;
    },
    hear(message: string | LinkEnd) {
      if (isEnded) return;
      inbox.push(message);
      pump();
    },
    limitMessages(bytes: number) {
      limitBytes = bytes;
    },
    limit: () => limitBytes,
    send(text: string) {
      if (isEnded) return;
      sent.push(text);
      if (!isCut) other?.hear(text);
    },
    unsentBytes: () => 0,
    onMessage(listener: (text: string) => void) {
      if (onMessage !== null) throw new Error('A link has one listener for messages.');
      onMessage = listener;
      pump();
    },
    onEnd(listener: (end: LinkEnd) => void) {
      if (onEnd !== null) throw new Error('A link has one listener for its end.');
      onEnd = listener;
    },
    setPaused(paused: boolean) {
      isPaused = paused;
      pump();
    },
    isEnded: () => isEnded,
    isPaused: () => isPaused,
    dispose: () => end({ kind: 'closed' }),
    breakOff: () => end({ kind: 'broken', message: 'The connection broke.' }),
    cutWire() {
      isCut = true;
    },
  };
}
