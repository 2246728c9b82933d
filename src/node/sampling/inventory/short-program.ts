/**
 * A program that is asked one thing and ends: no shell, no input, a limited time, and no more of its output than is read.
 *
 * Whatever it started ends with it: on POSIX it leads a process group of its own.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

export interface ShortProgram {
  readonly file: string;
  readonly args: readonly string[];
  readonly timeLimitMs: number;
}

export type ProgramEnd =
  | { readonly kind: 'ended'; readonly exitCode: number | null; readonly output: string }
  /** It printed more than is read; this is the beginning. */
  | { readonly kind: 'too-much'; readonly output: string }
  | { readonly kind: 'silent' }
  | { readonly kind: 'unstartable' };

const MOST_OUTPUT_BYTES = 64 * 1_024;
const HAS_GROUPS = process.platform !== 'win32';

/** Programs that manage versions of others must neither fetch nor install any for this. */
const NO_SURPRISES = {
  LC_ALL: 'C',
  RUSTUP_AUTO_INSTALL: '0',
  GOTOOLCHAIN: 'local',
};

const running = new Set<number>();
let onRunning: (pids: readonly number[]) => void = () => {};

/** Tells whose groups are to be ended if this thread is ended first. */
export function watchShortPrograms(listener: (pids: readonly number[]) => void): void {
  onRunning = listener;
}

/** Never rejects. Standard output and error are read as one. */
export function runShortProgram({ file, args, timeLimitMs }: ShortProgram): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    const child = start(file, args);
    if (child === null) {
      resolve({ kind: 'unstartable' });
      return;
    }
    const chunks: Buffer[] = [];
    let bytes = 0;
    let isOver = false;
    const { pid } = child;
    if (pid !== undefined) remember(pid);

    const finish = (end: ProgramEnd) => {
      if (isOver) return;
      isOver = true;
      clearTimeout(limit);
      child.stdout.destroy();
      child.stderr.destroy();
      if (pid !== undefined) forget(pid);
      resolve(end);
    };
    const cut = (end: ProgramEnd) => {
      if (isOver) return;
      if (pid !== undefined) endShortProgram(pid);
      finish(end);
    };
    const take = (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > MOST_OUTPUT_BYTES) cut({ kind: 'too-much', output: textOf(chunks) });
    };
    const limit = setTimeout(() => cut({ kind: 'silent' }), timeLimitMs);
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', () => finish({ kind: 'unstartable' }));
    // `close` and not `exit`: by then all output has been read, and nothing it started holds the pipes any more.
    child.on('close', (exitCode) => finish({ kind: 'ended', exitCode, output: textOf(chunks) }));
  });
}

/** Null for what the system refuses outright; other refusals are events. */
function start(file: string, args: readonly string[]): ChildProcessByStdio<null, Readable, Readable> | null {
  try {
    return spawn(file, args, {
      // Not where Labwatch was started: a file lying there may change which version answers.
      cwd: '/',
      env: { ...process.env, ...NO_SURPRISES },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: HAS_GROUPS,
      windowsHide: true,
    });
  } catch {
    return null;
  }
}

/** The program and all that it started. */
export function endShortProgram(pid: number): void {
  try {
    process.kill(HAS_GROUPS ? -pid : pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}

/** Before this process ends by itself. */
export function endShortPrograms(): void {
  for (const pid of running) endShortProgram(pid);
}

function remember(pid: number): void {
  running.add(pid);
  onRunning([...running]);
}

function forget(pid: number): void {
  running.delete(pid);
  onRunning([...running]);
}

function textOf(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).subarray(0, MOST_OUTPUT_BYTES).toString('utf8');
}
