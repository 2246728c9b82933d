/** What Labwatch knows and shows of one worker at this moment. */
import type { CollectorStatus } from '../metrics/collector.ts';
import type { Level } from '../metrics/level.ts';
import type { Admission } from '../scheduling/place.ts';
import type { TaskTerms } from '../tasks/terms.ts';
import type { Capability } from './capabilities.ts';
import type { Labels } from './labels.ts';

/** Identity of a worker for ever: a UUID given at enrolment (the local worker's at the first start of its data folder). */
export type WorkerId = string & { readonly brand: 'WorkerId' };

export function workerId(text: string): WorkerId {
  return text as WorkerId;
}

/** `stale`: connected but without a sample for three intervals. `unreachable` and `lost` belong to remote links. */
export type LinkState = 'online' | 'stale' | 'unreachable' | 'lost';

/** Newest value of each figure a tile shows; null where the machine has no such thing or it was not read yet. */
export interface WorkerFigures {
  /** Ratios 0..1. `diskUtilization` is the fullest real filesystem. `gpuUtilization` is the busiest GPU. */
  readonly cpuUtilization: number | null;
  readonly memoryUtilization: number | null;
  readonly gpuUtilization: number | null;
  readonly diskUtilization: number | null;
  readonly memoryUsedBytes: number | null;
  readonly memoryLimitBytes: number | null;
  readonly temperatureCelsius: number | null;
  readonly powerWatts: number | null;
  readonly load1: number | null;
  readonly uptimeSeconds: number | null;
}

/** What the coordinator knows of a worker that is another machine. */
export interface RemoteView {
  /** Newest version and address the agent reported; null before its first link in this data folder. */
  readonly agentVersion: string | null;
  readonly address: string | null;
  /** Where this side dials it, `rig-07.lab:7462`; null for a worker that dials by itself. */
  readonly dialledAt: string | null;
  readonly platform: string | null;
  readonly pairedAtMs: number;
  /** SHA-256 of the agent's public key, hex in groups of four: the same as `labwatch worker status` shows there. */
  readonly keyFingerprint: string;
  /** False: only watched. */
  readonly runsTasks: boolean;
  /** On what terms; null before its first link of this start, and where it runs none. */
  readonly taskTerms: TaskTerms | null;
  /** The worker's clock minus the coordinator's; null before it was measured. */
  readonly clockDifferenceMs: number | null;
  /** Samples of the past that the agent still has to deliver. */
  readonly spooledBytes: number;
  /** Ticks given up because the agent's spool was full. */
  readonly lostTicks: number;
  /** A newer agent is on its way there, or being started. */
  readonly isUpdating: boolean;
}

/** One worker as the window, the tray and `labwatch status` see it. Plain data: it crosses IPC as it is. */
export interface WorkerView {
  readonly workerId: WorkerId;
  readonly name: string;
  readonly isLocal: boolean;
  readonly link: LinkState;
  /** When a remote link came to be `unreachable` or `lost`; null otherwise. */
  readonly awaySinceMs: number | null;
  /** Null for the local worker. */
  readonly remote: RemoteView | null;
  readonly level: Level;
  /** Wall time of the newest sample, or null before the first. */
  readonly lastSampleAtMs: number | null;
  readonly figures: WorkerFigures;
  /** CPU utilisation of the last 60 s, oldest first; null marks a second without a sample. */
  readonly cpuSparkline: readonly (number | null)[];
  /** A few words on the hardware ("8 cores", "2× RTX 4090"), or null until the inventory is known. */
  readonly headline: string | null;
  /** Detected: `gpu.nvidia`, `gpu.compute=8.9`; empty until the inventory is known. */
  readonly capabilities: readonly Capability[];
  /** When the newest inventory was read, which may tell nothing new; null before the first. */
  readonly inventoryAtMs: number | null;
  /** Set by people, as is the price. */
  readonly labels: Labels;
  /** In the lab's own currency. */
  readonly pricePerHour: number | null;
  readonly collectors: readonly CollectorStatus[];
  /** Runs tasks at all, and takes new ones now. */
  readonly runsTasks: boolean;
  readonly admission: Admission;
  /** Names of the tasks that run there now, a few at most, and how many there are in all. */
  readonly runningTasks: readonly string[];
  readonly runningTaskCount: number;
}
