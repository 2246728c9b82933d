/** The text of a plan, from a file or from standard input, with the folder that its files lie beside. */
import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { fail, ok, type Result } from '../core/result.ts';

export interface PlanText {
  readonly text: string;
  /** Absolute; of a plan from standard input the folder that one stands in. */
  readonly folder: string;
  /** What sentences call it. */
  readonly name: string;
}

/** `-`: standard input. `invalid-argument` where it cannot be read. */
export async function readPlanText(path: string): Promise<Result<PlanText>> {
  if (path === '-') return ok({ text: await text(process.stdin), folder: process.cwd(), name: 'standard input' });
  try {
    const bytes = await readFile(path);
    const decoded = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return ok({ text: decoded, folder: dirname(resolve(path)), name: basename(path) });
  } catch (error) {
    return fail('invalid-argument', `${path} cannot be read as a plan: ${reasonOf(error)}.`);
  }
}

/** Why a file cannot be read or written, for the middle of a sentence. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EISDIR':
      return 'it is a folder';
    case 'EACCES':
      return 'it is not yours to read';
    case 'ERR_ENCODING_INVALID_ENCODED_DATA':
      return 'it is not UTF-8';
    default:
      return message;
  }
}
