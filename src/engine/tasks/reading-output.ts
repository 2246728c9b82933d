/** What an attempt wrote, for who looks at it: what is kept here, and beyond it what its worker has. */
import { ok, type Result } from '../../core/result.ts';
import { type Attempt, isAttemptOver } from '../../core/tasks/task.ts';
import type { OutputPiece } from '../../core/tasks/view.ts';
import type { TaskFiles } from '../ports.ts';
import { toBase64 } from './base64.ts';
import type { WorkerLine } from './contract.ts';
import { readPiece } from './copying.ts';

const MOST_BYTES = 64 * 1024;

export interface OutputSource {
  readonly attempt: Attempt;
  /** Null where the worker cannot be asked now. */
  readonly line: WorkerLine | null;
  /** Written so far, as its pulses tell; 0 before the first. */
  readonly pulsedBytes: number;
  /** The worker is still of the fleet, so that what it has not delivered may come. */
  readonly isAwaited: boolean;
}

/** At most 64 KiB from `offset`; a negative one counts from the end. */
export async function readOutput(
  { attempt, line, pulsedBytes, isAwaited }: OutputSource,
  files: Pick<TaskFiles, 'outputBytes' | 'readOutput'>,
  offset: number,
): Promise<Result<OutputPiece>> {
  const { attemptId, state, end } = attempt;
  const keptBytes = await files.outputBytes(attemptId);
  const isWhole = end !== null && keptBytes >= end.outputBytes;
  const isOver = isAttemptOver(state);
  const source = isWhole ? null : line;

  async function askWorker(from: number) {
    if (source === null) return null;
    const answer = await readPiece(source.ask('read-output', { attemptId, offset: from }), from);
    return answer.ok ? answer.value : null;
  }

  async function writtenBytes(): Promise<number> {
    if (end !== null) return isOver && source === null && !isAwaited ? keptBytes : Math.max(keptBytes, end.outputBytes);
    const newest = offset < 0 ? await askWorker(Math.max(keptBytes, pulsedBytes)) : null;
    return Math.max(keptBytes, pulsedBytes, newest?.totalBytes ?? 0);
  }

  function answer(fromOffset: number, bytes: Uint8Array, totalBytes: number): Result<OutputPiece> {
    const isComplete = isOver && (isWhole || end === null || source !== null || !isAwaited);
    return ok({ fromOffset, data: toBase64(bytes.subarray(0, MOST_BYTES)), totalBytes, isComplete });
  }

  const totalBytes = await writtenBytes();
  const from = offset < 0 ? Math.max(0, totalBytes + offset) : offset;
  const newer = from >= keptBytes ? await askWorker(from) : null;
  if (newer !== null) return answer(newer.fromOffset, newer.bytes, Math.max(totalBytes, newer.totalBytes));
  const kept = await files.readOutput(attemptId, from, MOST_BYTES);
  return kept.ok ? answer(kept.value.fromOffset, kept.value.bytes, Math.max(totalBytes, kept.value.keptBytes)) : kept;
}
