/**
 * Whether this desktop shows tray icons. macOS and Windows always do. On Linux somebody must own the
 * `org.kde.StatusNotifierWatcher` name on the session bus (KDE, Cinnamon, GNOME with an extension) or the tray selection
 * of the X screen (freedesktop.org System Tray Protocol 0.4: trayer, XFCE, i3bar). Without either an icon would be
 * nowhere, and hiding to it would lose the window.
 */
import { hasSessionBusName } from './session-bus.ts';
import { xSelectionHasOwner } from './x-selection.ts';

export async function hasTrayHost(env: NodeJS.ProcessEnv = process.env): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  const found = await Promise.all([
    hasSessionBusName('org.kde.StatusNotifierWatcher'),
    xSelectionHasOwner(env, (screen) => `_NET_SYSTEM_TRAY_S${screen}`),
  ]);
  return found.includes(true);
}
