/** Starts the real app in a real Electron, as `npm start` does, with a data folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { buildIfNeeded } from '../../scripts/build/build.ts';
import { projectFolder } from '../../scripts/project.ts';
import { readyApp, resolveRuntime } from '../../scripts/runtime/resolve.ts';
import type { Calls, LabwatchBridge } from '../../src/shared/ipc/contract.ts';

declare global {
  interface Window {
    readonly labwatch: LabwatchBridge;
  }
}

export interface RunningApp {
  readonly electron: ElectronApplication;
  readonly page: Page;
  readonly process: ChildProcess;
}

const quiet = () => undefined;

/** Executable and arguments up to the app folder, resolved once a test file. */
const command = (async () => {
  const stamp = await buildIfNeeded(projectFolder, quiet);
  const runtime = await resolveRuntime(quiet);
  return { executablePath: runtime.executablePath, args: [...runtime.args, await readyApp(runtime, stamp)] };
})();

/** A folder that goes when `remove` is called; the app under test makes its data folder inside. */
export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'labwatch-e2e-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export async function openApp(
  dataDir: string,
  { args = [], env = {} }: { readonly args?: readonly string[]; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<RunningApp> {
  const { executablePath, args: start } = await command;
  const electron = await _electron.launch({
    executablePath,
    args: [...start, '--data-dir', dataDir, ...args],
    env: { ...environment(), ...env },
  });
  return { electron, page: await electron.firstWindow(), process: electron.process() };
}

/** Starts the app without a driver and resolves when it has ended, with what it said. */
export async function runApp(
  dataDir: string,
  ...args: readonly string[]
): Promise<{ code: number | null; stderr: string }> {
  const { executablePath, args: start } = await command;
  const child = spawn(executablePath, [...start, '--data-dir', dataDir, ...args], {
    env: environment(),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk);
  });
  return { code: await exitOf(child), stderr };
}

/** As the launcher of a checkout sets it: someone reads stderr, so no dialog is shown. */
function environment(): Record<string, string> {
  const inherited = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { ...Object.fromEntries(inherited), LABWATCH_LAUNCHER: JSON.stringify(['labwatch-test']) };
}

export function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once('exit', (code) => resolve(code)));
}

/** Calls the app as its own window does; throws the failure's sentence. */
export async function call<Name extends keyof Calls>(
  page: Page,
  name: Name,
  ...args: Parameters<Calls[Name]>
): Promise<ReturnType<Calls[Name]>> {
  const result = await page.evaluate(([channel, values]) => window.labwatch.call(channel, ...(values as never)), [
    name,
    args,
  ] as const);
  if (!result.ok) throw new Error(result.error.message);
  return result.value as ReturnType<Calls[Name]>;
}

/** Ends the app as a user does who quits. */
export async function quitApp({ electron, process }: RunningApp): Promise<number | null> {
  const ended = exitOf(process);
  await electron.evaluate(({ app }) => app.quit()).catch(() => undefined);
  return ended;
}
