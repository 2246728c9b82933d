/** Starts an app in the Electron that `npm start` would take, without a driver inside, and reads the marks it leaves. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Runtime, resolveRuntime } from '../../scripts/runtime/resolve.ts';
import type { Desktop } from '../support/desktop.ts';

export type Mark = { readonly mark: string; readonly atMs: number; readonly value?: number };

export type ElectronProcess = {
  readonly pid: number;
  /** Wall time at which it was launched. */
  readonly launchedAtMs: number;
  readonly stderr: () => string;
  marks(): readonly Mark[];
  /** The first such mark; throws if the app ends before it comes. */
  waitForMark(name: string): Promise<Mark>;
  /** Ends it in order and waits until it has. */
  stop(): Promise<void>;
};

let found: Promise<Runtime> | undefined;

/** The runtime, resolved once. */
export function runtime(): Promise<Runtime> {
  found ??= resolveRuntime(() => {});
  return found;
}

export async function startElectron(
  desktop: Desktop,
  folder: string,
  appFolder: string,
  args: readonly string[],
  {
    flags = [],
    env = {},
  }: { readonly flags?: readonly string[]; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<ElectronProcess> {
  const { executablePath, args: machineFlags } = await runtime();
  const marksFile = join(folder, `marks-${Date.now()}`);
  const launchedAtMs = Date.now();
  const profile = `--user-data-dir=${join(folder, 'profile')}`;
  const child = spawn(executablePath, [...machineFlags, profile, ...flags, appFolder, ...args], {
    env: { ...process.env, ...desktop.env, ...env, LABWATCH_MARKS: marksFile },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const marks = () => readMarks(marksFile);
  return {
    pid: child.pid ?? Number.NaN,
    launchedAtMs,
    stderr: () => stderr,
    marks,
    waitForMark: (name) => waitForMark(child, marks, name, () => stderr),
    stop: () => stop(child),
  };
}

function readMarks(file: string): readonly Mark[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return [];
  }
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Mark);
}

async function waitForMark(
  child: ChildProcess,
  marks: () => readonly Mark[],
  name: string,
  stderr: () => string,
): Promise<Mark> {
  for (;;) {
    const mark = marks().find((one) => one.mark === name);
    if (mark !== undefined) return mark;
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`the app ended before its mark ${name}: ${stderr().trim().slice(-2000)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const killAfterMs = 10_000;

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const kill = setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  await ended;
  clearTimeout(kill);
}
