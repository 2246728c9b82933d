/**
 * The server's end of the control socket: frames in, frames out, and nothing a client sends can hurt the engine.
 *
 * Only the socket's owner may connect (mode 0600). A frame that is none, or too long, ends the connection; so does a
 * client that says nothing for `SILENCE_MS`, asks for more than `MOST_CALLS` things at once or does not read what it
 * asked for.
 */
import { chmodSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { isMainThread } from 'node:worker_threads';
import { fail, ok, type Result } from '../core/result.ts';
import type { Disposable } from '../core/time.ts';
import { isUnhurried } from '../shared/control/contract.ts';
import {
  type AnswerFrame,
  encodeFrame,
  LineReader,
  LONGEST_REQUEST_BYTES,
  parseRequest,
  type RequestFrame,
} from '../shared/control/frames.ts';

const MOST_CONNECTIONS = 32;
const MOST_CALLS = 16;
const MOST_UNREAD_BYTES = 32 * 1024 * 1024;
const SILENCE_MS = 30_000;
const CALL_DEADLINE_MS = 15_000;
const LIMITS: ControlLimits = { silenceMs: SILENCE_MS, callDeadlineMs: CALL_DEADLINE_MS };

export interface ControlLimits {
  /** A client that neither asks nor watches is sent away after this long. */
  readonly silenceMs: number;
  /** A request that must not take long is answered `timeout` after this long. */
  readonly callDeadlineMs: number;
}

export interface ControlCall {
  readonly method: string;
  readonly params: unknown;
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal;
  emit(event: unknown): void;
  /** True while earlier events still wait to be read. */
  isBehind(): boolean;
}

export interface ControlServerOptions {
  readonly socketPath: string;
  readonly handle: (call: ControlCall) => Promise<Result<unknown>>;
  /** A handler threw: a bug. The client gets `internal`, this gets the error. */
  readonly onBug: (error: unknown, method: string) => void;
  readonly limits?: ControlLimits;
}

/** Listens until disposed; the socket's file goes with it. Fails with `unavailable` where it cannot listen. */
export function listenControl(options: ControlServerOptions): Promise<Result<Disposable>> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serveConnection(socket, options);
  });
  server.maxConnections = MOST_CONNECTIONS;
  return new Promise((resolve) => {
    server.once('error', (error) =>
      resolve(fail('unavailable', `Cannot listen on the control socket ${options.socketPath}: ${error.message}.`)),
    );
    server.once('listening', () => {
      if (process.platform !== 'win32') chmodSync(options.socketPath, 0o600);
      server.on('error', (error) => options.onBug(error, 'accept'));
      resolve(ok({ dispose: () => closeServer(server, sockets) }));
    });
    listenPrivately(server, options.socketPath);
  });
}

/** The socket is bound within `listen`, so that a narrow umask around it leaves no moment in which others may connect. */
function listenPrivately(server: Server, socketPath: string): void {
  if (!isMainThread) {
    server.listen(socketPath);
    return;
  }
  const umaskBefore = process.umask(0o177);
  try {
    server.listen(socketPath);
  } finally {
    process.umask(umaskBefore);
  }
}

function closeServer(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const socket of sockets) socket.destroySoon();
  });
}

function serveConnection(socket: Socket, options: ControlServerOptions): void {
  const reader = new LineReader(LONGEST_REQUEST_BYTES);
  const gone = new AbortController();
  const { silenceMs } = options.limits ?? LIMITS;
  let callsUnderWay = 0;

  const send = (frame: AnswerFrame): void => {
    if (!socket.writable) return;
    socket.write(encodeFrame(frame));
    if (socket.writableLength > MOST_UNREAD_BYTES) socket.destroy();
  };
  const answer = async (request: RequestFrame): Promise<void> => {
    callsUnderWay += 1;
    if (isUnhurried(request.method)) socket.setTimeout(0);
    const call: ControlCall = {
      method: request.method,
      params: request.params,
      signal: gone.signal,
      emit: (event) => send({ id: request.id, event }),
      isBehind: () => socket.writableLength > 0,
    };
    send({ id: request.id, ...(await perform(call, options)) });
    callsUnderWay -= 1;
  };

  socket.setTimeout(silenceMs, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.on('close', () => gone.abort());
  socket.on('data', (chunk: Buffer) => {
    for (const line of reader.push(chunk) ?? [null]) {
      const request = line === null ? null : parseRequest(line);
      if (request === null || callsUnderWay >= MOST_CALLS) {
        socket.destroy();
        return;
      }
      void answer(request);
    }
  });
}

async function perform(call: ControlCall, options: ControlServerOptions): Promise<Result<unknown>> {
  const { callDeadlineMs } = options.limits ?? LIMITS;
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<Result<unknown>>((resolve) => {
    if (isUnhurried(call.method)) return;
    timer = setTimeout(
      () => resolve(fail('timeout', `${call.method} took longer than ${callDeadlineMs / 1_000} s; try again.`)),
      callDeadlineMs,
    );
  });
  try {
    return await Promise.race([options.handle(call), deadline]);
  } catch (error) {
    options.onBug(error, call.method);
    return fail('internal', 'Something broke inside Labwatch; its log has the details.');
  } finally {
    clearTimeout(timer);
  }
}
