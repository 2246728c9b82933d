/** Which attempts' files have to go, by age and by size. */
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { AttemptId } from '../../core/tasks/task.ts';
import type { FilesBound } from '../../engine/ports.ts';
import { isAttemptId, namesIn } from './folders.ts';

interface Weight {
  readonly attemptId: AttemptId;
  readonly bytes: number;
  readonly changedAtMs: number;
}

/** Of the attempts with a folder in one of `roots`, those past the bound, what has not changed for longest first. */
export async function pastBound(
  roots: readonly string[],
  { notBeforeMs, maxBytes }: FilesBound,
  open: ReadonlySet<AttemptId>,
): Promise<readonly AttemptId[]> {
  const names = new Set((await Promise.all(roots.map(namesIn))).flat());
  const weights: Weight[] = [];
  for (const name of names) if (isAttemptId(name)) weights.push(await weigh(name, roots));
  let total = weights.reduce((sum, { bytes }) => sum + bytes, 0);
  return weights
    .filter(({ attemptId }) => !open.has(attemptId))
    .sort((one, other) => one.changedAtMs - other.changedAtMs)
    .flatMap(({ attemptId, bytes, changedAtMs }) => {
      if (changedAtMs >= notBeforeMs && total <= maxBytes) return [];
      total -= bytes;
      return [attemptId];
    });
}

async function weigh(attemptId: AttemptId, roots: readonly string[]): Promise<Weight> {
  let bytes = 0;
  let changedAtMs = 0;
  for (const root of roots) {
    const folder = join(root, attemptId);
    // What goes away meanwhile weighs nothing.
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const found = await lstat(join(entry.parentPath, entry.name)).catch(() => null);
      if (found === null || !found.isFile()) continue;
      bytes += found.size;
      changedAtMs = Math.max(changedAtMs, found.mtimeMs);
    }
  }
  return { attemptId, bytes, changedAtMs };
}
