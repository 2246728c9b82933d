/**
 * Where metrics are kept right now: on disk, or in memory while the disk refuses them.
 *
 * The memory is a second database of the same schema, so that history reads it like the first. It is bounded: the oldest
 * samples go first, counted. When the disk takes writes again, what is in memory moves over, oldest first.
 */
import type { WorkerId } from '../../core/fleet/worker.ts';
import type { ProcessSnapshot } from '../../core/metrics/sample.ts';
import type { SeriesKey } from '../../core/metrics/series.ts';
import type { Clock } from '../../core/time.ts';
import type { Log } from '../../engine/ports.ts';
import { describe, faultKind, isFault } from './fault.ts';
import { inspectFile, setAside } from './file-inspection.ts';
import { createLogSync, type LogSync } from './log-sync.ts';
import type { TickColumns } from './messages.ts';
import { type MetricsDatabase, openMetrics, openMetricsForReading, type WritableMetrics } from './metrics-database.ts';
import { METRICS_SCHEMA } from './migrations/schemas.ts';
import type { NoticeBoard } from './notice-board.ts';
import { dropOldestTicks, moveTicks, overflowBytes } from './overflow.ts';

/** What one delivery holds for metrics.db. */
export interface MetricsDelivery {
  readonly workerId: WorkerId;
  readonly ticks: TickColumns | null;
  readonly processes: readonly ProcessSnapshot[];
}

export type KeySets = ReadonlyMap<number, readonly SeriesKey[]>;

export interface MetricsHome {
  readonly path: string;
  /** Stores on disk or in memory. Throws only for bugs. */
  append(deliveries: readonly MetricsDelivery[], keySets: KeySets): void;
  /** Everything that holds samples, disk first. */
  databases(): readonly MetricsDatabase[];
  /** The database on disk while it takes writes, else null: what packing, rollups and retention work on. */
  writable(): WritableMetrics | null;
  /** Tries the disk again while in memory. Call it every second or so; moves one slice at a time. True when more is left. */
  resume(): boolean;
  /** Brings committed samples to the platter, once a second. */
  sync(): void;
  /** The file was found damaged: moves it out of the way and begins a new one. */
  setAside(reason: string): void;
  /** Sorts out an error met while reading or maintaining the file. Rethrows bugs. */
  handle(error: unknown): void;
  /** The local worker as this file remembers it, should fleet.db be lost. */
  rememberedLocalWorker(): string | null;
  rememberLocalWorker(workerId: WorkerId): void;
  /** True when the file was not closed properly the last time. */
  readonly wasClosed: boolean;
  close(): void;
}

export interface MetricsHomeOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly notices: NoticeBoard;
  readonly log: Log;
  /** Bound of what is kept in memory. */
  readonly overflowMaxBytes: number;
}

export function openMetricsHome(options: MetricsHomeOptions): MetricsHome {
  const { path, clock, notices, log, overflowMaxBytes } = options;
  let disk: WritableMetrics | null = null;
  let readOnly: MetricsDatabase | null = null;
  let overflow: WritableMetrics | null = null;
  let logSync: LogSync | null = null;
  let isNewer = false;
  let wasClosed = true;
  let droppedSamples = 0;
  open();

  function open(): void {
    try {
      const verdict = inspectFile(path, METRICS_SCHEMA);
      if (verdict.kind === 'unusable') replaceFile(verdict.reason);
      else if (verdict.kind === 'newer') openNewer();
      else {
        if (verdict.kind === 'ours') wasClosed = verdict.wasClosed;
        use(openMetrics(path));
      }
    } catch (error) {
      if (faultKind(error) === 'damaged') openAfresh(describe(error));
      else if (isFault(error)) goMemoryOnly(error);
      else throw error;
    }
  }

  function openNewer(): void {
    isNewer = true;
    notices.raise('metrics', { kind: 'newer-schema', atMs: clock.nowMs(), file: path });
    readOnly = openMetricsForReading(path);
  }

  function replaceFile(reason: string): void {
    const movedTo = setAside(path, clock.nowMs());
    notices.raise('metrics', { kind: 'metrics-set-aside', atMs: clock.nowMs(), movedTo, reason });
    log.error('metrics.db was set aside and a new one begun.', { movedTo, reason });
    use(openMetrics(path));
  }

  function use(opened: WritableMetrics): void {
    disk = opened;
    logSync?.close();
    logSync = createLogSync(path, clock);
  }

  function openAfresh(reason: string): void {
    disk?.connection.close();
    readOnly?.connection.close();
    disk = null;
    readOnly = null;
    try {
      replaceFile(reason);
    } catch (error) {
      if (!isFault(error)) throw error;
      goMemoryOnly(error);
    }
  }

  function goMemoryOnly(error: unknown): void {
    if (overflow !== null) return;
    overflow = openMetrics(':memory:');
    droppedSamples = 0;
    if (disk === null && readOnly === null) readOnly = openForReadingIfPossible();
    if (isNewer) return;
    const reason =
      faultKind(error) === 'no-room' ? 'The disk is full.' : `The disk refuses writes (${describe(error)}).`;
    notices.raise('metrics', { kind: 'memory-only', atMs: clock.nowMs(), reason });
    log.error('Metrics are kept in memory until the disk takes them again.', { reason: describe(error) });
  }

  function openForReadingIfPossible(): MetricsDatabase | null {
    try {
      return openMetricsForReading(path);
    } catch (error) {
      if (!isFault(error)) throw error;
      return null;
    }
  }

  function write(target: WritableMetrics, deliveries: readonly MetricsDelivery[], keySets: KeySets): void {
    target.transact(() => {
      for (const delivery of deliveries) {
        const worker = target.catalogue.workerFor(delivery.workerId);
        if (delivery.ticks !== null) target.ticks.write(worker, delivery.ticks, keySets);
        for (const snapshot of delivery.processes) target.snapshots.write(worker, snapshot);
      }
    });
  }

  function writeToMemory(deliveries: readonly MetricsDelivery[], keySets: KeySets): void {
    overflow ??= openMetrics(':memory:');
    write(overflow, deliveries, keySets);
    while (overflowBytes(overflow) > overflowMaxBytes) {
      const dropped = dropOldestTicks(overflow);
      if (dropped === 0) break;
      droppedSamples += dropped;
      log.warn('The memory for metrics is full: the oldest samples were dropped.', { droppedSamples });
    }
  }

  /** Deals with a fault of the file on disk; afterwards `disk` is usable, or `overflow` is there. */
  function recover(error: unknown): void {
    const kind = faultKind(error);
    if (kind === 'bug') throw error;
    if (kind === 'damaged' && !isNewer) openAfresh(describe(error));
    else goMemoryOnly(error);
  }

  function moveOverflow(from: WritableMetrics, to: WritableMetrics): boolean {
    try {
      if (moveTicks(from, to)) return true;
    } catch (error) {
      if (faultKind(error) === 'bug') throw error;
      if (faultKind(error) === 'damaged') openAfresh(describe(error));
      return false;
    }
    from.connection.close();
    overflow = null;
    notices.end('metrics', 'memory-only');
    log.info('The disk takes metrics again; what was kept in memory is stored.', { droppedSamples });
    return false;
  }

  return {
    path,
    setAside: openAfresh,
    get wasClosed() {
      return wasClosed;
    },
    append(deliveries, keySets) {
      if (disk === null || overflow !== null) return writeToMemory(deliveries, keySets);
      try {
        write(disk, deliveries, keySets);
        logSync?.committed();
      } catch (error) {
        recover(error);
        if (disk !== null && overflow === null) write(disk, deliveries, keySets);
        else writeToMemory(deliveries, keySets);
      }
    },
    databases: () => [disk ?? readOnly, overflow].filter((one) => one !== null),
    writable: () => (overflow === null ? disk : null),
    resume() {
      if (overflow === null || isNewer) return false;
      if (disk === null) {
        try {
          const reopened = openMetrics(path);
          readOnly?.connection.close();
          readOnly = null;
          use(reopened);
        } catch (error) {
          if (faultKind(error) === 'damaged') openAfresh(describe(error));
          else if (!isFault(error)) throw error;
        }
      }
      return disk === null ? false : moveOverflow(overflow, disk);
    },
    sync: () => logSync?.syncIfDue(),
    handle: recover,
    rememberedLocalWorker: () => (disk ?? readOnly)?.facts.localWorker() ?? null,
    rememberLocalWorker(workerId) {
      const database = disk;
      if (database === null) return;
      try {
        database.transact(() => database.facts.setLocalWorker(workerId));
      } catch (error) {
        recover(error);
      }
    },
    close() {
      logSync?.close();
      for (const database of [disk, readOnly, overflow]) database?.connection.close();
      disk = null;
      readOnly = null;
      overflow = null;
    },
  };
}
