/** What the engine needs from the outside world. Adapters in `src/node` implement these; tests bring fakes. */
import type { Inventory } from '../core/fleet/inventory.ts';
import type { WorkerId } from '../core/fleet/worker.ts';
import type { History, HistoryRequest, SeriesInfo } from '../core/metrics/history.ts';
import type { Level } from '../core/metrics/level.ts';
import type { ProcessSnapshot, SampleBatch, WorkerEvent } from '../core/metrics/sample.ts';
import type { Result } from '../core/result.ts';
import type { SettingKey, Settings } from '../core/settings/settings.ts';
import type { StorageNotice, StorageUsage } from '../core/storage-report.ts';
import type { Disposable } from '../core/time.ts';

/** Reads the local machine on a thread of its own and delivers batches; never throws after `start`. */
export interface Sampler extends Disposable {
  /** Starts at `level`. Listeners get every batch in order. */
  start(level: Level, onBatch: (batch: SampleBatch) => void): void;
  setLevel(level: Level): void;
  /** Reads the inventory again; it arrives as a batch. */
  refreshInventory(): void;
}

/** A worker as `fleet.db` knows it. */
export interface EnrolledWorker {
  readonly workerId: WorkerId;
  readonly name: string;
  readonly isLocal: boolean;
}

/** What opening the data folder found. */
export interface StoreOpened {
  readonly localWorker: EnrolledWorker;
  readonly workers: readonly EnrolledWorker[];
  readonly settings: Settings;
  readonly notices: readonly StorageNotice[];
}

/**
 * Both databases behind one door, on a thread of their own.
 *
 * Reads see everything appended before them. After `open` a method answers a failure, never a rejection, for what can go
 * wrong outside (disk, damage, a schema from the future).
 */
export interface Store extends Disposable {
  open(): Promise<Result<StoreOpened>>;
  /** Hands over a delivery. Kept in memory and retried while the disk refuses it (bounded; `memory-only` is raised). */
  append(workerId: WorkerId, batch: SampleBatch): void;
  history(request: HistoryRequest): Promise<Result<History>>;
  series(workerId: WorkerId): Promise<Result<readonly SeriesInfo[]>>;
  /** The snapshot nearest before `atMs`, not older than a minute; the newest when `atMs` is null. */
  processesAt(workerId: WorkerId, atMs: number | null): Promise<Result<ProcessSnapshot | null>>;
  inventory(workerId: WorkerId): Promise<Result<Inventory | null>>;
  events(workerId: WorkerId, fromMs: number, toMs: number): Promise<Result<readonly WorkerEvent[]>>;
  usage(): Promise<Result<StorageUsage>>;
  saveSetting<Key extends SettingKey>(key: Key, value: Settings[Key]): Promise<Result<Settings>>;
  /** Small state of the window (size, view, range), kept as JSON under a name. */
  loadUiState(): Promise<Result<Readonly<Record<string, unknown>>>>;
  saveUiState(state: Readonly<Record<string, unknown>>): Promise<Result<null>>;
  /** Storage notices as they begin; an empty list when all have ended. */
  onNotices(listener: (notices: readonly StorageNotice[]) => void): Disposable;
}

/** One line of the app's log: a sentence, and what it was about. Rotated files on disk; never metrics. */
export interface Log {
  info(message: string, about?: Readonly<Record<string, unknown>>): void;
  warn(message: string, about?: Readonly<Record<string, unknown>>): void;
  error(message: string, about?: Readonly<Record<string, unknown>>): void;
}

/** Timers as an argument, so that tests move time themselves. */
export interface Timers {
  /** Calls `action` once, `delayMs` from now, unless disposed before. */
  after(delayMs: number, action: () => void): Disposable;
}
