/**
 * What an attempt wrote, bytes as they are, in segments named by the offset of their first byte.
 *
 * Past the limit the oldest segment goes, so that the newest bytes stay and offsets never change. Bytes that the worker
 * dropped are a gap between two segments.
 */
import { appendFile, open, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, ok, type Result } from '../../core/result.ts';
import type { AttemptId } from '../../core/tasks/task.ts';
import type { TaskFiles } from '../../engine/ports.ts';
import { fileFailure } from './file-failure.ts';
import { isAttemptId, makeFolder, namesIn, PRIVATE_FILE, syncFile, syncNames } from './folders.ts';
import type { TakeTurn } from './turns.ts';

/** Rotation gives up this part of the limit at a time. */
const SEGMENTS = 16;

/** Each gap begins a new segment: more than these are not kept, however little they hold. */
const MOST_SEGMENTS = 4 * SEGMENTS;

/** Digits of the greatest whole number that is exact. */
const OFFSET_DIGITS = 16;

interface Segment {
  readonly path: string;
  readonly start: number;
  readonly end: number;
}

type OutputFiles = Pick<TaskFiles, 'outputBytes' | 'appendOutput' | 'readOutput'> & {
  settle(attemptId: AttemptId): Promise<Result<null>>;
};

/** `limitBytes`: kept at most of one attempt. */
export function createAttemptOutput(root: string, limitBytes: number, inTurn: TakeTurn): OutputFiles {
  const segmentBytes = Math.ceil(limitBytes / SEGMENTS);

  function guarded<Value>(attemptId: AttemptId, work: (folder: string) => Promise<Result<Value>>) {
    return inTurn(attemptId, async (): Promise<Result<Value>> => {
      if (!isAttemptId(attemptId)) return fail('invalid-argument', 'This is no id of an attempt.');
      try {
        return await work(join(root, attemptId));
      } catch (error) {
        return fileFailure(error, 'The output of a task');
      }
    });
  }

  async function append(folder: string, fromOffset: number, bytes: Uint8Array): Promise<void> {
    const segments = [...(await segmentsIn(folder))];
    const end = segments.at(-1)?.end ?? 0;
    // A piece that comes again adds what is new of it.
    let rest = bytes.subarray(Math.min(bytes.length, Math.max(0, end - fromOffset)));
    let at = Math.max(fromOffset, end);
    if (rest.length === 0 && at === end) return;
    await makeFolder(folder);
    do {
      const last = segments.at(-1);
      const isRoom = last !== undefined && last.end === at && last.end - last.start < segmentBytes;
      const segment = isRoom ? last : { path: join(folder, nameOf(at)), start: at, end: at };
      const piece = rest.subarray(0, segmentBytes - (at - segment.start));
      await appendFile(segment.path, piece, { mode: PRIVATE_FILE });
      at += piece.length;
      rest = rest.subarray(piece.length);
      segments.splice(isRoom ? -1 : segments.length, 1, { ...segment, end: at });
    } while (rest.length > 0);
    await rotate(segments);
  }

  async function rotate(segments: readonly Segment[]): Promise<void> {
    let bytes = segments.reduce((sum, { start, end }) => sum + end - start, 0);
    for (const [index, { path, start, end }] of segments.slice(0, -1).entries()) {
      if (bytes <= limitBytes && segments.length - index <= MOST_SEGMENTS) return;
      await unlink(path);
      bytes -= end - start;
    }
  }

  return {
    async outputBytes(attemptId) {
      const end = await guarded(attemptId, async (folder) => ok((await segmentsIn(folder)).at(-1)?.end ?? 0));
      return end.ok ? end.value : 0;
    },
    appendOutput: (attemptId, fromOffset, bytes) =>
      guarded(attemptId, async (folder) => {
        if (!Number.isSafeInteger(fromOffset) || fromOffset < 0) {
          return fail('invalid-argument', 'Output begins at a whole number of bytes, 0 or more.');
        }
        await append(folder, fromOffset, bytes);
        return ok(null);
      }),
    readOutput: (attemptId, offset, maxBytes) =>
      guarded(attemptId, async (folder) => {
        const segments = await segmentsIn(folder);
        const keptBytes = segments.at(-1)?.end ?? 0;
        const following = segments.filter(({ start, end }) => end > offset && end > start);
        const fromOffset = Math.max(offset, following[0]?.start ?? 0);
        const bytes = await readThrough(following, fromOffset, maxBytes);
        return ok({ fromOffset, bytes, keptBytes });
      }),
    settle: (attemptId) =>
      guarded(attemptId, async (folder) => {
        const segments = await segmentsIn(folder);
        for (const { path } of segments) await syncFile(path);
        if (segments[0] !== undefined) await syncNames(segments[0].path, root);
        return ok(null);
      }),
  };
}

function nameOf(start: number): string {
  return String(start).padStart(OFFSET_DIGITS, '0');
}

/** By their offsets; what else lies there is not ours. */
async function segmentsIn(folder: string): Promise<readonly Segment[]> {
  const names = (await namesIn(folder)).filter((name) => /^\d{16}$/.test(name)).toSorted();
  return Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      return { path, start: Number(name), end: Number(name) + (await stat(path)).size };
    }),
  );
}

/** Bytes from `offset` on, as far as they lie without a gap. */
async function readThrough(segments: readonly Segment[], offset: number, maxBytes: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let at = offset;
  let left = maxBytes;
  for (const { path, start, end } of segments) {
    if (left <= 0 || start > at) break;
    const piece = Buffer.alloc(Math.min(left, end - at));
    const file = await open(path, 'r');
    try {
      await file.read(piece, 0, piece.length, at - start);
    } finally {
      await file.close();
    }
    pieces.push(piece);
    at += piece.length;
    left -= piece.length;
  }
  return Buffer.concat(pieces);
}
