/** The application menu: shown by macOS; on Linux and Windows the window hides it, and it carries the keys. */
import { Menu } from 'electron';

export function appMenu(quit: () => void): Menu {
  return Menu.buildFromTemplate([
    { label: 'Labwatch', submenu: [{ label: 'Quit Labwatch', accelerator: 'CommandOrControl+Q', click: quit }] },
    { role: 'editMenu' },
    {
      label: 'View',
      submenu: [{ role: 'zoomIn' }, { role: 'zoomOut' }, { role: 'resetZoom' }, { role: 'togglefullscreen' }],
    },
  ]);
}
