/** Brings files of a task to its worker, piece by piece, and only those that it has not. */
import { fail, ok, type Result } from '../../core/result.ts';
import type { OrderedFile } from '../../core/tasks/attempt.ts';
import { LIMITS } from '../../shared/protocol/contract.ts';
import type { TaskFiles } from '../ports.ts';
import { toBase64 } from './base64.ts';
import type { WorkerLine } from './contract.ts';

/** `unavailable` or `timeout` where the worker did not hear of it; any other failure would come again. */
export async function bringFiles(
  line: WorkerLine,
  ordered: readonly OrderedFile[],
  files: Pick<TaskFiles, 'readTaken'>,
): Promise<Result<null>> {
  const bySum = new Map(ordered.map((file) => [file.sha256, file]));
  const answer = await line.ask('missing-files', { sha256: [...bySum.keys()] });
  if (!answer.ok) return answer;
  for (const sha256 of answer.value.missing) {
    const file = bySum.get(sha256);
    const brought = file === undefined ? ok(null) : await bringWhole(line, file, files);
    if (!brought.ok) return brought;
  }
  return ok(null);
}

/** A piece that was lost or damaged on the way is worth a second time, from the beginning. */
async function bringWhole(
  line: WorkerLine,
  file: OrderedFile,
  files: Pick<TaskFiles, 'readTaken'>,
): Promise<Result<null>> {
  const first = await bringFile(line, file, files);
  const mayBeDamaged = !first.ok && (first.error.code === 'invalid-argument' || first.error.code === 'storage');
  return mayBeDamaged ? bringFile(line, file, files) : first;
}

async function bringFile(
  line: WorkerLine,
  { sha256, bytes: totalBytes, to }: OrderedFile,
  files: Pick<TaskFiles, 'readTaken'>,
): Promise<Result<null>> {
  let offset = 0;
  // An empty file is one empty piece.
  do {
    const piece = await files.readTaken(sha256, offset, LIMITS.pieceBytes);
    if (!piece.ok || (piece.value.length === 0 && totalBytes > 0)) return goneHere(to);
    const data = toBase64(piece.value);
    const brought = await line.ask('bring-file', { sha256, offset, totalBytes, data });
    if (!brought.ok) return brought;
    offset += piece.value.length;
  } while (offset < totalBytes);
  return ok(null);
}

function goneHere(to: string) {
  return fail('not-found', `The file that becomes ${to} is no longer kept here; submit the plan again.`);
}
