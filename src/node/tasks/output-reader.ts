/** What an attempt has written so far, from the files that its supervisor keeps: each named by the offset of its first byte. */
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing } from '../task-files/file-failure.ts';

interface Part {
  readonly path: string;
  readonly start: number;
  readonly end: number;
}

export interface OutputPart {
  /** Later than asked for where older bytes are gone. */
  readonly fromOffset: number;
  readonly bytes: Uint8Array;
}

export interface OutputTotals {
  /** Written so far. */
  readonly bytes: number;
  /** Of these, what is not there any more. */
  readonly droppedBytes: number;
}

export async function outputTotals(folder: string): Promise<OutputTotals> {
  const parts = await partsIn(folder);
  const bytes = parts.at(-1)?.end ?? 0;
  return { bytes, droppedBytes: bytes - parts.reduce((sum, { start, end }) => sum + end - start, 0) };
}

export async function outputBytes(folder: string): Promise<number> {
  return (await outputTotals(folder)).bytes;
}

/** As far as one file goes; the caller asks again from where it ended. */
export async function readOutput(folder: string, offset: number, maxBytes: number): Promise<OutputPart> {
  const parts = await partsIn(folder);
  for (const { path, start, end } of parts) {
    if (end <= offset || end === start) continue;
    const fromOffset = Math.max(offset, start);
    const bytes = await readAt(path, fromOffset - start, Math.min(maxBytes, end - fromOffset));
    // The oldest file may go between its listing and its reading.
    if (bytes !== null) return { fromOffset, bytes };
  }
  return { fromOffset: Math.max(offset, parts.at(-1)?.end ?? 0), bytes: new Uint8Array(0) };
}

async function partsIn(folder: string): Promise<readonly Part[]> {
  const names = (await readdir(folder)).filter((name) => /^output\.\d{16}$/.test(name)).toSorted();
  const parts = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const start = Number(name.slice('output.'.length));
      const size = await sizeOf(path);
      return size === null ? null : { path, start, end: start + size };
    }),
  );
  return parts.filter((part) => part !== null);
}

/** Null where it is gone. */
async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

async function readAt(path: string, position: number, length: number): Promise<Uint8Array | null> {
  try {
    const file = await open(path, 'r');
    try {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, position);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
