/**
 * The trial of a newer agent: it runs in this agent's place, as a child of it, and has to be welcomed by the coordinator
 * within a limit. Until then nothing is swapped: whatever ends the two of them, the file that starts next is the old one.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import type { Home } from '../node/agent-home/home.ts';
import { readStatus } from './status-file.ts';
import type { StopWatch } from './stop-watch.ts';
import { errorLine } from './update-words.ts';

const LOOK_AGAIN_MS = 100;
/** An agent that was asked to end has ended by then. */
const END_LIMIT_MS = 10_000;
const KEPT_CHARACTERS = 16_384;

export type Trial =
  | { readonly kind: 'welcomed' }
  | { readonly kind: 'failed'; readonly reason: string }
  /** Somebody wants the agent to end. */
  | { readonly kind: 'stopped' };

export interface TrialOptions {
  /** Nobody else runs on it: the lock is free. */
  readonly home: Home;
  /** Behind the file: the agent's command with which it goes on here. */
  readonly words: readonly string[];
  readonly stop: StopWatch;
  readonly limitMs: number;
}

/** The agent that was tried has ended when this resolves. */
export async function tryNewerAgent({ home, words, stop, limitMs }: TrialOptions): Promise<Trial> {
  // Its end of the channel tells the newer one when this one is gone.
  const child = spawn(process.execPath, nodeArguments(home.nextAgentFile, words), {
    stdio: ['inherit', 'inherit', 'pipe', 'ipc'],
  });
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    process.stderr.write(text);
    stderr = (stderr + text).slice(-KEPT_CHARACTERS);
  });
  const ended = endOf(child);
  const over = new AbortController();
  const trial = await Promise.race([
    ended.then((how): Trial => ({ kind: 'failed', reason: `it ended with ${how}${because(errorLine(stderr))}` })),
    stop.stopped.then((): Trial => ({ kind: 'stopped' })),
    welcomeOf(child, home, over.signal),
    pause(limitMs, undefined, { signal: over.signal, ref: false }).then(
      (): Trial => ({ kind: 'failed', reason: `it was not connected within ${Math.round(limitMs / 1_000)} s` }),
      (): Trial => ({ kind: 'stopped' }),
    ),
  ]);
  over.abort();
  child.kill('SIGTERM');
  const killing = setTimeout(() => child.kill('SIGKILL'), END_LIMIT_MS);
  await ended;
  clearTimeout(killing);
  return trial;
}

/** Of Node, to run that file as it runs this one. */
export function nodeArguments(file: string, words: readonly string[]): readonly string[] {
  return [...process.execArgv, file, ...words];
}

async function welcomeOf({ pid }: ChildProcess, home: Home, signal: AbortSignal): Promise<Trial> {
  while (!signal.aborted) {
    const status = readStatus(home);
    if (status?.pid === pid && status?.state === 'online') return { kind: 'welcomed' };
    await pause(LOOK_AGAIN_MS);
  }
  return { kind: 'stopped' };
}

/** How it ended, in words. */
function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(signal ?? `status ${code}`));
  });
}

function because(line: string | null): string {
  return line === null ? '' : ` (${line})`;
}
