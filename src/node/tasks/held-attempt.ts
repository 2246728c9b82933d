/** One attempt as its host holds it, and the reports that its facts become. */
import { constants } from 'node:os';
import type { AttemptEnd, AttemptOrder, AttemptReport, AttemptUsage } from '../../core/tasks/attempt.ts';
import type { AttemptPlace } from './attempt-place.ts';
import type { Meter } from './meter.ts';
import type { Fetched } from './scratch-files.ts';
import type { EndFacts, StartFacts } from './supervisor-facts.ts';

export interface HeldAttempt {
  readonly place: AttemptPlace;
  /** Null where only its end is known. */
  readonly order: AttemptOrder | null;
  report: AttemptReport;
  start: StartFacts | null;
  meter: Meter | null;
  /** It was given to the nursery. */
  isLaunched: boolean;
  isCancelled: boolean;
  /** Its end is known and being written down. */
  isEnding: boolean;
}

/** By state, so that it rises over restarts too. */
const VERSION = { accepted: 1, running: 2, ended: 3 } as const;

export function acceptedReport({ attemptId }: AttemptPlace): AttemptReport {
  return { attemptId, version: VERSION.accepted, state: 'accepted', ...NOTHING_YET };
}

export function runningReport({ attemptId }: AttemptPlace, startedAtMs: number): AttemptReport {
  return { attemptId, version: VERSION.running, state: 'running', ...NOTHING_YET, startedAtMs };
}

export function endedReport(
  { attemptId }: AttemptPlace,
  startedAtMs: number | null,
  endedAtMs: number,
  end: AttemptEnd,
  usage: AttemptUsage | null,
): AttemptReport {
  return { attemptId, version: VERSION.ended, state: 'ended', startedAtMs, endedAtMs, end, usage };
}

const NOTHING_YET = { startedAtMs: null, endedAtMs: null, end: null, usage: null };

const EMPTY_END: AttemptEnd = {
  how: 'cancelled',
  exitCode: null,
  signal: null,
  message: null,
  orphansEnded: 0,
  outputBytes: 0,
  outputDroppedBytes: 0,
  files: [],
  filesLeft: [],
};

/** An end of which no supervisor tells. */
export function shortEnd(how: AttemptEnd['how'], rest: Partial<AttemptEnd> = {}): AttemptEnd {
  return { ...EMPTY_END, how, ...rest };
}

export function endOf(
  facts: EndFacts,
  written: { readonly bytes: number; readonly droppedBytes: number },
  { files, left }: Fetched,
): AttemptEnd {
  const { how, exitCode, message, orphansEnded } = facts;
  const outputBytes = facts.outputBytes ?? written.bytes;
  const outputDroppedBytes = facts.outputDroppedBytes ?? written.droppedBytes;
  const signal = facts.signal === null ? null : signalName(facts.signal);
  return { how, exitCode, signal, message, orphansEnded, outputBytes, outputDroppedBytes, files, filesLeft: left };
}

function signalName(number: number): string {
  const found = Object.entries(constants.signals).find(([, value]) => value === number);
  return found?.[0] ?? `SIG${number}`;
}
