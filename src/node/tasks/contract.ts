/** Attempts on this machine, from their orders to their ends, as the agent sees them. */
import type { Result } from '../../core/result.ts';
import type { AttemptOrder, AttemptPulse, AttemptReport } from '../../core/tasks/attempt.ts';
import type { AttemptId } from '../../core/tasks/task.ts';
import type { TaskTerms } from '../../core/tasks/terms.ts';
import type { Clock } from '../../core/time.ts';
import type { Log, Timers } from '../../engine/ports.ts';
import type { WirePiece } from '../../shared/protocol/contract.ts';

export interface AttemptHostOptions {
  /** Everything lies below it, mode 0700: `attempts/ID/…`, `files/SHA256`. */
  readonly folder: string;
  readonly terms: TaskTerms;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  /** An attempt's report changed: `attempts()` has it. */
  readonly onReport: (report: AttemptReport) => void;
  /** Once a second while something runs. */
  readonly onPulses: (pulses: readonly AttemptPulse[]) => void;
}

/**
 * Starts attempts under supervisors that outlive it, and learns from their files what became of them. Times in reports
 * are of this machine's clock. `dispose` leaves supervisors and their commands running.
 */
export interface AttemptHost {
  /** Every attempt that is held, also those of an earlier process. */
  attempts(): readonly AttemptReport[];
  /** On disk when it resolves; what comes of it, reports tell. An order that is known changes nothing. */
  start(order: AttemptOrder): Promise<Result<null>>;
  /** Devices that attempts which are not over were given. */
  gpusInUse(): readonly number[];
  cancel(attemptId: AttemptId): void;
  forget(attemptIds: readonly AttemptId[]): Promise<void>;
  readOutput(attemptId: AttemptId, offset: number): Promise<Result<WirePiece>>;
  readFile(attemptId: AttemptId, path: string, offset: number): Promise<Result<WirePiece>>;
  missingFiles(sha256: readonly string[]): readonly string[];
  bringFile(sha256: string, offset: number, totalBytes: number, bytes: Uint8Array): Promise<Result<null>>;
  dispose(): Promise<void>;
}

/** Opens the folder and takes over what lies there. Fails where tasks cannot be run here at all, with what to do. */
export type OpenAttemptHost = (options: AttemptHostOptions) => Promise<Result<AttemptHost>>;
