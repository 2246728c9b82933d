/** The client's end of the control socket: calls with a deadline, and streams. Used by the CLI and by a second start. */
import { connect, type Socket } from 'node:net';
import { fail, ok, type Result } from '../core/result.ts';
import type { Disposable } from '../core/time.ts';
import type { ControlMethod, ControlMethods } from '../shared/control/contract.ts';
import {
  type AnswerFrame,
  encodeFrame,
  LineReader,
  LONGEST_ANSWER_BYTES,
  parseAnswer,
} from '../shared/control/frames.ts';

const CALL_DEADLINE_MS = 20_000;
const RETRY_MS = 50;
const GONE = 'The Labwatch instance has stopped or closed the connection; `labwatch status` tells whether it runs.';

export interface ControlClient extends Disposable {
  call<Name extends ControlMethod>(
    method: Name,
    params: ControlMethods[Name]['params'],
  ): Promise<Result<ControlMethods[Name]['value']>>;
  /** Resolves when the stream has ended: `unavailable` when the instance went away. */
  stream<Name extends ControlMethod>(
    method: Name,
    params: ControlMethods[Name]['params'],
    onEvent: (event: ControlMethods[Name]['event']) => void,
  ): Promise<Result<ControlMethods[Name]['value']>>;
  dispose(): void;
}

interface Waiting {
  readonly settle: (answer: Result<unknown>) => void;
  readonly onEvent: ((event: unknown) => void) | null;
  readonly timer: NodeJS.Timeout | null;
}

/** Connects, trying again for `patienceMs` while an instance may be about to listen. Fails with `unavailable`. */
export async function connectControl(
  socketPath: string,
  { patienceMs = 0 }: { readonly patienceMs?: number } = {},
): Promise<Result<ControlClient>> {
  const giveUpAt = performance.now() + patienceMs;
  for (;;) {
    const socket = await openSocket(socketPath);
    if (socket.ok) return ok(clientOver(socket.value));
    if (socket.error.code !== 'unavailable' || performance.now() >= giveUpAt) return socket;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

function openSocket(socketPath: string): Promise<Result<Socket>> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      resolve(ok(socket));
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.destroy();
      resolve(
        error.code === 'EACCES' || error.code === 'EPERM'
          ? fail('not-permitted', `The control socket ${socketPath} belongs to another user; run this as that user.`)
          : fail(
              'unavailable',
              `Nothing answers on the control socket ${socketPath} (${error.code ?? error.message}).`,
            ),
      );
    });
  });
}

function clientOver(socket: Socket): ControlClient {
  const waiting = new Map<number, Waiting>();
  const reader = new LineReader(LONGEST_ANSWER_BYTES);
  let lastId = 0;

  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    for (const id of waiting.keys()) settle(id, fail('unavailable', GONE));
  });
  socket.on('data', (chunk: Buffer) => {
    for (const line of reader.push(chunk) ?? [null]) {
      const frame = line === null ? null : parseAnswer(line);
      if (frame === null) socket.destroy();
      else take(frame);
    }
  });

  function take(frame: AnswerFrame): void {
    if ('event' in frame) waiting.get(frame.id)?.onEvent?.(frame.event);
    else settle(frame.id, frame.ok ? ok(frame.value) : { ok: false, error: frame.error });
  }
  function settle(id: number, answer: Result<unknown>): void {
    const found = waiting.get(id);
    waiting.delete(id);
    if (found?.timer) clearTimeout(found.timer);
    found?.settle(answer);
  }
  function request(method: string, params: unknown, onEvent: Waiting['onEvent']): Promise<Result<never>> {
    return new Promise((resolve) => {
      lastId += 1;
      const id = lastId;
      const late = () => settle(id, fail('timeout', `Labwatch did not answer within ${CALL_DEADLINE_MS / 1_000} s.`));
      const timer = onEvent === null ? setTimeout(late, CALL_DEADLINE_MS) : null;
      waiting.set(id, { settle: resolve as Waiting['settle'], onEvent, timer });
      if (socket.destroyed) settle(id, fail('unavailable', GONE));
      else socket.write(encodeFrame({ id, method, params }));
    });
  }
  return {
    call: (method, params) => request(method, params, null),
    stream: (method, params, onEvent) => request(method, params, onEvent as Waiting['onEvent']),
    dispose: () => {
      socket.destroy();
    },
  };
}
