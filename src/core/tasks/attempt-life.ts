/** How one attempt moves by what is heard of it. Whether that still counts for its task, `book.ts` decides. */
import type { AttemptEnd, AttemptReport } from './attempt.ts';
import type { Attempt, AttemptState, FailureReason } from './task.ts';
import type { LeftFile } from './wanted-files.ts';
import { asSentence, attemptOutcome } from './words.ts';

const PROGRESS: Partial<Readonly<Record<AttemptState, number>>> = { placed: 0, starting: 1, running: 2 };
const REPORTED = { accepted: 1, running: 2, ended: 3 } as const;

/** Whether the report tells something later than what is known of an attempt that is not over. */
export function isNews(attempt: Attempt, report: AttemptReport): boolean {
  return REPORTED[report.state] > (PROGRESS[attempt.state] ?? -1);
}

/** The attempt as the report tells it. `ended` without an end tells nothing. */
export function withReport(attempt: Attempt, report: AttemptReport, nowMs: number): Attempt {
  const heard = {
    ...attempt,
    startedAtMs: report.startedAtMs ?? attempt.startedAtMs,
    endedAtMs: null,
    usage: report.usage ?? attempt.usage,
  };
  if (report.state === 'accepted') return { ...heard, state: 'starting' };
  if (report.state === 'running') return { ...heard, state: 'running', startedAtMs: heard.startedAtMs ?? nowMs };
  return report.end === null ? attempt : withEnd(heard, report.end, report.endedAtMs ?? nowMs);
}

/** An end that came too late to count: kept beside the state that was decided without it. */
export function withLateEnd(attempt: Attempt, report: AttemptReport): Attempt {
  return {
    ...attempt,
    startedAtMs: attempt.startedAtMs ?? report.startedAtMs,
    end: report.end,
    usage: report.usage ?? attempt.usage,
  };
}

/** The worker would not have it. */
export function refused(attempt: Attempt, message: string, nowMs: number): Attempt {
  return withEnd(attempt, neverBegan(message), nowMs);
}

/** The worker could not have it: nothing is said against the task. */
export function returned(attempt: Attempt, message: string, nowMs: number): Attempt {
  return { ...attempt, state: 'lost', endedAtMs: nowMs, end: neverBegan(message) };
}

export function isReturned({ state, end }: Attempt): boolean {
  return state === 'lost' && end?.how === 'not-started';
}

/** Sentences that an attempt keeps about files that were not fetched. */
const MOST_SENTENCES = 100;

/** Null where nothing changes. */
export function withoutFiles(attempt: Attempt, left: readonly LeftFile[]): Attempt | null {
  const { end } = attempt;
  const sentences = new Map(left.map(({ path, sentence }) => [path, sentence]));
  const gone = end?.files.filter(({ path }) => sentences.has(path)) ?? [];
  if (end === null || gone.length === 0) return null;
  const files = end.files.filter(({ path }) => !sentences.has(path));
  const filesLeft = [...end.filesLeft, ...new Set(gone.map(({ path }) => sentences.get(path)!))];
  return { ...attempt, end: { ...end, files, filesLeft: filesLeft.slice(0, MOST_SENTENCES) } };
}

function neverBegan(message: string): AttemptEnd {
  return {
    how: 'not-started',
    exitCode: null,
    signal: null,
    message,
    orphansEnded: 0,
    outputBytes: 0,
    outputDroppedBytes: 0,
    files: [],
    filesLeft: [],
  };
}

function withEnd(attempt: Attempt, end: AttemptEnd, endedAtMs: number): Attempt {
  return { ...attempt, state: endState(attempt, end), endedAtMs, end };
}

function endState({ isCancelRequested }: Attempt, { how, exitCode, signal }: AttemptEnd): AttemptState {
  switch (how) {
    case 'exited':
      return exitCode === 0 && signal === null ? 'succeeded' : 'failed';
    case 'not-started':
      return isCancelRequested ? 'cancelled' : 'failed';
    case 'vanished':
      return 'lost';
    case 'timed-out':
    case 'cancelled':
      return how;
  }
}

/** What an attempt that is over means for its task, were it the last one. */
export type Verdict =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'cancelled' }
  /** May be tried again where retries are left. */
  | { readonly kind: 'failed'; readonly reason: FailureReason; readonly message: string }
  /** Costs no retry. */
  | { readonly kind: 'lost'; readonly message: string }
  /** As if it had never been placed there. */
  | { readonly kind: 'returned' };

/** `lostBecause`: a sentence for an attempt that was lost. Throws for one that is not over. */
export function verdictOf(attempt: Attempt, workerName: string, lostBecause: string | null): Verdict {
  const message = asSentence(attemptOutcome(attempt, workerName));
  switch (attempt.state) {
    case 'succeeded':
    case 'cancelled':
      return { kind: attempt.state };
    case 'failed':
      return { kind: 'failed', reason: attempt.end?.how === 'not-started' ? 'not-started' : 'exit', message };
    case 'timed-out':
      return { kind: 'failed', reason: 'timeout', message };
    case 'lost':
    case 'preempted':
      if (isReturned(attempt)) return { kind: 'returned' };
      return { kind: 'lost', message: lostBecause ?? message };
    case 'placed':
    case 'starting':
    case 'running':
      throw new Error(`An attempt that is not over says nothing of its task: ${JSON.stringify(attempt)}`);
  }
}
