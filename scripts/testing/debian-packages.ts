// What the tests need from Debian, and why: the one list of it.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

type DebianPackage = {
  /** The name, or the names it had in different releases. */
  readonly names: readonly string[];
  readonly why: string;
};

const debianPackages: readonly DebianPackage[] = [
  { names: ['xvfb'], why: 'a display without a screen' },
  { names: ['xauth'], why: 'xvfb-run' },
  { names: ['dbus'], why: 'a session bus for notifications and tray' },
  { names: ['dbus-x11'], why: 'dbus-launch, which Electron looks for' },
  { names: ['libgtk-3-0', 'libgtk-3-0t64'], why: 'Electron' },
  { names: ['libnss3'], why: 'Electron' },
  { names: ['libasound2', 'libasound2t64'], why: 'Electron' },
  { names: ['libgbm1'], why: 'Electron' },
  { names: ['dunst'], why: 'a real notification daemon' },
  { names: ['trayer'], why: 'a real tray' },
  { names: ['xdotool'], why: 'real key presses' },
  { names: ['imagemagick'], why: 'screenshots of the whole display' },
  { names: ['chromium'], why: 'the browser for the renderer tests' },
  { names: ['stress-ng'], why: 'known load to measure' },
  { names: ['python3-psutil'], why: 'an independent reader to compare with' },
  { names: ['procps'], why: 'ps' },
  { names: ['time'], why: 'GNU time, to compare the CPU time of tasks with' },
  { names: ['curl'], why: 'fetching the agent as a new worker does' },
  { names: ['iproute2'], why: 'a network of its own to send traffic through' },
  { names: ['nftables'], why: 'a network that loses packets' },
  { names: ['libglib2.0-bin'], why: 'gio, which starts desktop entries as a desktop does' },
];

class MissingPackagesError extends Error {}

/** Makes sure that every package is there; installs what is missing when it may, throws with the names otherwise. */
export async function ensureDebianPackages(
  packages: readonly DebianPackage[] = debianPackages,
  mayInstall = process.getuid?.() === 0,
): Promise<void> {
  if (process.platform !== 'linux') return;
  if (!existsSync('/usr/bin/dpkg-query')) {
    throw new MissingPackagesError(
      `These tests need, by their Debian names: ${packages.map(({ names }) => names[0]).join(', ')}. ` +
        'This is not a Debian system, so whether they are there cannot be asked.',
    );
  }
  const missing = packages.filter((one) => !one.names.some(isInstalled));
  if (missing.length === 0) return;
  const list = missing.map(({ names, why }) => `${names[0]} (${why})`).join(', ');
  if (!mayInstall) {
    throw new MissingPackagesError(
      `Missing Debian packages: ${list}. Install them with: sudo apt-get install ${missing.map(nameHere).join(' ')}`,
    );
  }
  console.log(`Installing Debian packages: ${list}`);
  install(missing);
}

function install(missing: readonly DebianPackage[]): void {
  apt(['update', '-qq']);
  // Names are asked for after the update: before it, a fresh machine knows none.
  apt(['install', '-y', '-qq', '--no-install-recommends', ...missing.map(nameHere)]);
}

function apt(args: readonly string[]): void {
  const ended = spawnSync('apt-get', args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (ended.status !== 0) {
    throw new MissingPackagesError(`apt-get ${args.join(' ')} failed: ${ended.stderr?.trim() || ended.error?.message}`);
  }
}

function isInstalled(name: string): boolean {
  const asked = spawnSync('dpkg', ['-s', name], { encoding: 'utf8' });
  return asked.status === 0 && asked.stdout.includes('Status: install ok installed');
}

/** The name that this release knows the package by. */
function nameHere({ names }: DebianPackage): string {
  return names.find(isKnown) ?? names[0] ?? '';
}

function isKnown(name: string): boolean {
  const asked = spawnSync('apt-cache', ['policy', name], { encoding: 'utf8' });
  return /Candidate: (?!\(none\))/.test(asked.stdout ?? '');
}
