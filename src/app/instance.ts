/** One running Labwatch: the engine over its adapters, without Electron. The window and the control socket both use this. */
import type { WorkerId } from '../core/fleet/worker.ts';
import type { Level } from '../core/metrics/level.ts';
import type { Result } from '../core/result.ts';
import type { SettingKey, Settings } from '../core/settings/settings.ts';
import type { StorageNotice } from '../core/storage-report.ts';
import type { Disposable } from '../core/time.ts';
import type { Monitor } from '../engine/monitor.ts';
import type { Store } from '../engine/ports.ts';

export interface Instance extends Disposable {
  readonly dataDir: string;
  readonly logsDir: string;
  readonly localWorkerId: WorkerId;
  readonly monitor: Monitor;
  readonly store: Store;
  settings(): Settings;
  /** Checks, stores and applies one setting (a new level reaches the sampler, new retention the store). */
  changeSetting(key: SettingKey, value: unknown): Promise<Result<Settings>>;
  setLevel(workerId: WorkerId, level: Level): Promise<Result<null>>;
  refreshInventory(workerId: WorkerId): Result<null>;
  notices(): readonly StorageNotice[];
  onSettings(listener: (settings: Settings) => void): Disposable;
  onNotices(listener: (notices: readonly StorageNotice[]) => void): Disposable;
}
