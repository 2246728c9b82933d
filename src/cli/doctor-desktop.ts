/** What `labwatch doctor` sees of the desktop: a runtime for the window, a display, notifications, a tray. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { hasSessionBusName } from '../node/desktop/session-bus.ts';
import { hasTrayHost } from '../node/desktop/tray-host.ts';
import { type Check, check } from './doctor-check.ts';

/** None is essential: `labwatch headless` needs no desktop. */
export async function desktopChecks(env: NodeJS.ProcessEnv): Promise<readonly Check[]> {
  const display = displayCheck(env);
  const [notifications, tray] = await Promise.all([notificationCheck(env), trayCheck(env)]);
  return [electronCheck(env), display, notifications, tray];
}

function electronCheck(env: NodeJS.ProcessEnv): Check {
  const found = overriddenElectron(env) ?? officialElectron() ?? fallbackElectron(env);
  return found === null
    ? check('Electron', 'note', 'not on this machine yet', 'npm start fetches it at its first run.')
    : check('Electron', 'ok', found);
}

function overriddenElectron(env: NodeJS.ProcessEnv): string | null {
  const folder = env.ELECTRON_OVERRIDE_DIST_PATH;
  return folder && existsSync(folder) ? `from ELECTRON_OVERRIDE_DIST_PATH, ${folder}` : null;
}

/** Its installer writes `path.txt` last, so a download that broke off is not taken for one. */
function officialElectron(): string | null {
  try {
    const home = dirname(createRequire(import.meta.url).resolve('electron/package.json'));
    const executable = join(home, 'dist', readFileSync(join(home, 'path.txt'), 'utf8'));
    return existsSync(executable) ? `official, ${executable}` : null;
  } catch {
    return null;
  }
}

/** Runtimes that `npm start` made from the package registry; a complete one has its stamp. */
function fallbackElectron(env: NodeJS.ProcessEnv): string | null {
  const cache = join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'labwatch');
  try {
    const name = readdirSync(cache).find(
      (entry) => /^electron-[\d.]+$/.test(entry) && existsSync(join(cache, entry, 'labwatch-runtime.json')),
    );
    return name === undefined ? null : `${name} from the package registry, ${join(cache, name)}`;
  } catch {
    return null;
  }
}

function displayCheck(env: NodeJS.ProcessEnv): Check {
  if (process.platform !== 'linux') return check('Display', 'ok', 'the desktop’s own');
  const shown = env.WAYLAND_DISPLAY ?? env.DISPLAY;
  return shown
    ? check('Display', 'ok', shown)
    : check('Display', 'note', 'none here: the window cannot open', 'Use `labwatch headless`, or log in to a desktop.');
}

async function notificationCheck(env: NodeJS.ProcessEnv): Promise<Check> {
  if (process.platform !== 'linux') return check('Notifications', 'ok', 'the system’s own');
  if (!hasSessionBus(env)) return check('Notifications', 'note', 'no session bus: nothing can be shown');
  return (await hasSessionBusName('org.freedesktop.Notifications'))
    ? check('Notifications', 'ok', 'a notification service answers on the session bus')
    : check('Notifications', 'warning', 'no notification service runs', 'Start one, such as dunst.');
}

async function trayCheck(env: NodeJS.ProcessEnv): Promise<Check> {
  if (await hasTrayHost(env)) return check('Tray', 'ok', 'the desktop shows tray icons');
  const remedy = env.DISPLAY ? 'Closing the window minimises it. GNOME needs the AppIndicator extension.' : null;
  return check('Tray', 'note', 'no tray on this desktop', remedy);
}

function hasSessionBus(env: NodeJS.ProcessEnv): boolean {
  const runtimeDir = env.XDG_RUNTIME_DIR;
  return Boolean(env.DBUS_SESSION_BUS_ADDRESS) || (runtimeDir !== undefined && existsSync(join(runtimeDir, 'bus')));
}
