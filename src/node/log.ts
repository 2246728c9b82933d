/**
 * The app's log: JSON lines in the logs folder, five files of 5 MB at most.
 *
 * Never throws: a full disk or a folder that vanished costs lines, which are counted and owned up to in the first line
 * that can be written again. Lines are few, so each is written at once: the last one before a crash is there.
 */
import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock, Disposable } from '../core/time.ts';
import type { Log } from '../engine/ports.ts';

const LARGEST_FILE_BYTES = 5 * 1024 * 1024;
const FILES = 5;
/** What one line may weigh; a runaway `about` is cut, not the disk filled. */
const LONGEST_LINE = 8 * 1024;

export interface LogOptions {
  readonly logsDir: string;
  readonly clock: Clock;
  /** What the files are called: `labwatch.log` unless given. */
  readonly name?: string;
  /** When to begin a new file. */
  readonly largestFileBytes?: number;
}

/** `labwatch.log` is the newest file, `labwatch.4.log` the oldest. Disposing closes the file; later lines reopen it. */
export function openLog(options: LogOptions): Log & Disposable {
  const { logsDir, clock, name = 'labwatch', largestFileBytes = LARGEST_FILE_BYTES } = options;
  let file: number | null = null;
  let sizeBytes = 0;
  let lostLines = 0;

  function open(): number {
    mkdirSync(logsDir, { recursive: true, mode: 0o700 });
    const opened = openSync(join(logsDir, fileName(name, 0)), 'a', 0o600);
    sizeBytes = fstatSync(opened).size;
    return opened;
  }
  function close(): void {
    if (file !== null) closeSync(file);
    file = null;
  }
  function write(level: string, message: string, about: Readonly<Record<string, unknown>> | undefined): void {
    try {
      file ??= open();
      if (sizeBytes > largestFileBytes) {
        close();
        shiftFiles(logsDir, name);
        file = open();
      }
      const lost = lostLines > 0 ? { lostLines } : {};
      const line = lineOf({ at: new Date(clock.nowMs()).toISOString(), level, message, ...lost, ...about });
      sizeBytes += writeSync(file, line);
      lostLines = 0;
    } catch {
      lostLines += 1;
      closeQuietly();
    }
  }
  function closeQuietly(): void {
    try {
      close();
    } catch {
      file = null;
    }
  }
  return {
    info: (message, about) => write('info', message, about),
    warn: (message, about) => write('warn', message, about),
    error: (message, about) => write('error', message, about),
    dispose: closeQuietly,
  };
}

function shiftFiles(logsDir: string, name: string): void {
  for (let index = FILES - 2; index >= 0; index -= 1) {
    try {
      renameSync(join(logsDir, fileName(name, index)), join(logsDir, fileName(name, index + 1)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

function fileName(name: string, index: number): string {
  return index === 0 ? `${name}.log` : `${name}.${index}.log`;
}

function lineOf(entry: Readonly<Record<string, unknown>>): string {
  const line = JSON.stringify(entry, (_key, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value instanceof Error ? String(value.stack) : value,
  );
  if (line.length <= LONGEST_LINE) return `${line}\n`;
  const { at, level, message } = entry;
  return `${JSON.stringify({ at, level, message: String(message).slice(0, LONGEST_LINE / 2), cut: true })}\n`;
}
