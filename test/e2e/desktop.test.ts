import { spawn, spawnSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hasTrayHost } from '../../src/node/desktop/tray-host.ts';
import { call, exitOf, openApp, type RunningApp, temporaryFolder } from './electron-app.ts';

let folder: ReturnType<typeof temporaryFolder>;
let app: RunningApp;

beforeEach(() => {
  folder = temporaryFolder();
});

afterEach(async () => {
  app.process.kill('SIGKILL');
  await exitOf(app.process);
  folder.remove();
});

const isVisible = () => app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible());
const close = () => app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
const info = () => call(app.page, 'app:info');

describe('on a desktop with a tray', () => {
  let tray: ReturnType<typeof spawn>;

  beforeEach(async () => {
    tray = spawn('trayer', ['--edge', 'top', '--align', 'right'], { stdio: 'ignore' });
    await expect.poll(() => hasTrayHost()).toBe(true);
  });

  async function openWithTray(...args: readonly string[]): Promise<void> {
    app = await openApp(folder.path, { args });
    await expect.poll(async () => (await info()).hasTray).toBe(true);
  }

  afterEach(() => {
    tray.kill();
  });

  test('closing hides the window and keeps sampling; a click on the tray icon brings it back, up to date', async () => {
    await openWithTray();
    const revision = async () => (await call(app.page, 'fleet:snapshot')).revision;
    await close();
    await expect.poll(isVisible).toBe(false);
    const hiddenAt = await revision();
    await expect.poll(revision).toBeGreaterThan(hiddenAt + 1);
    await clickTrayIcon();
    await expect.poll(isVisible).toBe(true);
    const cpu = app.page.locator('[data-worker] [data-meter="cpuUtilization"] .meter-value').first();
    await expect.poll(() => cpu.innerText()).toMatch(/^[\d.]+\s%$/);
  });

  test('starting hidden shows no window until it is asked for', async () => {
    await openWithTray('--hidden');
    expect(await isVisible()).toBe(false);
    await clickTrayIcon();
    await expect.poll(isVisible).toBe(true);
  });
});

describe('on a desktop without a tray', () => {
  beforeEach(async () => {
    app = await openApp(folder.path);
    await info();
  });

  test('closing minimises instead of hiding where nothing could bring the window back', async () => {
    expect((await info()).hasTray).toBe(false);
    const calls = await app.electron.evaluate(({ BrowserWindow }) => {
      const window = BrowserWindow.getAllWindows()[0];
      let minimized = 0;
      // Without a window manager X does not minimise: what counts here is that it was asked, and not hidden.
      if (window) {
        window.minimize = () => {
          minimized += 1;
        };
      }
      window?.close();
      return { minimized, isDestroyed: window?.isDestroyed(), isVisible: window?.isVisible() };
    });
    expect(calls).toEqual({ minimized: 1, isDestroyed: false, isVisible: true });
  });

  test('the page can reach nothing but Labwatch', async () => {
    const reach = await app.page.evaluate(async () => {
      const blocked = async (attempt: () => unknown) => {
        try {
          await attempt();
          return false;
        } catch {
          return true;
        }
      };
      return {
        node:
          typeof (globalThis as Record<string, unknown>).require +
          typeof (globalThis as Record<string, unknown>).process,
        bridge: Object.keys(window.labwatch).sort(),
        outside: await blocked(() => fetch('http://127.0.0.1:9/')),
        file: await blocked(() => fetch('file:///etc/hostname').then((response) => response.text())),
        opened: window.open('https://example.org') === null,
        notifications: Notification.permission,
        unknownCall: await blocked(() => window.labwatch.call('app:quit' as 'app:info')),
      };
    });
    expect(reach).toEqual({
      node: 'undefinedundefined',
      bridge: ['call', 'on', 'pathOf'],
      outside: true,
      file: true,
      opened: true,
      notifications: 'denied',
      unknownCall: true,
    });
    const above = ['%2e%2e/main/index.js', '..%2f..%2fpackage.json', 'missing.js', ''];
    const answers = await app.electron.evaluate(
      ({ net }, paths) =>
        Promise.all(
          paths.map((path) =>
            net.fetch(`labwatch://app/${path}`).then(
              ({ headers }) => headers.get('content-security-policy')?.split(';')[0],
              (error: Error) => error.message,
            ),
          ),
        ),
      [...above, 'index.html'],
    );
    expect(answers).toEqual([...above.map(() => 'net::ERR_FILE_NOT_FOUND'), "default-src 'none'"]);
    await app.page.evaluate(() => {
      location.href = 'https://example.org/';
    });
    expect((await info()).version).toBeTruthy();
    expect(app.page.url()).toBe('labwatch://app/index.html');
  });

  test('arguments a call does not take are refused with a sentence, and nothing breaks', async () => {
    const answers = await app.page.evaluate(async () => [
      await window.labwatch.call('worker:set-level', 'x' as never, 'extreme' as never),
      await window.labwatch.call('app:open', '/etc' as never),
      await window.labwatch.call('worker:history', {
        workerId: 'x',
        seriesKeys: [],
        fromMs: 2,
        toMs: 1,
        maxPoints: 1e9,
      } as never),
      await window.labwatch.call('ui-state:set', { big: 'x'.repeat(100_000) }),
    ]);
    for (const answer of answers) expect(answer).toMatchObject({ ok: false, error: { code: 'invalid-argument' } });
    expect((await info()).localWorkerId).toBeTruthy();
  });
});

/** A real click in the middle of the icon that the app put into the tray: a window of 24 × 24 within trayer's bar. */
async function clickTrayIcon(): Promise<void> {
  const run = (command: string) => spawnSync('sh', ['-c', command], { encoding: 'utf8' }).stdout;
  const findIcon = () => {
    const windows = run('for w in $(xdotool search --name electron); do xdotool getwindowgeometry --shell $w; done');
    return /X=(\d+)\nY=(\d+)\nWIDTH=24\nHEIGHT=24/.exec(windows);
  };
  await expect.poll(findIcon).not.toBeNull();
  const icon = findIcon();
  spawnSync('xdotool', ['mousemove', String(Number(icon?.[1]) + 12), String(Number(icon?.[2]) + 12), 'click', '1']);
}
