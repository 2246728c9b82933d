/**
 * Asks an X server whether a selection has an owner: connection setup, InternAtom, GetSelectionOwner, and off.
 *
 * Formats: X Window System Protocol 11, "Encoding" (setup, requests 16 and 23); the cookie file as in Xauth's
 * `Xau(3)`. Electron offers no such question, and a tray icon without a host is silently nowhere.
 */
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';

const LIMIT_MS = 1_500;
const FIRST_TCP_PORT = 6_000;
const COOKIE = 'MIT-MAGIC-COOKIE-1';
const REPLY_BYTES = 32;

export interface XDisplay {
  /** Empty for this machine's socket. */
  readonly host: string;
  readonly display: number;
  readonly screen: number;
}

/** Takes DISPLAY (`:0`, `:99.0`, `localhost:10.0`) apart; null when it names no display. */
export function parseDisplay(text: string | undefined): XDisplay | null {
  const match = /^(?:unix)?([^/:]*):(\d+)(?:\.(\d+))?$/.exec(text ?? '');
  if (match === null) return null;
  return { host: match[1] ?? '', display: Number(match[2]), screen: Number(match[3] ?? 0) };
}

/** The cookie for a display in an Xauthority file's bytes; empty when the file has none for it. */
export function findCookie(file: Buffer, display: number): Buffer {
  let offset = 2;
  const next = () => {
    const length = file.readUInt16BE(offset);
    const field = file.subarray(offset + 2, offset + 2 + length);
    offset += 2 + length;
    return field;
  };
  try {
    while (offset < file.length) {
      next();
      const [number, name, data] = [next().toString(), next().toString(), next()];
      if (name === COOKIE && (number === '' || number === String(display))) return data;
      offset += 2;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return Buffer.alloc(0);
}

/** False also where there is no X server, or it refuses us. */
export async function xSelectionHasOwner(
  env: NodeJS.ProcessEnv,
  selectionOf: (screen: number) => string,
): Promise<boolean> {
  const where = parseDisplay(env.DISPLAY);
  if (where === null) return false;
  const socket = connectTo(where);
  socket.setTimeout(LIMIT_MS, () => socket.destroy());
  try {
    const read = reader(socket);
    socket.write(setupRequest(readCookie(env, where.display)));
    const head = await read(8);
    if (head[0] !== 1) return false;
    await read(head.readUInt16LE(6) * 4);
    socket.write(internAtomRequest(selectionOf(where.screen)));
    const atom = (await read(REPLY_BYTES)).readUInt32LE(8);
    if (atom === 0) return false;
    socket.write(selectionOwnerRequest(atom));
    return (await read(REPLY_BYTES)).readUInt32LE(8) !== 0;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

function connectTo({ host, display }: XDisplay): Socket {
  if (host === '') return connect({ path: `/tmp/.X11-unix/X${display}` });
  return connect({ host, port: FIRST_TCP_PORT + display });
}

function readCookie(env: NodeJS.ProcessEnv, display: number): Buffer {
  try {
    return findCookie(readFileSync(env.XAUTHORITY ?? join(homedir(), '.Xauthority')), display);
  } catch {
    return Buffer.alloc(0);
  }
}

function setupRequest(cookie: Buffer): Buffer {
  const name = cookie.length > 0 ? COOKIE : '';
  const head = Buffer.alloc(12);
  head.write('l', 0);
  head.writeUInt16LE(11, 2);
  head.writeUInt16LE(name.length, 6);
  head.writeUInt16LE(cookie.length, 8);
  return Buffer.concat([head, padded(Buffer.from(name)), padded(cookie)]);
}

function internAtomRequest(name: string): Buffer {
  const text = padded(Buffer.from(name));
  const head = Buffer.alloc(8);
  head.writeUInt8(16, 0);
  head.writeUInt8(1, 1);
  head.writeUInt16LE(2 + text.length / 4, 2);
  head.writeUInt16LE(name.length, 4);
  return Buffer.concat([head, text]);
}

function selectionOwnerRequest(atom: number): Buffer {
  const request = Buffer.alloc(8);
  request.writeUInt8(23, 0);
  request.writeUInt16LE(2, 2);
  request.writeUInt32LE(atom, 4);
  return request;
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}

/** Reads exactly as many bytes as asked for, in order; rejects when the connection ends before. */
function reader(socket: Socket): (bytes: number) => Promise<Buffer> {
  let received = Buffer.alloc(0);
  let isClosed = false;
  let look = () => {};
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
    look();
  });
  for (const event of ['close', 'error'] as const) {
    socket.on(event, () => {
      isClosed = true;
      look();
    });
  }
  return (bytes) =>
    new Promise((resolve, reject) => {
      look = () => {
        if (received.length >= bytes) {
          const part = received.subarray(0, bytes);
          received = received.subarray(bytes);
          resolve(part);
        } else if (isClosed) reject(new Error('The X server closed the connection.'));
      };
      look();
    });
}
