/** The state of one source of metrics on one worker: shown, so that "no data" always has a reason. */
export type CollectorState = 'ok' | 'unsupported' | 'no permission' | 'failing';

export interface CollectorStatus {
  /** Short stable name: `cpu`, `memory`, `disk`, `nvidia`, `rapl` … */
  readonly collector: string;
  readonly state: CollectorState;
  /** Why it is not ok, in one sentence; also what is worth knowing while it is (a GPU left asleep). Else null. */
  readonly reason: string | null;
  /** A command or action that mends it, where one is known. */
  readonly remedy: string | null;
  readonly sinceMs: number;
  /** Ticks left out because the one before was still running. */
  readonly skippedTicks: number;
}
