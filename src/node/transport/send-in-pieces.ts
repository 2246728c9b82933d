/** Sends a file as fast as the other side reads it, so that many slow readers do not each hold a copy in memory. */
import { once } from 'node:events';
import type { Writable } from 'node:stream';

const PIECE_BYTES = 64 * 1024;

/** Resolves when all was handed over, or the other side has gone. */
export async function sendInPieces(file: Uint8Array, to: Writable): Promise<void> {
  const closed = once(to, 'close').catch(() => undefined);
  for (let at = 0; at < file.length && !to.destroyed; at += PIECE_BYTES) {
    const hasRoom = to.write(file.subarray(at, at + PIECE_BYTES));
    if (!hasRoom) await Promise.race([once(to, 'drain').catch(() => undefined), closed]);
  }
  to.end();
}
