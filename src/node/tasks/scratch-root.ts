/**
 * Where scratch folders lie. Those of another user cannot lie below a folder that only the agent may enter, so they lie in
 * one that everybody may pass through and nobody but the agent may list or write.
 */
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fail, ok, type Result } from '../../core/result.ts';
import type { TaskUser } from './command-environment.ts';

/** Survives a reboot, unlike /tmp. */
const SHARED = '/var/tmp';
const OTHERS_MAY_WRITE = 0o022;

/** Null: in the attempt's own folder. */
export function openScratchRoot(folder: string, user: TaskUser | null): Result<string | null> {
  if (user === null) return ok(null);
  const root = join(SHARED, `labwatch-${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`);
  mkdirSync(root, { recursive: true, mode: 0o711 });
  const found = lstatSync(root);
  if (found.isDirectory() && found.uid === process.getuid?.() && (found.mode & OTHERS_MAY_WRITE) === 0) return ok(root);
  return fail('not-permitted', `${root} is not the agent's own folder. Remove it, then start the agent again.`);
}
