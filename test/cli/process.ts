/** Starts `labwatch` as a process and waits for what it says. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ENTRY = fileURLToPath(new URL('./labwatch.ts', import.meta.url));

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly exited: Promise<Exit>;
  /** What stdout held once `pattern` was in it; rejects when the process ends without. */
  saw(pattern: RegExp): Promise<string>;
}

export interface SpawnChoices {
  readonly env?: NodeJS.ProcessEnv;
  /** The user to run as; needs root. */
  readonly uid?: number;
  readonly cwd?: string;
}

/** The command line that runs `labwatch` here. */
export function labwatchCommand(args: readonly string[]): readonly string[] {
  return [process.execPath, ENTRY, ...args];
}

export function startLabwatch(args: readonly string[], choices: SpawnChoices = {}): Running {
  return startProgram(labwatchCommand(args), choices);
}

export function startProgram(command: readonly string[], choices: SpawnChoices = {}): Running {
  const [program = '', ...args] = command;
  const user = choices.uid === undefined ? {} : { uid: choices.uid, gid: choices.uid };
  const child = spawn(program, args, {
    ...user,
    ...(choices.cwd === undefined ? {} : { cwd: choices.cwd }),
    env: { ...process.env, LABWATCH_DATA_DIR: '', NO_COLOR: '', ...choices.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  let look = () => undefined as undefined;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    look();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const exited = new Promise<Exit>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  const saw = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      look = () => {
        if (pattern.test(stdout)) resolve(stdout);
      };
      look();
      void exited.then((exit) => reject(new Error(`Ended without ${pattern}: ${JSON.stringify(exit)}`)));
    });
  return { child, exited, saw };
}

/** Makes a process an ordinary user's where the tests themselves run as root, to whom no rights are denied. */
export function unprivileged(): SpawnChoices {
  const nobody = 65_534;
  return process.getuid?.() === 0 ? { uid: nobody } : {};
}

/** Runs a command to its end. */
export function labwatch(args: readonly string[], choices: SpawnChoices = {}): Promise<Exit> {
  return startLabwatch(args, choices).exited;
}

/** A folder of its own for one test, gone when disposed. */
export function temporaryFolder(): { readonly path: string; dispose(): void } {
  const path = mkdtempSync(join(tmpdir(), 'labwatch-test-'));
  return { path, dispose: () => rmSync(path, { recursive: true, force: true }) };
}
