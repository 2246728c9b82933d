/** Window, tray and IPC around an instance that may still be opening: what is shown first must not wait for a disk. */
import { app, dialog, Menu, shell } from 'electron';
import { serveControl } from '../app/control-api.ts';
import type { Instance } from '../app/instance.ts';
import type { InstanceLock } from '../app/instance-lock.ts';
import type { Result } from '../core/result.ts';
import type { Disposable } from '../core/time.ts';
import type { Log } from '../engine/ports.ts';
import { hasTrayHost } from '../node/desktop/tray-host.ts';
import { systemClock } from '../node/system-clock.ts';
import { answerCalls, push } from './ipc/bridge.ts';
import { createHandlers } from './ipc/handlers.ts';
import { feedWindow } from './ipc/live-feed.ts';
import { setStartAtLogin } from './login-item.ts';
import { mark } from './marks.ts';
import { leaveInOrder } from './shutdown.ts';
import { showTray } from './tray.ts';
import { openWindow } from './window.ts';

export interface DesktopOptions {
  readonly lock: InstanceLock;
  readonly log: Log & Disposable;
  readonly composed: Promise<Result<Instance>>;
  readonly startsHidden: boolean;
}

export function runDesktop({ lock, log, composed, startsHidden }: DesktopOptions): void {
  let hasTray = false;
  const started: Disposable[] = [lock, log];
  Menu.setApplicationMenu(appMenu());
  const window = openWindow({ dataDir: lock.dataDir, startsHidden, hasTray: () => hasTray });

  const ready = composed.then(async (result) => {
    if (!result.ok) throw new Error(result.error.message);
    const instance = result.value;
    started.push(instance);
    const feed = feedWindow(instance, window.browserWindow);
    const stop = () => app.quit();
    const control = await serveControl({
      instance,
      lock,
      clock: systemClock,
      log,
      onFocus: window.bringToFront,
      onStop: stop,
    });
    if (!control.ok) log.warn(control.error.message);
    started.push(feed, followSettings(instance, window.setTheme, log));
    if (control.ok) started.push(control.value);
    return { instance, feed };
  });
  const painted = () => {
    mark('first-value');
    log.info('The first value is on the screen.', { msAfterLaunch: Math.round(performance.now()) });
  };
  answerCalls(
    ready.then(({ instance, feed }) =>
      createHandlers({ instance, hasTray: () => hasTray, watch: feed.watch, painted }),
    ),
    log,
  );
  ready.catch((error: unknown) => {
    log.error('Labwatch cannot start.', { error: String(error) });
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    dialog.showErrorBox('Labwatch cannot start', error instanceof Error ? error.message : String(error));
    app.exit(1);
  });

  leaveInOrder(window.allowClosing, async () => {
    await ready.catch(() => undefined);
    return started;
  });

  void hasTrayHost().then(async (isThere) => {
    if (!isThere) return;
    const actions = {
      open: window.bringToFront,
      openSettings: () => {
        window.bringToFront();
        push(window.browserWindow.webContents, 'ui:go', { view: 'settings' });
      },
      openLogs: () => void ready.then(({ instance }) => shell.openPath(instance.logsDir)),
      openDataFolder: () => void shell.openPath(lock.dataDir),
      quit: () => app.quit(),
    };
    const { followWith } = showTray(actions);
    hasTray = true;
    started.push(followWith((await ready).instance));
  });
}

/** Theme and start at login are the desktop's to apply; the level and retention the instance applies itself. */
function followSettings(
  instance: Instance,
  setTheme: (theme: 'system' | 'dark' | 'light') => void,
  log: Log,
): Disposable {
  let applied = instance.settings();
  setTheme(applied.theme);
  return instance.onSettings((settings) => {
    if (settings.theme !== applied.theme) setTheme(settings.theme);
    if (settings.startAtLogin !== applied.startAtLogin) {
      void setStartAtLogin(settings.startAtLogin, instance.dataDir).then((result) => {
        if (!result.ok) log.warn(result.error.message);
      });
    }
    applied = settings;
  });
}

/** Not shown on Linux and Windows (the window hides it); it carries the keys every desktop app has. */
function appMenu(): Menu {
  const quit = { label: 'Quit Labwatch', accelerator: 'CommandOrControl+Q', click: () => app.quit() };
  return Menu.buildFromTemplate([
    { label: 'Labwatch', submenu: [quit] },
    { role: 'editMenu' },
    {
      label: 'View',
      submenu: [{ role: 'zoomIn' }, { role: 'zoomOut' }, { role: 'resetZoom' }, { role: 'togglefullscreen' }],
    },
  ]);
}
