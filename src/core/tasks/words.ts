/** What became of tasks and attempts, in words for the command line, the window and a task's own message. */
import { formatDuration } from '../metrics/format.ts';
import type { AttemptEnd } from './attempt.ts';
import type { Attempt, FailureReason, Task } from './task.ts';

/** As short as a cell of a table: `exit 1 after 3 s`, `timed out after 10 min`, `lost: nothing more was heard from rig-03`. */
export function attemptOutcome(attempt: Attempt, workerName: string): string {
  const { state, end } = attempt;
  switch (state) {
    case 'placed':
      return `on its way to ${workerName}`;
    case 'starting':
      return `starting on ${workerName}`;
    case 'running':
      return `running on ${workerName}`;
    case 'succeeded':
      return `succeeded${after(attempt)}`;
    case 'failed':
      return end === null ? 'failed' : failureOf(end, attempt);
    case 'timed-out':
      return `timed out${after(attempt)}`;
    case 'cancelled':
      return attempt.startedAtMs === null ? 'cancelled before it began' : `cancelled${after(attempt)}`;
    case 'preempted':
      return `made room for another task${after(attempt)}`;
    case 'lost':
      if (end?.how === 'not-started')
        return `given back: ${workerName} could not take it (${withoutStop(end.message)})`;
      return end?.how === 'vanished'
        ? `lost: its processes on ${workerName} are gone without a word`
        : `lost: nothing more was heard from ${workerName}`;
  }
}

/** What a task waits for or what came of it; `waitsFor` as its view has it. */
export function taskOutcome(task: Pick<Task, 'state' | 'reason' | 'message' | 'startedAtMs' | 'endedAtMs'>): string {
  switch (task.state) {
    case 'blocked':
      return 'waits for other tasks';
    case 'queued':
      return 'waits for a worker';
    case 'placed':
      return 'about to begin';
    case 'running':
      return 'running';
    case 'succeeded':
      return `succeeded${after(task)}`;
    case 'cancelled':
      return task.startedAtMs === null ? 'cancelled before it began' : `cancelled${after(task)}`;
    case 'failed':
      return task.message ?? (task.reason === null ? 'failed' : REASON_WORDS[task.reason]);
    case 'parked':
      return task.message ?? 'waits for a person';
  }
}

const REASON_WORDS: Readonly<Record<FailureReason, string>> = {
  exit: 'ended with an error',
  timeout: 'timed out',
  dependency: 'a task that it comes after did not succeed',
  lost: 'lost with its worker',
  'not-started': 'could not begin',
};

/** `Exit 1 after 3 s.` */
export function asSentence(words: string): string {
  const sentence = words.charAt(0).toUpperCase() + words.slice(1);
  return /[.!?…]$/.test(sentence) ? sentence : `${sentence}.`;
}

/** A sentence as a part of another one. */
export function withoutStop(sentence: string | null): string {
  return (sentence ?? '').replace(/[.!]$/, '');
}

/** `rig-01, rig-02 and rig-03` */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** What a shell answers for a program that it cannot run, or does not find (POSIX.1-2017, XCU 2.8.2). */
const CANNOT_RUN = 126;
const NOT_FOUND = 127;

function failureOf({ how, signal, exitCode, message }: AttemptEnd, times: Times): string {
  if (how === 'not-started') return message ?? 'could not begin';
  // Its supervisor, not the command, gave that code.
  if (message !== null && (exitCode === CANNOT_RUN || exitCode === NOT_FOUND)) return message;
  if (signal !== null) return `ended by ${signal}${after(times)}`;
  return exitCode === null ? `failed${after(times)}` : `exit ${exitCode}${after(times)}`;
}

type Times = Pick<Attempt, 'startedAtMs' | 'endedAtMs'>;

function after({ startedAtMs, endedAtMs }: Times): string {
  if (startedAtMs === null || endedAtMs === null) return '';
  return ` after ${formatDuration(Math.max(0, endedAtMs - startedAtMs))}`;
}
