// What the machine asks of Electron's command line, each flag with the sentence that says why.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

export type MachineFlags = { readonly flags: readonly string[]; readonly notes: readonly string[] };

export type MachineFacts = {
  readonly isLinux: boolean;
  readonly isRoot: boolean;
  /** Whether Chromium's sandbox has the kernel's user namespaces or its setuid helper to stand on. */
  readonly canSandbox: boolean;
  readonly hasGpu: boolean;
  readonly hasDisplay: boolean;
};

/** Reads the facts of this machine. */
export function readMachine(env: NodeJS.ProcessEnv, executablePath?: string): MachineFacts {
  const isLinux = process.platform === 'linux';
  return {
    isLinux,
    isRoot: process.getuid?.() === 0,
    canSandbox: !isLinux || hasUserNamespaces() || hasSetuidHelper(executablePath),
    hasGpu: !isLinux || hasRenderDevice(),
    hasDisplay: !isLinux || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY),
  };
}

/** The flags Electron needs on such a machine. */
export function machineFlags(machine: MachineFacts): MachineFlags {
  const flags: string[] = [];
  const notes: string[] = [];
  if (machine.isLinux && machine.isRoot) {
    flags.push('--no-sandbox');
    notes.push('Running as root: added --no-sandbox, because Chromium refuses its sandbox to root.');
  } else if (!machine.canSandbox) {
    flags.push('--no-sandbox');
    notes.push('This kernel allows no user namespaces: added --no-sandbox, because Chromium cannot build its sandbox.');
  }
  if (!machine.hasGpu) flags.push('--disable-gpu');
  return { flags, notes };
}

function hasUserNamespaces(): boolean {
  return (
    readNumber('/proc/sys/kernel/unprivileged_userns_clone') !== 0 &&
    readNumber('/proc/sys/user/max_user_namespaces') !== 0 &&
    readNumber('/proc/sys/kernel/apparmor_restrict_unprivileged_userns') !== 1
  );
}

function readNumber(file: string): number | undefined {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

function hasSetuidHelper(executablePath: string | undefined): boolean {
  if (executablePath === undefined) return false;
  try {
    const helper = statSync(join(dirname(executablePath), 'chrome-sandbox'));
    return helper.uid === 0 && (helper.mode & 0o4000) !== 0;
  } catch {
    return false;
  }
}

function hasRenderDevice(): boolean {
  if (existsSync('/dev/nvidia0')) return true;
  try {
    return readdirSync('/dev/dri').some((name) => name.startsWith('renderD') || name.startsWith('card'));
  } catch {
    return false;
  }
}
