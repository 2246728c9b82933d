/**
 * The store's thread: takes messages in order, groups deliveries into one transaction and saved tasks into another, and
 * does upkeep when nobody waits.
 * With `role: 'check'` the same file is a second thread that reads a database for damage and ends.
 */
import { isMainThread, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { History } from '../../core/metrics/history.ts';
import type { Result } from '../../core/result.ts';
import type { TaskRecords } from '../../core/tasks/task.ts';
import type { Clock } from '../../core/time.ts';
import type { Log } from '../../engine/ports.ts';
import { describe } from './fault.ts';
import { checkInThread, runCheck } from './full-check.ts';
import type { CheckThreadData, Delivery, Envelope, StoreReply, StoreThreadData } from './messages.ts';
import { createStorage } from './storage.ts';

/** Deliveries put into one transaction at most: some tens of milliseconds of writing. */
const DELIVERIES_AT_ONCE = 256;

/** Changes of tasks in one transaction at most. */
const SAVES_AT_ONCE = 256;

/** Messages taken in one turn at most, so that upkeep has its turn too when they never end. */
const MESSAGES_AT_ONCE = 1_024;

/** When upkeep is looked at again while no message comes. */
const IDLE_LOOK_MS = 1_000;

if (!isMainThread && parentPort !== null) {
  const data = workerData as StoreThreadData | CheckThreadData;
  if (data.role === 'check') parentPort.postMessage(runCheck(data.path));
  else serve(data, parentPort);
}

type Port = NonNullable<typeof parentPort>;

function serve({ dataDir, followsClock }: StoreThreadData, port: Port): void {
  const reply = (message: StoreReply, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);
  const { clock, follow } = toldClock(followsClock);
  const storage = createStorage({
    dataDir,
    clock,
    log: remoteLog(reply),
    onNotices: (notices) => reply({ kind: 'notices', notices }),
    checkFile: checkInThread,
  });
  let waiting: Delivery[] = [];
  let saves: { readonly id: number; readonly changed: TaskRecords }[] = [];
  let lastSequence = 0;
  let isWorking = false;
  let isClosed = false;
  const timer = setTimeout(work, IDLE_LOOK_MS);

  function flush(): void {
    if (waiting.length === 0) return;
    const deliveries = waiting;
    waiting = [];
    try {
      storage.append(deliveries);
    } catch (error) {
      reply(logLine('error', 'A delivery could not be stored.', { reason: describe(error) }));
    }
    reply({ kind: 'stored', sequence: lastSequence });
  }

  /** Many that come at the same moment cost one sync of the disk. Each is answered once it is there. */
  function flushSaves(): void {
    if (saves.length === 0) return;
    const batch = saves;
    saves = [];
    const results = storage.saveTogether(batch.map(({ changed }) => changed));
    batch.forEach(({ id }, index) => {
      reply({ kind: 'answer', id, result: results[index] as Result<null> });
    });
  }

  function take({ nowMs, request }: Envelope): void {
    follow(nowMs);
    switch (request.kind) {
      case 'key-set':
        storage.nameKeySet(request.id, request.seriesKeys);
        break;
      case 'forget-key-sets':
        flush();
        storage.forgetKeySets(request.below);
        break;
      case 'append':
        waiting.push(request.delivery);
        lastSequence = request.sequence;
        if (waiting.length >= DELIVERIES_AT_ONCE) flush();
        break;
      case 'call': {
        if (request.method === 'saveTasks') {
          saves.push({ id: request.id, changed: request.args[0] as TaskRecords });
          if (saves.length >= SAVES_AT_ONCE) flushSaves();
          break;
        }
        flush();
        flushSaves();
        const answer = storage[request.method] as (...args: readonly unknown[]) => ReturnType<typeof storage.open>;
        const result = answer(...request.args);
        reply({ kind: 'answer', id: request.id, result }, request.method === 'history' ? buffersOf(result) : []);
        break;
      }
      case 'close':
        flush();
        flushSaves();
        isClosed = true;
        clearTimeout(timer);
        storage.close();
        reply({ kind: 'closed' });
        port.close();
    }
  }

  function work(): void {
    if (isClosed) return;
    timer.refresh();
    if (isWorking) return;
    isWorking = true;
    // Behind messages that have arrived by then: they go first.
    setImmediate(() => {
      isWorking = false;
      if (storage.work()) work();
    });
  }

  port.on('message', (first: Envelope) => {
    take(first);
    for (let taken = 1; taken < MESSAGES_AT_ONCE; taken += 1) {
      const next = receiveMessageOnPort(port);
      if (next === undefined) break;
      take(next.message as Envelope);
    }
    flush();
    flushSaves();
    work();
  });
}

/** The time that the other side tells, going on by itself between messages unless it is under test. */
function toldClock(followsClock: boolean): { readonly clock: Clock; readonly follow: (nowMs: number) => void } {
  let toldMs = Date.now();
  let atMs = performance.now();
  return {
    clock: {
      nowMs: () => (followsClock ? toldMs : Math.floor(toldMs + performance.now() - atMs)),
      monotonicMs: () => performance.now(),
    },
    follow(nowMs) {
      toldMs = nowMs;
      atMs = performance.now();
    },
  };
}

function logLine(
  level: 'info' | 'warn' | 'error',
  message: string,
  about: Readonly<Record<string, unknown>>,
): StoreReply {
  return { kind: 'log', level, message, about };
}

function remoteLog(reply: (message: StoreReply) => void): Log {
  return {
    info: (message, about = {}) => reply(logLine('info', message, about)),
    warn: (message, about = {}) => reply(logLine('warn', message, about)),
    error: (message, about = {}) => reply(logLine('error', message, about)),
  };
}

/** Columns are handed over, not copied. */
function buffersOf(result: unknown): ArrayBuffer[] {
  const { ok, value } = result as { readonly ok: boolean; readonly value: History };
  if (!ok) return [];
  const buffers = value.series.flatMap(({ atMs, mean, min, max, count }) =>
    [atMs, mean, min, max, count].map((column) => column.buffer as ArrayBuffer),
  );
  return [...new Set(buffers)];
}
