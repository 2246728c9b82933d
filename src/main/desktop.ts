/** Window, tray and IPC around an instance that may still be opening: what is shown first must not wait for a disk. */
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { app, dialog, Menu, shell } from 'electron';
import { serveControl } from '../app/control-api.ts';
import type { Instance } from '../app/instance.ts';
import type { InstanceLock } from '../app/instance-lock.ts';
import type { Result } from '../core/result.ts';
import type { Disposable } from '../core/time.ts';
import type { Log } from '../engine/ports.ts';
import { hasTrayHost } from '../node/desktop/tray-host.ts';
import { systemClock } from '../node/system-clock.ts';
import { appMenu } from './app-menu.ts';
import { changeSettingOf, followSettings } from './desktop-settings.ts';
import { answerCalls, push } from './ipc/bridge.ts';
import { createHandlers } from './ipc/handlers.ts';
import { feedWindow } from './ipc/live-feed.ts';
import { mark } from './marks.ts';
import { leaveInOrder } from './shutdown.ts';
import { showTray, type TrayActions } from './tray.ts';
import { type MainWindow, openWindow } from './window.ts';

export interface DesktopOptions {
  readonly lock: InstanceLock;
  readonly log: Log & Disposable;
  readonly composed: Promise<Result<Instance>>;
  /** Start in the tray; where there is none, minimised. */
  readonly startsHidden: boolean;
}

/** A window that nobody sees paints nothing; the tray does not wait for it. */
const CALM_LIMIT_MS = 2_000;

const quit = () => app.quit();

export function runDesktop({ lock, log, composed, startsHidden }: DesktopOptions): void {
  let hasTray = false;
  let tellPainted: () => void = () => undefined;
  const painted = new Promise<void>((resolve) => {
    tellPainted = resolve;
  });
  const started: Disposable[] = [lock, log];
  Menu.setApplicationMenu(appMenu(quit));
  const window = openWindow({ dataDir: lock.dataDir, startsHidden, hasTray: () => hasTray });

  const instance = composed.then((result) => {
    if (!result.ok) throw new Error(result.error.message);
    started.push(result.value);
    return result.value;
  });
  const handlers = instance.then(async (engine) => {
    const feed = feedWindow(engine, window.browserWindow);
    started.push(feed, followSettings(engine, window.setTheme, log));
    started.push(...(await openControl(engine, lock, log, window)));
    return createHandlers({
      instance: engine,
      hasTray: () => hasTray,
      changeSetting: changeSettingOf(engine),
      watch: feed.watch,
      painted() {
        notePainted(log);
        tellPainted();
      },
    });
  });
  answerCalls(handlers, log);
  handlers.catch((error: Error) => leaveWith(error, log));
  leaveInOrder(window.allowClosing, async () => {
    await handlers.catch(() => undefined);
    return started;
  });

  // The question to the session bus is a process of its own: it waits until the first figures stand on the screen.
  const calm = startsHidden ? once(window.browserWindow.webContents, 'did-finish-load') : painted;
  void Promise.race([calm, pause(CALM_LIMIT_MS)]).then(async () => {
    hasTray = await hasTrayHost();
    if (hasTray) {
      const { followWith } = showTray(trayActions(window, lock.dataDir, instance));
      started.push(followWith(await instance));
    } else if (startsHidden) window.browserWindow.minimize();
  });
}

/** Commands reach the app over its socket; without one (a folder on a filesystem that has none) the window still works. */
async function openControl(instance: Instance, lock: InstanceLock, log: Log, window: MainWindow) {
  const { bringToFront } = window;
  const options = { instance, lock, clock: systemClock, log, onFocus: bringToFront, onStop: quit };
  const control = await serveControl(options);
  if (control.ok) return [control.value];
  log.warn(control.error.message);
  return [];
}

function trayActions(window: MainWindow, dataDir: string, instance: Promise<Instance>): TrayActions {
  return {
    open: window.bringToFront,
    show: (view) => {
      window.bringToFront();
      push(window.browserWindow.webContents, 'ui:go', { view });
    },
    openLogs: () => void instance.then(({ logsDir }) => shell.openPath(logsDir)),
    openDataFolder: () => void shell.openPath(dataDir),
    quit,
  };
}

function notePainted(log: Log): void {
  mark('first-value');
  log.info('The first value is on the screen.', { msAfterLaunch: Math.round(performance.now()) });
}

function leaveWith(error: Error, log: Log): void {
  log.error('Labwatch cannot start.', { error: String(error) });
  process.stderr.write(`${error.message}\n`);
  dialog.showErrorBox('Labwatch cannot start', error.message);
  app.exit(1);
}
