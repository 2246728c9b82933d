/** The one window: its place, its theme, and what closing it means. */
import { join } from 'node:path';
import { BrowserWindow, Notification, nativeTheme, screen } from 'electron';
import windowIcon from './icons/icon.png?asset';
import { PAGE_URL } from './security.ts';
import { readWindowState, type WindowState, writeWindowState } from './window-state.ts';

/** The palette's background (renderer tokens): painted before the page is, so that nothing flashes. */
const BACKGROUND = { dark: '#0d1015', light: '#f6f7f9' } as const;
const LEAST_SIZE = { minWidth: 720, minHeight: 480 } as const;

export interface MainWindow {
  readonly browserWindow: BrowserWindow;
  /** Shows, restores and focuses. */
  bringToFront(): void;
  setTheme(theme: WindowState['theme']): void;
  /** From now on closing really closes. */
  allowClosing(): void;
}

export interface WindowOptions {
  readonly dataDir: string;
  /** Start in the tray: no window is shown until asked for. */
  readonly startsHidden: boolean;
  readonly hasTray: () => boolean;
}

export function openWindow({ dataDir, startsHidden, hasTray }: WindowOptions): MainWindow {
  let state = readWindowState(dataDir);
  let mayClose = false;
  nativeTheme.themeSource = state.theme;
  const browserWindow = new BrowserWindow({
    ...placeOnScreen(state.bounds),
    ...LEAST_SIZE,
    show: false,
    // A window that was never shown counts as visible to its page otherwise, and would draw for nobody.
    paintWhenInitiallyHidden: !startsHidden,
    title: 'Labwatch',
    icon: windowIcon,
    backgroundColor: nativeTheme.shouldUseDarkColors ? BACKGROUND.dark : BACKGROUND.light,
    autoHideMenuBar: true,
    webPreferences: {
      preload: join(import.meta.dirname, '../preload/index.cjs'),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
    },
  });
  if (state.isMaximized) browserWindow.maximize();
  // Loading first: the page's process starts while the desktop maps the window.
  void browserWindow.loadURL(PAGE_URL);
  if (!startsHidden) browserWindow.show();

  const remember = () => {
    const isMaximized = browserWindow.isMaximized();
    state = { ...state, isMaximized, bounds: isMaximized ? state.bounds : browserWindow.getNormalBounds() };
    writeWindowState(dataDir, state);
  };
  browserWindow.on('close', (event) => {
    remember();
    if (mayClose) return;
    event.preventDefault();
    if (hasTray()) return browserWindow.hide();
    browserWindow.minimize();
    if (state.toldAboutClosing) return;
    state = { ...state, toldAboutClosing: true };
    writeWindowState(dataDir, state);
    tellAboutClosing();
  });

  return {
    browserWindow,
    bringToFront() {
      if (browserWindow.isMinimized()) browserWindow.restore();
      browserWindow.show();
      browserWindow.focus();
    },
    setTheme(theme) {
      nativeTheme.themeSource = theme;
      state = { ...state, theme };
      writeWindowState(dataDir, state);
    },
    allowClosing() {
      mayClose = true;
    },
  };
}

/** The stored place if some screen still shows a good part of it; else the size alone, fitted to the main screen. */
function placeOnScreen(bounds: WindowState['bounds']): WindowState['bounds'] {
  const { x, y, width, height } = bounds;
  const area = screen.getPrimaryDisplay().workArea;
  const size = { width: Math.min(width, area.width), height: Math.min(height, area.height) };
  if (x === undefined || y === undefined) return size;
  const isSeen = screen.getAllDisplays().some(({ workArea }) => {
    const overlapX = Math.min(x + width, workArea.x + workArea.width) - Math.max(x, workArea.x);
    const overlapY = Math.min(y + height, workArea.y + workArea.height) - Math.max(y, workArea.y);
    return overlapX > 100 && overlapY > 100;
  });
  return isSeen ? { x, y, ...size } : size;
}

function tellAboutClosing(): void {
  if (!Notification.isSupported()) return;
  new Notification({
    title: 'Labwatch keeps watching',
    body: 'This desktop shows no tray icons, so closing minimises the window. Quit with Ctrl+Q.',
  }).show();
}
