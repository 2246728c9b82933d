/** The store as the engine sees it: a thread that holds both databases, and the messages to it. */
import { Worker } from 'node:worker_threads';
import { fail, type Result } from '../../core/result.ts';
import type { StorageNotice } from '../../core/storage-report.ts';
import type { Clock } from '../../core/time.ts';
import type { Log, Store } from '../../engine/ports.ts';
import { systemClock } from '../system-clock.ts';
import { threadEntry } from '../thread.ts';
import { holdLibrary } from './connection.ts';
import { createDeliveryQueue } from './delivery-queue.ts';
import { createKeySets } from './key-sets.ts';
import type { Delivery, Envelope, StoreCalls, StoreReply, StoreRequest, StoreThreadData } from './messages.ts';

export interface ThreadedStoreOptions {
  readonly dataDir: string;
  /** Wall time for everything the store dates. */
  readonly clock?: Clock;
  readonly log?: Log;
  /** The thread's code, where it is another than the build's. */
  readonly entry?: URL;
}

const IN_FLIGHT_MAX_BYTES = 16 * 1024 * 1024;
const WAITING_MAX_BYTES = 64 * 1024 * 1024;

/** How long closing may take before the thread is ended: everything stored is safe by then. */
const CLOSE_LIMIT_MS = 5_000;

/** A thread that dies is started again, this often at most in a row without having answered anything. */
const RESTARTS_MAX = 3;

const SILENT: Log = { info() {}, warn() {}, error() {} };

interface PendingCall {
  readonly request: StoreRequest;
  readonly resolve: (result: Result<never>) => void;
}

/** Starts the thread; files are touched by `open`. */
export function createThreadedStore(options: ThreadedStoreOptions): Store {
  const { dataDir, clock = systemClock, log = SILENT, entry = threadEntry('store-thread') } = options;
  const listeners = new Set<(notices: readonly StorageNotice[]) => void>();
  const calls = new Map<number, PendingCall>();
  const queue = createDeliveryQueue({
    post,
    inFlightMaxBytes: IN_FLIGHT_MAX_BYTES,
    waitingMaxBytes: WAITING_MAX_BYTES,
    onDropped: (deliveries) =>
      log.warn('The store cannot keep up: the oldest deliveries were dropped.', { deliveries }),
  });
  const keySets = createKeySets((request) => queue.push(request, 0));
  let nextId = 1;
  let restarts = 0;
  let isOpened = false;
  let closing: Promise<void> | null = null;
  let onClosed: () => void = () => {};
  let worker: Worker | null = startThread();

  function startThread(): Worker {
    const data: StoreThreadData = { role: 'store', dataDir, followsClock: clock !== systemClock };
    const thread = new Worker(entry, { workerData: data, name: 'labwatch-store' });
    thread.on('message', receive);
    thread.on('error', (error) => log.error('The store thread failed.', { reason: error.message }));
    thread.on('exit', () => {
      if (worker !== thread) return;
      worker = null;
      onClosed();
      if (closing === null) restart();
    });
    return thread;
  }

  function post(request: StoreRequest): void {
    const envelope: Envelope = { nowMs: clock.nowMs(), request };
    worker?.postMessage(envelope);
  }

  function receive(reply: StoreReply): void {
    switch (reply.kind) {
      case 'answer': {
        restarts = 0;
        const call = calls.get(reply.id);
        calls.delete(reply.id);
        call?.resolve(reply.result as Result<never>);
        break;
      }
      case 'stored':
        queue.stored(reply.sequence);
        break;
      case 'notices':
        for (const listener of listeners) listener(reply.notices);
        break;
      case 'log':
        log[reply.level](reply.message, reply.about);
        break;
      case 'closed':
        onClosed();
    }
  }

  /** A new thread gets the names, what was not stored, and the questions that were not answered. */
  function restart(): void {
    restarts += 1;
    if (restarts > RESTARTS_MAX) {
      log.error('The store thread does not stay up; nothing is stored any more.');
      for (const call of calls.values()) call.resolve(unavailable());
      calls.clear();
      return;
    }
    worker = startThread();
    if (isOpened) post({ kind: 'call', id: 0, method: 'open', args: [] });
    for (const request of keySets.all()) post(request);
    queue.repeat();
    for (const { request } of calls.values()) post(request);
  }

  function call<Name extends keyof StoreCalls>(
    method: Name,
    ...args: Parameters<StoreCalls[Name]>
  ): ReturnType<StoreCalls[Name]> {
    const answer = new Promise((resolve) => {
      if (worker === null || closing !== null) {
        resolve(unavailable());
        return;
      }
      const id = nextId;
      nextId += 1;
      const request: StoreRequest = { kind: 'call', id, method, args };
      calls.set(id, { request, resolve });
      queue.push(request, 0);
    });
    return answer as ReturnType<StoreCalls[Name]>;
  }

  async function close(): Promise<void> {
    const thread = worker;
    if (thread === null) return;
    holdLibrary();
    const closed = new Promise<void>((resolve) => {
      onClosed = resolve;
      setTimeout(resolve, CLOSE_LIMIT_MS).unref();
    });
    queue.push({ kind: 'close' }, 0);
    await closed;
    worker = null;
    await thread.terminate();
    for (const one of calls.values()) one.resolve(unavailable());
    calls.clear();
  }

  return {
    open() {
      isOpened = true;
      return call('open');
    },
    append(workerId, batch) {
      if (closing !== null) return;
      const delivery: Delivery = {
        workerId,
        ticks: keySets.columnsOf(batch.ticks ?? []),
        processes: batch.processes ?? [],
        inventory: batch.inventory ?? null,
        events: batch.events ?? [],
      };
      if (isEmpty(delivery)) return;
      queue.push({ kind: 'append', sequence: nextId, delivery }, weigh(delivery));
      nextId += 1;
    },
    history: (request) => call('history', request),
    series: (workerId) => call('series', workerId),
    processesAt: (workerId, atMs) => call('processesAt', workerId, atMs),
    inventory: (workerId) => call('inventory', workerId),
    events: (workerId, fromMs, toMs) => call('events', workerId, fromMs, toMs),
    usage: () => call('usage'),
    saveSetting: (key, value) => call('saveSetting', key, value),
    saveInvitation: (invitation) => call('saveInvitation', invitation),
    invitation: (invitationId) => call('invitation', invitationId),
    enrol: (enrolment) => call('enrol', enrolment),
    renameWorker: (workerId, name) => call('renameWorker', workerId, name),
    saveWorkerLevel: (workerId, level) => call('saveWorkerLevel', workerId, level),
    saveLastSeen: (workerId, lastSeen) => call('saveLastSeen', workerId, lastSeen),
    changeLabels: (workerId, changes) => call('changeLabels', workerId, changes),
    savePrice: (workerId, pricePerHour) => call('savePrice', workerId, pricePerHour),
    saveAdmission: (workerId, admission) => call('saveAdmission', workerId, admission),
    removeWorker: (workerId) => call('removeWorker', workerId),
    isRemovedKey: (publicKey) => call('isRemovedKey', publicKey),
    saveTasks: (changed) => call('saveTasks', changed),
    openTasks: () => call('openTasks'),
    runRecords: (runIds) => call('runRecords', runIds),
    runRecordsOf: (taskIds) => call('runRecordsOf', taskIds),
    endedAttempts: (limit) => call('endedAttempts', limit),
    findTaskIds: (start) => call('findTaskIds', start),
    findRunIds: (start) => call('findRunIds', start),
    tasks: (query) => call('tasks', query),
    attemptsBetween: (query) => call('attemptsBetween', query),
    runs: (limit) => call('runs', limit),
    pastAttempts: (afterSequence, limit) => call('pastAttempts', afterSequence, limit),
    lastTaskSequence: () => call('lastTaskSequence'),
    forgetTasksBefore: (atMs) => call('forgetTasksBefore', atMs),
    loadUiState: () => call('loadUiState'),
    saveUiState: (state) => call('saveUiState', state),
    onNotices(listener) {
      listeners.add(listener);
      return { dispose: () => void listeners.delete(listener) };
    },
    dispose() {
      closing ??= close();
      return closing;
    },
  };
}

function unavailable(): Result<never> {
  return fail('unavailable', 'The store is not running. Start Labwatch again.');
}

function isEmpty({ ticks, processes, inventory, events }: Delivery): boolean {
  return ticks === null && processes.length === 0 && inventory === null && events.length === 0;
}

/** About what a delivery takes in memory, bytes. */
function weigh({ ticks, processes, inventory, events }: Delivery): number {
  const bytesOfTicks = ticks === null ? 0 : ticks.values.byteLength + ticks.atMs.length * 64;
  const bytesOfProcesses = processes.reduce((sum, snapshot) => sum + snapshot.processes.length * 300, 0);
  return 200 + bytesOfTicks + bytesOfProcesses + events.length * 200 + (inventory === null ? 0 : 4_000);
}
