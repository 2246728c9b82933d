/** What a test asks of the fake lab before the window loads. Plain data: it travels into the page as JSON. */
import type { ListenerView } from '../../../src/core/fleet/listener.ts';
import type { Settings } from '../../../src/core/settings/settings.ts';
import type { StorageNotice, StorageUsage } from '../../../src/core/storage-report.ts';

export interface Scenario {
  readonly seed: number;
  readonly workerCount: number;
  /** Calls that answer a failure until `window.fakeLab.mend()`. */
  readonly failing: readonly string[];
  /** Calls that never answer until `window.fakeLab.mend()`. */
  readonly hanging: readonly string[];
  readonly hasHostileNames: boolean;
  /** False: ticks come only from `window.fakeLab.step()`. */
  readonly isLive: boolean;
  /** False: there is no bridge, as when preload failed. */
  readonly isConnected: boolean;
  /** The first worker has no GPU, heat or power, like a small virtual machine. */
  readonly isPlainMachine: boolean;
  /** The GPUs of rig-03 are made up. */
  readonly isSimulated: boolean;
  readonly hasHistory: boolean;
  readonly notices: readonly StorageNotice[];
  readonly settings: Partial<Settings>;
  readonly uiState: Readonly<Record<string, unknown>>;
  readonly usage: Partial<StorageUsage>;
  readonly taskCount: number;
  /** Laid over what the fake listener would say. */
  readonly listener: Partial<ListenerView>;
}

export const SCENARIO: Scenario = {
  seed: 1,
  workerCount: 12,
  failing: [],
  hanging: [],
  hasHostileNames: false,
  isLive: true,
  isConnected: true,
  isPlainMachine: false,
  isSimulated: false,
  hasHistory: true,
  notices: [],
  settings: {},
  uiState: {},
  usage: {},
  taskCount: 0,
  listener: {},
};
