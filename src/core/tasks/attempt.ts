/** What passes between a coordinator and a worker about one attempt: the order, how it goes, how it ended. */
import type { AttemptId, TaskId } from './task.ts';

/** A file that must lie in the scratch folder before the command starts; its bytes were brought before. */
export interface OrderedFile {
  /** Relative to the scratch folder, `/` between names, no `..`. */
  readonly to: string;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
  readonly isExecutable: boolean;
}

/** Everything a worker needs to know to run an attempt. Kept on its disk before it is acknowledged. */
export interface AttemptOrder {
  readonly attemptId: AttemptId;
  readonly taskId: TaskId;
  /** For people: what the process list and the log call it. */
  readonly name: string;
  /** argv, at least one text; never passed through a shell. */
  readonly command: readonly string[];
  readonly cwd: string | null;
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string | null;
  readonly files: readonly OrderedFile[];
  readonly fetch: readonly string[];
  readonly fileLimitBytes: number;
  /** Devices it may see; empty: none. */
  readonly gpuIndexes: readonly number[];
  readonly timeoutMs: number | null;
  /** From SIGTERM to SIGKILL. */
  readonly graceMs: number;
  /** Output kept at most: the newest bytes. */
  readonly outputLimitBytes: number;
}

/** How the processes of an attempt were told from others, best first. */
export type UsageBasis = 'cgroup' | 'subreaper' | 'process-tree';

/** What an attempt used, all its processes together. Null: not measured, which is not 0. */
export interface AttemptUsage {
  readonly basis: UsageBasis;
  /** From the start of the command to its end, or until now. */
  readonly wallMs: number;
  /** User and system together. */
  readonly cpuSeconds: number | null;
  readonly coresPeak: number | null;
  readonly coresMean: number | null;
  /** PSS or the cgroup's own count. */
  readonly memoryPeakBytes: number | null;
  /** Weighted by time. */
  readonly memoryMeanBytes: number | null;
  readonly diskReadBytes: number | null;
  readonly diskWriteBytes: number | null;
  readonly networkReceivedBytes: number | null;
  readonly networkSentBytes: number | null;
  /** 0..1, of the devices it was given. */
  readonly gpuUtilizationPeak: number | null;
  readonly gpuUtilizationMean: number | null;
  readonly gpuMemoryPeakBytes: number | null;
  readonly gpuMemoryMeanBytes: number | null;
  readonly energyJoules: number | null;
  /** Most processes at once. */
  readonly processesPeak: number | null;
}

/** What a running attempt uses at this moment. */
export interface AttemptPulse {
  readonly attemptId: AttemptId;
  readonly cores: number | null;
  readonly memoryBytes: number | null;
  readonly gpuMemoryBytes: number | null;
  readonly usage: AttemptUsage;
  /** All that it has written so far. */
  readonly outputBytes: number;
}

export interface FetchedFile {
  /** Relative to the scratch folder. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface AttemptEnd {
  readonly how:
    | 'exited'
    | 'timed-out'
    | 'cancelled'
    /** It never began; `message` says why. */
    | 'not-started'
    /** Its supervisor is gone without a word: the machine stopped, or somebody killed it. */
    | 'vanished';
  readonly exitCode: number | null;
  /** `SIGSEGV`; null where it exited by itself. */
  readonly signal: string | null;
  readonly message: string | null;
  /** Processes that outlived the command and were ended. */
  readonly orphansEnded: number;
  /** All that it wrote. */
  readonly outputBytes: number;
  /** Of these, what was not kept because of the limit (the oldest). */
  readonly outputDroppedBytes: number;
  readonly files: readonly FetchedFile[];
  /** Files that fitted a glob and were too large, or gone: sentences. */
  readonly filesLeft: readonly string[];
}

/** Where an attempt stands on its worker. Sent until it is taken; `version` rises with each change. */
export interface AttemptReport {
  readonly attemptId: AttemptId;
  readonly version: number;
  readonly state: 'accepted' | 'running' | 'ended';
  /** On the coordinator's clock. */
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  /** Only with `ended`. */
  readonly end: AttemptEnd | null;
  readonly usage: AttemptUsage | null;
}
