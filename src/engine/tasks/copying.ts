/** Copies what an attempt wrote and made from its worker into the data folder, from where an earlier copy ended. */
import { type Failure, fail, ok, type Result } from '../../core/result.ts';
import type { FetchedFile } from '../../core/tasks/attempt.ts';
import type { AttemptId } from '../../core/tasks/task.ts';
import type { WirePiece } from '../../shared/protocol/contract.ts';
import type { TaskFiles } from '../ports.ts';
import { OUTPUT_LIMIT_BYTES } from './attempt-order.ts';
import { fromBase64 } from './base64.ts';
import type { WorkerLine } from './contract.ts';
import { isOfDisk, isUnheard } from './lines.ts';

/**
 * `later`: the link broke or our own disk refused, and another try may go further. `never`: the worker does not have it,
 * or what it has is not what it said.
 */
export type Copied =
  | { readonly kind: 'whole' }
  | { readonly kind: 'later'; readonly failure: Failure }
  | { readonly kind: 'never'; readonly failure: Failure };

/** Up to `totalBytes`, which is the worker's word: the newest of it, as much as an order lets a worker keep. */
export async function copyOutput(
  line: WorkerLine,
  files: Pick<TaskFiles, 'outputBytes' | 'appendOutput'>,
  attemptId: AttemptId,
  totalBytes: number,
): Promise<Copied> {
  let offset = Math.max(await files.outputBytes(attemptId), totalBytes - OUTPUT_LIMIT_BYTES);
  while (offset < totalBytes) {
    const piece = await readPiece(line.ask('read-output', { attemptId, offset }), offset);
    if (!piece.ok) return notCopied(piece.error);
    const { fromOffset, bytes } = piece.value;
    if (bytes.length > 0) {
      if (fromOffset >= totalBytes) return notCopied(wrongPiece().error);
      const kept = await files.appendOutput(attemptId, fromOffset, bytes);
      if (!kept.ok) return { kind: 'later', failure: kept.error };
      offset = fromOffset + bytes.length;
    }
    if (offset >= piece.value.totalBytes) break;
    if (bytes.length === 0) return notCopied(wrongPiece().error);
  }
  return WHOLE;
}

/** What did not arrive as it was sent is fetched once more, from its beginning. */
export async function copyFile(
  line: WorkerLine,
  files: Pick<TaskFiles, 'fetchedBytes' | 'appendFetched'>,
  attemptId: AttemptId,
  file: FetchedFile,
): Promise<Copied> {
  const copied = await copyOnce(line, files, attemptId, file);
  return copied.kind === 'never' ? copyOnce(line, files, attemptId, file) : copied;
}

async function copyOnce(
  line: WorkerLine,
  files: Pick<TaskFiles, 'fetchedBytes' | 'appendFetched'>,
  attemptId: AttemptId,
  file: FetchedFile,
): Promise<Copied> {
  let keptBytes = await files.fetchedBytes(attemptId, file);
  // An empty file is one empty piece.
  while (keptBytes < file.bytes || file.bytes === 0) {
    const piece = await readPiece(line.ask('read-file', { attemptId, path: file.path, offset: keptBytes }), keptBytes);
    if (!piece.ok) return notCopied(piece.error);
    const { fromOffset, bytes } = piece.value;
    if (file.bytes > 0 && (bytes.length === 0 || fromOffset !== keptBytes)) return notCopied(wrongPiece().error);
    const kept = await files.appendFetched(attemptId, file, fromOffset, bytes);
    if (!kept.ok)
      return {
        kind: isOfDisk(kept.error) || kept.error.code === 'not-permitted' ? 'later' : 'never',
        failure: kept.error,
      };
    keptBytes += bytes.length;
    if (file.bytes === 0) break;
  }
  return WHOLE;
}

interface Piece {
  readonly fromOffset: number;
  readonly bytes: Uint8Array;
  readonly totalBytes: number;
}

/** What a worker answered, as bytes. A piece that begins before it was asked for is none. */
export async function readPiece(asked: Promise<Result<WirePiece>>, offset: number): Promise<Result<Piece>> {
  const answer = await asked;
  if (!answer.ok) return answer;
  const { fromOffset, data, totalBytes } = answer.value;
  const bytes = fromBase64(data);
  return bytes === null || fromOffset < offset ? wrongPiece() : ok({ fromOffset, bytes, totalBytes });
}

const WHOLE: Copied = { kind: 'whole' };

function notCopied(failure: Failure): Copied {
  return { kind: isUnheard(failure) ? 'later' : 'never', failure };
}

function wrongPiece() {
  return fail('invalid-argument', 'The worker answered with other bytes than it was asked for.');
}
