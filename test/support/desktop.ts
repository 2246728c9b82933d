/** A display, a session bus and, if wanted, a tray: for one run alone, ended with it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

export type Desktop = {
  /** What a program needs in its environment to be shown there. */
  readonly env: Readonly<Record<string, string>>;
  dispose(): Promise<void>;
};

/** Starts it; throws where one of the programs is missing or ends at once. */
export async function startDesktop(options: { readonly hasTray?: boolean } = {}): Promise<Desktop> {
  const started: ChildProcess[] = [];
  const start = (program: string, args: readonly string[], env = {}) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...env },
    });
    started.push(child);
    return child;
  };
  const dispose = async () => {
    for (const child of started.toReversed()) await end(child);
  };
  try {
    const screen = ['-screen', '0', '1440x900x24', '-nolisten', 'tcp'];
    const display = `:${await firstLine(start('Xvfb', ['-displayfd', '3', '-noreset', ...screen]))}`;
    const bus = await firstLine(start('dbus-daemon', ['--session', '--nofork', '--print-address=3']));
    const env = { DISPLAY: display, DBUS_SESSION_BUS_ADDRESS: bus };
    if (options.hasTray) start('trayer', ['--edge', 'top', '--align', 'right'], env);
    return { env, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** What a program writes to its fourth channel once it is ready. */
async function firstLine(child: ChildProcess): Promise<string> {
  const channel = child.stdio[3] as Readable;
  const line = once(channel, 'data').then(([chunk]) => String(chunk).trim());
  const gone = once(child, 'exit').then(() => Promise.reject(new Error(`${child.spawnfile} ended at once`)));
  gone.catch(() => undefined);
  return Promise.race([line, gone]);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill();
  await ended;
}
