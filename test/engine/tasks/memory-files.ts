/** Files of tasks in memory, by the same rules as on disk. */
import { createHash } from 'node:crypto';
import { fail, ok, type Result } from '../../../src/core/result.ts';
import type { FetchedFile } from '../../../src/core/tasks/attempt.ts';
import type { AttemptId } from '../../../src/core/tasks/task.ts';
import type { TaskFiles } from '../../../src/engine/ports.ts';

export interface MemoryFiles extends TaskFiles {
  /** What lies beside a plan, by its name. */
  readonly beside: Map<string, Uint8Array>;
  readonly taken: Map<string, Uint8Array>;
  outputOf(attemptId: AttemptId): string;
  fetchedOf(attemptId: AttemptId): Readonly<Record<string, string>>;
  /** From now on writes answer this; null: they work again. */
  refuseWrites(failure: Result<never> | null): void;
}

export function memoryFiles(): MemoryFiles {
  const beside = new Map<string, Uint8Array>();
  const taken = new Map<string, Uint8Array>();
  const outputs = new Map<AttemptId, Uint8Array>();
  const fetched = new Map<AttemptId, Map<string, Uint8Array>>();
  let refusal: Result<never> | null = null;

  const fetchedPiece = (attemptId: AttemptId, { path }: FetchedFile) => fetched.get(attemptId)?.get(path);

  return {
    beside,
    taken,
    outputOf: (attemptId) => new TextDecoder().decode(outputs.get(attemptId)),
    fetchedOf: (attemptId) =>
      Object.fromEntries(
        [...(fetched.get(attemptId) ?? [])].map(([path, bytes]) => [path, new TextDecoder().decode(bytes)]),
      ),
    refuseWrites(failure) {
      refusal = failure;
    },
    async take(_folder, files) {
      const missing = files.find(({ from }) => !beside.has(from));
      if (missing !== undefined) return fail('not-found', `${missing.from} is not there.`);
      return ok(
        files.map(({ from, to }) => {
          const bytes = beside.get(from)!;
          const sha256 = sumOf(bytes);
          taken.set(sha256, bytes);
          return { to, bytes: bytes.length, sha256, isExecutable: false };
        }),
      );
    },
    async readTaken(sha256, offset, maxBytes) {
      const bytes = taken.get(sha256);
      return bytes === undefined ? fail('not-found', 'It is gone.') : ok(bytes.slice(offset, offset + maxBytes));
    },
    outputBytes: async (attemptId) => outputs.get(attemptId)?.length ?? 0,
    async appendOutput(attemptId, fromOffset, bytes) {
      if (refusal !== null) return refusal;
      const before = outputs.get(attemptId) ?? new Uint8Array();
      if (fromOffset < before.length) throw new Error(`A piece of ${attemptId} came twice, at ${fromOffset}.`);
      const after = new Uint8Array(fromOffset + bytes.length);
      after.set(before);
      after.set(bytes, fromOffset);
      outputs.set(attemptId, after);
      return ok(null);
    },
    async readOutput(attemptId, offset, maxBytes) {
      const bytes = outputs.get(attemptId) ?? new Uint8Array();
      return ok({ fromOffset: offset, bytes: bytes.slice(offset, offset + maxBytes), keptBytes: bytes.length });
    },
    async appendFetched(attemptId, file, offset, bytes) {
      if (refusal !== null) return refusal;
      const before = fetchedPiece(attemptId, file) ?? new Uint8Array();
      if (offset !== before.length) throw new Error(`A piece of ${file.path} came at ${offset}.`);
      const after = new Uint8Array([...before, ...bytes]);
      const files = fetched.get(attemptId) ?? new Map<string, Uint8Array>();
      fetched.set(attemptId, files.set(file.path, after));
      if (after.length < file.bytes || sumOf(after) === file.sha256) return ok(null);
      files.delete(file.path);
      return fail('invalid-argument', `${file.path} did not arrive as it was sent.`);
    },
    fetchedBytes: async (attemptId, file) => fetchedPiece(attemptId, file)?.length ?? 0,
    fetchedFolder: (attemptId) => (fetched.has(attemptId) ? `/data/${attemptId}` : null),
    settle: async () => refusal ?? ok(null),
    async remove(attemptIds) {
      for (const attemptId of attemptIds) {
        outputs.delete(attemptId);
        fetched.delete(attemptId);
      }
    },
    async trim() {},
    async keepTaken(sums) {
      for (const sum of taken.keys()) if (!sums.has(sum)) taken.delete(sum);
    },
  };
}

export function sumOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
