/**
 * The local machine's sampler: a thread of its own that is started again when it dies or falls silent.
 *
 * The thread's own sources report their states; what befalls the thread itself is reported here, as the collector
 * `sampler`.
 */
import { Worker } from 'node:worker_threads';
import type { CollectorStatus } from '../../core/metrics/collector.ts';
import { type Level, TICK_INTERVAL_MS } from '../../core/metrics/level.ts';
import type { SampleBatch } from '../../core/metrics/sample.ts';
import type { Clock } from '../../core/time.ts';
import type { Sampler } from '../../engine/ports.ts';
import { systemClock } from '../system-clock.ts';
import { threadEntry } from '../thread.ts';
import { ownSources } from './inventory/sources.ts';
import { type FromThread, LayoutMirror, type ThreadTask, type ToThread } from './wire.ts';

export interface SamplerOptions {
  /** Roots of the kernel's file trees; `/proc` and `/sys` unless given. */
  readonly procRoot?: string;
  readonly sysRoot?: string;
  /** Folders to look for programs in; PATH, and where toolkits lie, unless given. */
  readonly searchPath?: string;
  readonly clock?: Clock;
  /** Entry file of the thread; another one only to see what happens when a thread dies or hangs. */
  readonly entry?: URL;
}

const FIRST_BACK_OFF_MS = 500;
const MOST_BACK_OFF_MS = 30_000;
/** A thread that ran this long before it died starts again without delay. */
const STEADY_MS = 60_000;
/** Silence beyond three intervals, and at least this, means the thread is stuck: a read that blocks in the kernel. */
const LEAST_SILENCE_MS = 20_000;
const WATCH_EVERY_MS = 5_000;
const DISPOSE_LIMIT_MS = 4_000;
/** Small heaps: the thread holds little, and most of what it makes is short-lived. */
const RESOURCE_LIMITS = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 128 };

/** Its thread comes up at once, and waits for `start`: whoever opens a database meanwhile loses no time. */
export function createThreadedSampler(options: SamplerOptions = {}): Sampler {
  return new ThreadedSampler(options);
}

class ThreadedSampler implements Sampler {
  readonly #options: SamplerOptions;
  readonly #clock: Clock;
  #level: Level = 'standard';
  #onBatch: ((batch: SampleBatch) => void) | null = null;
  #worker: Worker | null = null;
  #mirror = new LayoutMirror();
  #childPids: readonly number[] = [];
  #startedAtMs = 0;
  #heardAtMs = 0;
  #backOffMs = 0;
  #restart: NodeJS.Timeout | null = null;
  #watch: NodeJS.Timeout | null = null;
  #status: CollectorStatus | null = null;
  #threadStatuses: readonly CollectorStatus[] = [];
  #disposal: Promise<void> | null = null;

  constructor(options: SamplerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#startThread();
  }

  start(level: Level, onBatch: (batch: SampleBatch) => void): void {
    if (this.#onBatch !== null) throw new Error('The sampler was started twice.');
    this.#level = level;
    this.#onBatch = onBatch;
    this.#heardAtMs = this.#clock.monotonicMs();
    this.#post({ kind: 'start', level });
    this.#watch = setInterval(() => this.#endIfSilent(), WATCH_EVERY_MS);
    this.#watch.unref();
  }

  setLevel(level: Level): void {
    this.#level = level;
    this.#post({ kind: 'set-level', level });
  }

  refreshInventory(): void {
    this.#post({ kind: 'refresh-inventory' });
  }

  dispose(): Promise<void> {
    this.#disposal ??= this.#dispose();
    return this.#disposal;
  }

  #startThread(): void {
    const own = ownSources();
    const task: ThreadTask = {
      role: 'sampler',
      procRoot: this.#options.procRoot ?? own.procRoot,
      sysRoot: this.#options.sysRoot ?? own.sysRoot,
      searchPath: this.#options.searchPath ?? own.searchPath,
    };
    this.#mirror = new LayoutMirror();
    this.#startedAtMs = this.#heardAtMs = this.#clock.monotonicMs();
    const worker = new Worker(this.#options.entry ?? threadEntry('sampler-thread'), {
      workerData: task,
      resourceLimits: RESOURCE_LIMITS,
      name: 'sampler',
    });
    this.#worker = worker;
    let reason = 'The sampling thread ended.';
    worker.on('message', (message: FromThread) => this.#receive(message));
    worker.on('error', (error) => {
      reason = `The sampling thread broke: ${error.message}`;
    });
    worker.on('exit', () => this.#afterExit(worker, reason));
    if (this.#onBatch !== null) this.#post({ kind: 'start', level: this.#level });
  }

  #receive(message: FromThread): void {
    this.#heardAtMs = this.#clock.monotonicMs();
    switch (message.kind) {
      case 'batch': {
        this.#mirror.learn(message.layouts);
        const ticks = message.ticks.map((tick) => this.#mirror.tick(tick));
        if (message.rest?.collectors !== undefined) this.#threadStatuses = message.rest.collectors;
        const rest = this.#withOwnStatus(message.rest);
        if (this.#disposal === null) this.#onBatch?.(ticks.length === 0 ? rest : { ...rest, ticks });
        return;
      }
      case 'children':
        this.#childPids = message.pids;
        return;
      case 'disposed':
        return;
    }
  }

  /** Adds this collector's recovery to the first batch after a fault, and its state to every list of states. */
  #withOwnStatus(rest: Omit<SampleBatch, 'ticks'> | null): SampleBatch {
    const status = this.#status;
    if (status === null) return rest ?? {};
    if (status.state !== 'ok') {
      const atMs = this.#clock.nowMs();
      this.#status = { ...status, state: 'ok', reason: null, sinceMs: atMs };
      const event = {
        atMs,
        kind: 'collector-changed',
        message: 'sampler: ok. The sampling thread runs again.',
      } as const;
      return {
        ...rest,
        collectors: [this.#status, ...this.#threadStatuses],
        events: [event, ...(rest?.events ?? [])],
      };
    }
    return rest?.collectors === undefined ? (rest ?? {}) : { ...rest, collectors: [status, ...rest.collectors] };
  }

  #afterExit(worker: Worker, reason: string): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    endChildren(this.#childPids);
    this.#childPids = [];
    if (this.#disposal !== null) return;
    const wasSteady = this.#clock.monotonicMs() - this.#startedAtMs >= STEADY_MS;
    this.#backOffMs = wasSteady ? 0 : Math.min(Math.max(FIRST_BACK_OFF_MS, this.#backOffMs * 2), MOST_BACK_OFF_MS);
    const atMs = this.#clock.nowMs();
    this.#status = { collector: 'sampler', state: 'failing', reason, remedy: null, sinceMs: atMs, skippedTicks: 0 };
    this.#onBatch?.({
      collectors: [this.#status, ...this.#threadStatuses],
      events: [{ atMs, kind: 'collector-changed', message: `sampler: failing. ${reason}` }],
    });
    this.#restart = setTimeout(() => this.#startThread(), this.#backOffMs);
  }

  #endIfSilent(): void {
    const worker = this.#worker;
    const limitMs = Math.max(LEAST_SILENCE_MS, 3 * TICK_INTERVAL_MS[this.#level]);
    if (worker === null || this.#clock.monotonicMs() - this.#heardAtMs < limitMs) return;
    this.#heardAtMs = this.#clock.monotonicMs();
    // A thread blocked in the kernel cannot be ended; it is left behind and another takes its place.
    void worker.terminate();
    worker.unref();
    this.#afterExit(worker, `The sampling thread has been silent for ${limitMs / 1_000} s.`);
  }

  #post(message: ToThread): void {
    this.#worker?.postMessage(message);
  }

  async #dispose(): Promise<void> {
    if (this.#watch !== null) clearInterval(this.#watch);
    if (this.#restart !== null) clearTimeout(this.#restart);
    const worker = this.#worker;
    if (worker === null) return;
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    worker.postMessage({ kind: 'dispose' } satisfies ToThread);
    let limit: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      limit = setTimeout(resolve, DISPOSE_LIMIT_MS, 'late');
    });
    if ((await Promise.race([ended, late])) === 'late') {
      void worker.terminate();
      worker.unref();
      endChildren(this.#childPids);
    }
    clearTimeout(limit);
  }
}

function endChildren(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Gone already, as it should be.
    }
  }
}
