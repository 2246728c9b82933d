/**
 * Folders of attempts that are forgotten: moved aside at once, so that no later process takes them for attempts, and
 * used again where a command left its scratch folder as it was. Making and removing folders costs more than a short task.
 */
import { type BigIntStats, lstatSync, readdirSync, renameSync, unlinkSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing } from '../task-files/file-failure.ts';
import { type AttemptPlace, makePlace } from './attempt-place.ts';
import type { TaskUser } from './command-environment.ts';
import { removeScratch } from './scratch-removal.ts';

const MOST_SPARE = 64;
const SCRATCH = 'scratch';
const OWN_MODE = 0o700n;
const MODE_BITS = 0o7777n;

export interface SparePlaces {
  /** Makes the attempt's folder; it may be there already. `isPlain`: no files are brought into its scratch folder. */
  make(place: AttemptPlace, isPlain: boolean): void;
  /** `isReusable`: no process that knew it is left. Throws where it cannot be moved aside. */
  forget(place: AttemptPlace, isReusable: boolean): Promise<void>;
  /** Resolves when what was forgotten is removed. */
  settled(): Promise<void>;
}

/** `root`: on the disk of the attempts. `user`: whose scratch folders lie elsewhere. What an earlier process left there goes, soon. */
export async function openSparePlaces(
  root: string,
  user: TaskUser | null,
  onError: (error: unknown) => void,
): Promise<SparePlaces> {
  await mkdir(root, { recursive: true, mode: 0o700 });
  const left = await readdir(root);
  const spare: string[] = [];
  let forgotten = Math.max(0, ...left.map(Number).filter(Number.isInteger));
  let removing: Promise<void> = Promise.resolve();
  for (const name of left) remove(join(root, name));

  function taken(place: AttemptPlace): boolean {
    const folder = spare.pop();
    if (folder === undefined) return false;
    try {
      renameSync(folder, place.folder);
      return true;
    } catch {
      remove(folder);
      return false;
    }
  }

  /** One after another, behind what cannot wait. */
  function remove(folder: string): void {
    removing = removing.then(() => removeScratch(folder, null)).catch(onError);
  }

  return {
    make(place, isPlain) {
      if (!isPlain || !taken(place)) makePlace(place);
    },
    async forget(place, isReusable) {
      const isInside = place.scratch === join(place.folder, SCRATCH);
      if (!isInside) await removeScratch(place.scratch, user);
      if (!isInside) await removeScratch(place.draft, null);
      forgotten += 1;
      const folder = join(root, String(forgotten));
      try {
        renameSync(place.folder, folder);
      } catch (error) {
        if (isMissing(error)) return;
        throw error;
      }
      if (isReusable && isInside && spare.length < MOST_SPARE && isAsNew(folder)) spare.push(folder);
      else remove(folder);
    },
    settled: () => removing,
  };
}

/** Empties the folder up to a scratch folder that nobody has touched; false where there is more to it. */
function isAsNew(folder: string): boolean {
  try {
    if (!isUntouched(lstatSync(join(folder, SCRATCH), { bigint: true }))) return false;
    for (const name of readdirSync(folder)) if (name !== SCRATCH) unlinkSync(join(folder, name));
    return true;
  } catch {
    return false;
  }
}

/** Whatever is made in a folder, or changed about it, changes one of its times. */
function isUntouched(found: BigIntStats): boolean {
  const isOwn = found.isDirectory() && (found.mode & MODE_BITS) === OWN_MODE;
  return isOwn && found.birthtimeNs === found.mtimeNs && found.birthtimeNs === found.ctimeNs;
}
