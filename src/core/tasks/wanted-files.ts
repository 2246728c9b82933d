/** Which of the files that a worker offers at the end of an attempt are taken: a plan says what it wants, a worker may say anything. */
import { formatBytes } from '../metrics/format.ts';
import type { FetchedFile } from './attempt.ts';
import { parseGlob } from './glob.ts';
import type { TaskSpec } from './task.ts';

/** A file of an attempt that is not fetched, with a sentence that says why. */
export interface LeftFile {
  readonly path: string;
  readonly sentence: string;
}

export interface WantedFiles {
  readonly files: readonly FetchedFile[];
  readonly left: readonly LeftFile[];
}

/** `mostBytes`: of all files of one attempt together; what is offered first goes first. */
export function wantedFiles(
  { fetch, fileLimitBytes }: Pick<TaskSpec, 'fetch' | 'fileLimitBytes'>,
  offered: readonly FetchedFile[],
  mostBytes: number,
): WantedFiles {
  const globs = fetch.map(parseGlob);
  const files: FetchedFile[] = [];
  const left: LeftFile[] = [];
  let bytes = 0;

  function objectionTo(file: FetchedFile): string | null {
    const names = file.path.split('/');
    if (!globs.some((glob) => glob.fits(names))) return `${file.path} was not asked for.`;
    if (file.bytes > fileLimitBytes) {
      return `${file.path} is too large (${formatBytes(file.bytes)}, ${formatBytes(fileLimitBytes)} at most).`;
    }
    if (bytes + file.bytes <= mostBytes) return null;
    return `${file.path} was left out: the files of the task together are more than is kept (${formatBytes(mostBytes)}).`;
  }

  for (const file of offered) {
    const sentence = objectionTo(file);
    if (sentence !== null) left.push({ path: file.path, sentence });
    else {
      files.push(file);
      bytes += file.bytes;
    }
  }
  return { files, left };
}
