/** Attempts as bars: where one begins and ends, and how it looks. Pure. */
import type { AttemptState } from '../../core/tasks/task.ts';
import type { AttemptView } from '../../core/tasks/view.ts';

/**
 * `done`: tinted by its type. `coming`: on its way to its worker. The others differ in mark or pattern as well as in colour.
 */
export type BarLook = 'done' | 'running' | 'coming' | 'failed' | 'stopped' | 'lost';

const LOOKS: Readonly<Record<AttemptState, BarLook>> = {
  placed: 'coming',
  starting: 'coming',
  running: 'running',
  succeeded: 'done',
  failed: 'failed',
  'timed-out': 'failed',
  cancelled: 'stopped',
  preempted: 'stopped',
  lost: 'lost',
};

export interface Bar {
  readonly attempt: AttemptView;
  readonly fromMs: number;
  /** `Infinity` while it is not over: it ends at now, whenever that is. */
  readonly toMs: number;
  readonly look: BarLook;
  readonly isRetry: boolean;
}

export function barOf(attempt: AttemptView): Bar {
  const fromMs = attempt.startedAtMs ?? attempt.placedAtMs;
  return {
    attempt,
    fromMs,
    // Clocks of workers are corrected as they are read: an end a little before the beginning is an end at once.
    toMs: Math.max(fromMs, attempt.endedAtMs ?? Number.POSITIVE_INFINITY),
    look: LOOKS[attempt.state],
    isRetry: attempt.number > 1,
  };
}

/** Where a bar ends on the screen. */
export function drawnEndMs({ fromMs, toMs }: Pick<Bar, 'fromMs' | 'toMs'>, nowMs: number): number {
  return toMs === Number.POSITIVE_INFINITY ? Math.max(fromMs, nowMs) : toMs;
}
