/** Reports of attempts as they travel: on the coordinator's clock, and never too large for a link. Pure. */
import type { AttemptEnd, AttemptReport } from '../core/tasks/attempt.ts';
import { LIMITS } from '../shared/protocol/contract.ts';
import { isPathBelow } from '../shared/protocol/task-checks.ts';

/**
 * Of the paths of all files: a report fits into a message however odd the names are. A letter takes six bytes at most, so
 * these take 384 KiB, the sentences 300 KB, and sums and sizes of all files 130 KB.
 */
const PATHS_LENGTH = 64 * 1024;
const MOST_SENTENCES = 100;
const SENTENCE_LENGTH = 500;

/** `differenceMs`: this machine's wall clock minus the coordinator's. */
export function told(report: AttemptReport, differenceMs: number): AttemptReport {
  return {
    ...report,
    startedAtMs: translated(report.startedAtMs, differenceMs),
    endedAtMs: translated(report.endedAtMs, differenceMs),
    end: report.end === null ? null : fitting(report.end),
  };
}

/** The least that can be said of an attempt: that it is held. Told whole behind it. */
export function named({ attemptId }: AttemptReport): AttemptReport {
  return { attemptId, version: 0, state: 'accepted', startedAtMs: null, endedAtMs: null, end: null, usage: null };
}

/** Of an attempt that nobody knows here and whose end is asked for. */
export function neverHeard(attemptId: AttemptReport['attemptId']): AttemptReport {
  const end: AttemptEnd = {
    how: 'cancelled',
    exitCode: null,
    signal: null,
    message: 'It had not reached its worker.',
    orphansEnded: 0,
    outputBytes: 0,
    outputDroppedBytes: 0,
    files: [],
    filesLeft: [],
  };
  return { attemptId, version: 1, state: 'ended', startedAtMs: null, endedAtMs: null, end, usage: null };
}

export function wireBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

function translated(atMs: number | null, differenceMs: number): number | null {
  return atMs === null ? null : Math.max(0, Math.round(atMs - differenceMs));
}

/** A task may name its files as it likes: what no coordinator would take is left here, and said. */
function fitting(end: AttemptEnd): AttemptEnd {
  const files: AttemptEnd['files'][number][] = [];
  const left: string[] = [];
  let length = 0;
  for (const file of end.files) {
    length += file.path.length;
    if (!isPathBelow(file.path)) left.push(`${file.path} has a name that other systems may misread.`);
    else if (files.length < LIMITS.filesPerAttempt && length <= PATHS_LENGTH) files.push(file);
    else left.push(`${file.path} is one file too many.`);
  }
  const sentences = [...left, ...end.filesLeft].map(cut);
  const more = sentences.length - MOST_SENTENCES + 1;
  const filesLeft = more <= 1 ? sentences : [...sentences.slice(0, -more), `And ${more} more.`];
  return { ...end, message: end.message === null ? null : cut(end.message), files, filesLeft };
}

function cut(sentence: string): string {
  return sentence.slice(0, SENTENCE_LENGTH).toWellFormed();
}
