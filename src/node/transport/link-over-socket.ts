/** A `Link` over a WebSocket over TLS. The only file that knows what a link is made of; both ends use it. */
import type { TLSSocket } from 'node:tls';
import type { WebSocket } from 'ws';
import type { Link, LinkEnd } from '../../engine/ports.ts';
import { LIMITS } from '../../shared/protocol/contract.ts';
import { EXPORTER_LABEL } from '../../shared/protocol/transcript.ts';
import { plainAddress } from './ip-address.ts';
import { COMPRESSED_FROM } from './web-socket.ts';

const CHANNEL_BINDING_BYTES = 32;
/** In TLS 1.3 the same as none (RFC 8446, 7.5). */
const NO_CONTEXT = Buffer.alloc(0);
/** What ws takes in while it unpacks one message (its stream's high-water mark), and as much again. */
const AHEAD_BYTES = 128 * 1024;
/** Close codes of RFC 6455, 7.4.1. */
const CLOSE = { normal: 1000, goingAway: 1001, notText: 1003, none: 1005, policy: 1008, tooLarge: 1009 } as const;
const PEACEFUL: readonly number[] = [CLOSE.normal, CLOSE.goingAway, CLOSE.none];
const TOO_LARGE_ERRORS = ['WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', 'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH'];

/**
 * Takes over a WebSocket that has just opened. It reads nothing before `onMessage` has its listener, takes messages of at
 * most `LIMITS.handshakeBytes` until `limitMessages` is called (and never more than `LIMITS.messageBytes`), and calls
 * each listener on a later turn than the one that sets it. After `dispose` no message is delivered; `onEnd` is told once.
 */
export function linkOverSocket(socket: WebSocket, tls: TLSSocket): Link {
  const channelBinding = new Uint8Array(tls.exportKeyingMaterial(CHANNEL_BINDING_BYTES, EXPORTER_LABEL, NO_CONTEXT));
  const peerAddress = plainAddress(tls.remoteAddress ?? '');
  let limitBytes: number = LIMITS.handshakeBytes;
  /** Bytes that came since the last chunk in which a message ended. */
  let unfinishedBytes = 0;
  let hasMessageEnded = false;
  let onMessage: ((text: string) => void) | null = null;
  let onEnd: ((end: LinkEnd) => void) | null = null;
  let end: LinkEnd | null = null;
  let isDisposed = false;
  let isPaused = false;
  let isGathering = false;
  let socketError: NodeJS.ErrnoException | null = null;

  const finish = (how: LinkEnd, closeCode?: number): void => {
    if (end !== null) return;
    end = how;
    tls.off('data', countUnfinished);
    if (closeCode !== undefined) {
      socket.resume();
      socket.close(closeCode);
    }
    onEnd?.(how);
  };
  const tooLarge = (): void =>
    finish({ kind: 'too-large', message: `A message was larger than ${limitBytes} bytes.` }, CLOSE.tooLarge);
  /** ws knows one limit for good; so the smaller one of the beginning is held here, before a message is whole. */
  const countUnfinished = (chunk: Buffer): void => {
    unfinishedBytes = hasMessageEnded ? 0 : unfinishedBytes + chunk.length;
    hasMessageEnded = false;
    if (unfinishedBytes > limitBytes + AHEAD_BYTES) tooLarge();
  };
  /** Messages of one turn leave in one piece: each write costs more than most messages. */
  const gather = (): void => {
    if (isGathering) return;
    isGathering = true;
    tls.cork();
    setImmediate(() => {
      isGathering = false;
      tls.uncork();
    });
  };
  const applyPause = (): void => {
    if (isPaused || onMessage === null) socket.pause();
    else socket.resume();
  };

  socket.on('message', (data, isBinary) => {
    hasMessageEnded = true;
    if (end !== null || isDisposed) return;
    const bytes = data as Buffer;
    if (isBinary) finish({ kind: 'broken', message: 'The other side sent bytes instead of text.' }, CLOSE.notText);
    else if (bytes.length > limitBytes) tooLarge();
    else onMessage?.(bytes.toString('utf8'));
  });
  for (const frame of ['ping', 'pong'] as const) {
    // They would cost work and escape the limits on messages.
    socket.on(frame, () => finish({ kind: 'broken', message: `The other side sent a ${frame} frame.` }, CLOSE.policy));
  }
  socket.on('error', (error: NodeJS.ErrnoException) => {
    if (TOO_LARGE_ERRORS.includes(error.code ?? '')) tooLarge();
    else finish({ kind: 'broken', message: `The other side sent what no link may: ${error.message}.` });
  });
  socket.on('close', (code) => finish(isDisposed ? { kind: 'closed' } : endOf(code, socketError)));
  tls.on('error', (error) => {
    socketError = error;
  });
  tls.on('data', countUnfinished);
  socket.pause();

  return {
    peerAddress,
    channelBinding,
    limitMessages(bytes) {
      limitBytes = Math.min(bytes, LIMITS.messageBytes);
      if (limitBytes === LIMITS.messageBytes) tls.off('data', countUnfinished);
    },
    send(text) {
      if (end !== null || isDisposed) return;
      gather();
      socket.send(text, { compress: text.length >= COMPRESSED_FROM });
    },
    unsentBytes: () => (end === null ? socket.bufferedAmount : 0),
    onMessage(listener) {
      onMessage = listener;
      applyPause();
    },
    onEnd(listener) {
      onEnd = listener;
      const already = end;
      if (already !== null) queueMicrotask(() => listener(already));
    },
    setPaused(shallPause) {
      isPaused = shallPause;
      if (end === null && !isDisposed) applyPause();
    },
    dispose() {
      if (isDisposed) return;
      isDisposed = true;
      socket.resume();
      socket.close(CLOSE.normal);
    },
  };
}

function endOf(code: number, socketError: NodeJS.ErrnoException | null): LinkEnd {
  if (PEACEFUL.includes(code)) return { kind: 'closed' };
  if (code === CLOSE.tooLarge) return { kind: 'too-large', message: 'The other side refused a message as too large.' };
  const why = socketError?.code ?? (code === 1006 ? null : `code ${code}`);
  return { kind: 'broken', message: why === null ? 'The connection broke off.' : `The connection broke off (${why}).` };
}
