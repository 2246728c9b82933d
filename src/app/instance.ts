/** One running Labwatch: the engine over its adapters, without Electron. The window and the control socket both use this. */
import type { LabelChange } from '../core/fleet/labels.ts';
import type { InvitationView, ListenerView } from '../core/fleet/listener.ts';
import type { WorkerId } from '../core/fleet/worker.ts';
import type { Level } from '../core/metrics/level.ts';
import type { Result } from '../core/result.ts';
import type { Admission } from '../core/scheduling/place.ts';
import type { SettingKey, Settings } from '../core/settings/settings.ts';
import type { StorageNotice } from '../core/storage-report.ts';
import type { Disposable } from '../core/time.ts';
import type { Monitor } from '../engine/monitor.ts';
import type { Store } from '../engine/ports.ts';
import type { TaskService } from '../engine/tasks/contract.ts';

export interface Instance extends Disposable {
  readonly dataDir: string;
  readonly logsDir: string;
  readonly localWorkerId: WorkerId;
  readonly monitor: Monitor;
  readonly store: Store;
  readonly tasks: TaskService;
  settings(): Settings;
  /** Checks, stores and applies one setting (a new level reaches the sampler, new retention the store). */
  changeSetting(key: SettingKey, value: unknown): Promise<Result<Settings>>;
  setLevel(workerId: WorkerId, level: Level): Promise<Result<null>>;
  refreshInventory(workerId: WorkerId): Promise<Result<null>>;
  /** Brings this Labwatch's agent to a remote worker; resolves when it runs there, or with why it does not. */
  updateAgent(workerId: WorkerId): Promise<Result<null>>;
  /** Process snapshots of this worker come as they are read, as long as somebody looks; null: nobody does. */
  watchProcesses(workerId: WorkerId | null): void;
  /** Gives out a pairing code; the listener starts if it rested. */
  invite(): Promise<Result<InvitationView>>;
  /** Brings in a machine that waits to be dialled, by the code that it shows. */
  dialWorker(code: string): Promise<Result<WorkerId>>;
  renameWorker(workerId: WorkerId, name: string): Promise<Result<null>>;
  /** All of the changes or none. */
  labelWorker(workerId: WorkerId, changes: readonly LabelChange[]): Promise<Result<null>>;
  /** In the lab's own currency; null takes the price away. */
  setPrice(workerId: WorkerId, pricePerHour: number | null): Promise<Result<null>>;
  /** Ends the trust in a remote worker for ever. */
  removeWorker(workerId: WorkerId): Promise<Result<null>>;
  /** Whether it takes new tasks. */
  setAdmission(workerId: WorkerId, admission: Admission): Promise<Result<null>>;
  listener(): ListenerView;
  onListener(listener: (view: ListenerView) => void): Disposable;
  notices(): readonly StorageNotice[];
  onSettings(listener: (settings: Settings) => void): Disposable;
  onNotices(listener: (notices: readonly StorageNotice[]) => void): Disposable;
}
