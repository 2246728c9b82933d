// A window of Electron and nothing else: what any app of this runtime costs at least.
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { app, BrowserWindow } from 'electron';

function openWindow() {
  const window = new BrowserWindow({
    width: 1280,
    height: 800,
    webPreferences: { contextIsolation: true, sandbox: true, nodeIntegration: false, spellcheck: false },
  });
  window.webContents.on('page-title-updated', (_event, title) => {
    if (title !== 'painted') return;
    appendFileSync(process.env.LABWATCH_MARKS, `${JSON.stringify({ mark: 'first-value', atMs: Date.now() })}\n`);
  });
  void window.loadFile(join(import.meta.dirname, 'page.html'));
}

app.whenReady().then(openWindow);
