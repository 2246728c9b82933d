/** `labwatch headless` as a bench starts and ends it, with a line to its control socket. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ControlClient, connectControl } from '../../src/node/control-socket-client.ts';
import { controlSocketPath } from '../../src/node/control-socket-path.ts';
import { encodePairingCode, parsePairingCode } from '../../src/node/transport/pairing-code.ts';
import { projectFolder } from '../support/source.ts';

/** With its listener on any free port. */
export async function startHeadless(
  folder: string,
): Promise<{ readonly child: ChildProcess; readonly control: ControlClient }> {
  const dataDir = join(folder, 'data');
  const command = join(projectFolder, 'bin', 'labwatch.mjs');
  const child = spawn(process.execPath, [command, 'headless', '--data-dir', dataDir], { stdio: 'ignore' });
  const control = await controlOf(dataDir);
  await control.call('settings.set', { key: 'listener.port', value: 0 });
  return { child, control };
}

export async function controlOf(dataDir: string): Promise<ControlClient> {
  const control = await connectControl(controlSocketPath(dataDir), { patienceMs: 20_000 });
  if (!control.ok) throw new Error(control.error.message);
  return control.value;
}

/** A pairing code; with `port` one that leads there instead. */
export async function invite(control: ControlClient, port?: number): Promise<string> {
  const invitation = await control.call('workers.invite', {});
  if (!invitation.ok) throw new Error(invitation.error.message);
  const code = parsePairingCode(invitation.value.code);
  if (!code.ok) throw new Error(code.error.message);
  return port === undefined ? invitation.value.code : encodePairingCode({ ...code.value, port });
}

export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'labwatch-bench-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function pass(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
