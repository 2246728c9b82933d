/** The tray icon: state at a glance, the way back to a hidden window, and the way out. */
import { Menu, nativeImage, Tray } from 'electron';
import type { Instance } from '../app/instance.ts';
import { fleetTooltip } from '../core/fleet/tooltip.ts';
import type { WorkerView } from '../core/fleet/worker.ts';
import type { Disposable } from '../core/time.ts';
import trayIcon from './icons/tray.png?asset';

export interface TrayActions {
  readonly open: () => void;
  readonly show: (view: 'tasks' | 'settings') => void;
  readonly openLogs: () => void;
  readonly openDataFolder: () => void;
  readonly quit: () => void;
}

/** A tooltip that changes more often than a person can read it only costs D-Bus messages. */
const TOOLTIP_INTERVAL_MS = 5_000;

export function showTray(actions: TrayActions): { readonly tray: Tray; followWith(instance: Instance): Disposable } {
  const tray = new Tray(nativeImage.createFromPath(trayIcon));
  tray.setToolTip('Labwatch');
  tray.setContextMenu(
    Menu.buildFromTemplate([
      { label: 'Open Labwatch', click: actions.open },
      { label: 'Tasks', click: () => actions.show('tasks') },
      { label: 'Settings', click: () => actions.show('settings') },
      { type: 'separator' },
      { label: 'Open data folder', click: actions.openDataFolder },
      { label: 'Open logs', click: actions.openLogs },
      { type: 'separator' },
      { label: 'Quit Labwatch', click: actions.quit },
    ]),
  );
  tray.on('click', actions.open);
  return { tray, followWith: (instance) => keepTooltip(tray, () => instance.monitor.snapshot().workers) };
}

function keepTooltip(tray: Tray, workers: () => readonly WorkerView[]): Disposable {
  let shown = '';
  const refresh = () => {
    const text = fleetTooltip(workers());
    if (text !== shown && !tray.isDestroyed()) tray.setToolTip(text);
    shown = text;
  };
  refresh();
  const timer = setInterval(refresh, TOOLTIP_INTERVAL_MS);
  return { dispose: () => clearInterval(timer) };
}
