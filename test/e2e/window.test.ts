import { spawn } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PalettePage } from '../ui/pages/palette-page.ts';
import { WindowPage } from '../ui/pages/window-page.ts';
import { call, exitOf, openApp, quitApp, type RunningApp, temporaryFolder } from './electron-app.ts';

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

const level = (name: string) => app.page.getByRole('radiogroup', { name: 'Level' }).getByRole('radio', { name });
const themeOf = () => new WindowPage(app.page).theme();
const colourOf = () => app.page.evaluate(() => getComputedStyle(document.body).backgroundColor);

async function seriesKeys(): Promise<readonly string[]> {
  const { localWorkerId } = await call(app.page, 'app:info');
  return (await call(app.page, 'worker:series', localWorkerId)).map((series) => series.seriesKey);
}

describe('the window in a real Electron', () => {
  test('switches the level while it runs, and keeps it over a restart', async () => {
    app = await openApp(folder.path);
    await level('Detailed').click();
    await expect.poll(() => level('Detailed').getAttribute('aria-checked')).toBe('true');
    await expect.poll(seriesKeys).toContain('system.cpu.utilization{cpu.logical_number=0}');
    expect(await quitApp(app)).toBe(0);

    app = await openApp(folder.path);
    await expect.poll(() => level('Detailed').getAttribute('aria-checked')).toBe('true');
    expect((await call(app.page, 'settings:get')).level).toBe('detailed');
  });

  test('switches the theme in Settings, by keyboard alone, and opens in it the next time', async () => {
    app = await openApp(folder.path);
    await level('Standard').waitFor();
    await new PalettePage(app.page).run('theme dark');
    await expect.poll(themeOf).toBe('dark');
    const dark = await colourOf();
    expect(await quitApp(app)).toBe(0);

    app = await openApp(folder.path);
    await expect.poll(themeOf).toBe('dark');
    expect(await colourOf()).toBe(dark);
    expect(JSON.parse(readFileSync(join(folder.path, 'window.json'), 'utf8'))).toMatchObject({ theme: 'dark' });
  });

  test('a program with markup for a name is shown by that name and runs nothing', async () => {
    const name = '<img src=x onerror=fetch(1)>';
    const program = join(folder.path, name);
    copyFileSync('/bin/sh', program);
    chmodSync(program, 0o755);
    const busy = spawn(program, ['-c', 'while :; do :; done'], { stdio: 'ignore' });
    try {
      app = await openApp(join(folder.path, 'data'));
      const errors: string[] = [];
      app.page.on('console', (message) => errors.push(message.text()));
      const row = app.page.getByRole('row').filter({ hasText: name });
      await row.first().waitFor({ timeout: 60_000 });
      expect(await app.page.locator('img[src="x"]').count()).toBe(0);
      expect(errors).toEqual([]);
    } finally {
      busy.kill('SIGKILL');
    }
  });

  test('a torn metrics.db is set aside, a new one begun, and the window says so', async () => {
    app = await openApp(folder.path);
    await call(app.page, 'app:info');
    expect(await quitApp(app)).toBe(0);
    writeFileSync(join(folder.path, 'metrics.db'), 'This was a database once. '.repeat(1_000));

    app = await openApp(folder.path);
    const notices = (await call(app.page, 'app:info')).notices;
    expect(notices).toMatchObject([{ kind: 'metrics-set-aside' }]);
    const movedTo = notices[0]?.kind === 'metrics-set-aside' ? notices[0].movedTo : '';
    expect(existsSync(movedTo) || existsSync(join(folder.path, movedTo))).toBe(true);
    await app.page.getByText(movedTo.split('/').at(-1) ?? '?').waitFor();
    await expect.poll(seriesKeys).toContain('system.cpu.utilization');
  });

  test('start at login makes an entry that starts it the same way, in the tray, takes it away, and says when it cannot', async () => {
    const config = join(folder.path, 'config');
    const dataDir = join(folder.path, 'data');
    const entry = join(config, 'autostart', 'labwatch.desktop');
    app = await openApp(dataDir, { env: { XDG_CONFIG_HOME: config } });
    await call(app.page, 'settings:set', 'startAtLogin', true);
    expect(readFileSync(entry, 'utf8')).toContain(`Exec="labwatch-test" "--data-dir" "${dataDir}" "--hidden"\n`);
    await call(app.page, 'settings:set', 'startAtLogin', false);
    expect(existsSync(entry)).toBe(false);
    rmSync(join(config, 'autostart'), { recursive: true });
    writeFileSync(join(config, 'autostart'), 'a file where the folder should be');
    await expect(call(app.page, 'settings:set', 'startAtLogin', true)).rejects.toThrow(entry);
    expect((await call(app.page, 'settings:get')).startAtLogin).toBe(false);
  });

  test('axe finds nothing on the live window, fleet and settings', async () => {
    app = await openApp(folder.path);
    await level('Standard').waitFor();
    const violations = async () =>
      (await new AxeBuilder({ page: app.page }).setLegacyMode().analyze()).violations.map(
        (violation) => `${violation.id}: ${violation.nodes.map((node) => node.html).join(' ')}`,
      );
    expect(await violations()).toEqual([]);
    await new WindowPage(app.page).show('Settings');
    await app.page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor();
    expect(await violations()).toEqual([]);
  });
});
