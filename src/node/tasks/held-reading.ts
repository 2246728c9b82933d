/** What is read of attempts that are held: their output, and files that their reports name. */
import { fail, ok } from '../../core/result.ts';
import type { AttemptId } from '../../core/tasks/task.ts';
import { LIMITS, type WirePiece } from '../../shared/protocol/contract.ts';
import { fileFailure } from '../task-files/file-failure.ts';
import type { TaskUser } from './command-environment.ts';
import type { AttemptHost } from './contract.ts';
import type { HeldAttempt } from './held-attempt.ts';
import { outputBytes, readOutput } from './output-reader.ts';
import { openInside } from './scratch-files.ts';

/** `user`: whose files a scratch folder holds; null: the agent's own. */
export function heldReading(
  held: ReadonlyMap<AttemptId, HeldAttempt>,
  user: TaskUser | null,
): Pick<AttemptHost, 'readOutput' | 'readFile'> {
  return {
    async readOutput(attemptId, offset) {
      const one = held.get(attemptId);
      if (one === undefined) return fail('not-found', NOT_HELD);
      try {
        const { fromOffset, bytes } = await readOutput(one.place.folder, offset, LIMITS.pieceBytes);
        const totalBytes = one.report.end?.outputBytes ?? (await outputBytes(one.place.folder));
        // What follows was dropped, where nothing does.
        const isOver = one.report.state === 'ended' && bytes.length === 0;
        return ok(piece(isOver ? Math.max(offset, totalBytes) : fromOffset, bytes, totalBytes));
      } catch (error) {
        return fileFailure(error, 'The output of a task');
      }
    },
    async readFile(attemptId, path, offset) {
      const one = held.get(attemptId);
      if (one === undefined) return fail('not-found', NOT_HELD);
      const known = one.report.end?.files.find((file) => file.path === path);
      const file = known === undefined ? null : await openInside(one.place.scratch, path, user);
      if (known === undefined || file === null) return fail('not-found', `The task left no file ${path} here.`);
      try {
        const bytes = Buffer.alloc(Math.max(0, Math.min(LIMITS.pieceBytes, known.bytes - offset)));
        const { bytesRead } = await file.read(bytes, 0, bytes.length, offset);
        return ok(piece(offset, bytes.subarray(0, bytesRead), known.bytes));
      } catch (error) {
        return fileFailure(error, path);
      } finally {
        await file.close();
      }
    },
  };
}

const NOT_HELD = 'This attempt is not on this machine any more.';

function piece(fromOffset: number, bytes: Uint8Array, totalBytes: number): WirePiece {
  return { fromOffset, data: Buffer.from(bytes).toString('base64'), totalBytes };
}
