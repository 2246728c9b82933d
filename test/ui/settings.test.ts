/** The Settings view: every control changes the app at once, and wrong input is answered with a sentence. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SETTING_KEYS } from '../../src/core/settings/settings.ts';
import { DetailPage } from './pages/detail-page.ts';
import { SettingsPage } from './pages/settings-page.ts';
import { WindowPage } from './pages/window-page.ts';
import { callsOf } from './support/lab.ts';
import { startWindows, type Windows } from './support/open-window.ts';

let windows: Windows;
let page: Page;
let settings: SettingsPage;

beforeAll(async () => {
  windows = await startWindows();
});
afterAll(() => windows.close());
afterEach(() => {
  expect(windows.takeErrors()).toEqual([]);
});

async function open(options: Parameters<Windows['open']>[0] = {}): Promise<void> {
  page = await windows.open({ ...options, scenario: { workerCount: 1, ...options.scenario } });
  settings = new SettingsPage(page);
  await new WindowPage(page).show('Settings');
  await settings.row('theme').waitFor();
}

const appSettings = () => page.evaluate(() => window.fakeLab.settings());

describe('settings', () => {
  it('show every setting of the table', async () => {
    await open();
    for (const key of SETTING_KEYS) expect(await settings.row(key).count(), key).toBe(1);
  });

  it('change the theme at once, and follow the system again', async () => {
    await open({ theme: 'dark' });
    const window = new WindowPage(page);
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(await window.theme()).toBe('dark');
    const dark = await background();
    await settings.choose('theme', 'Light');
    await expect.poll(() => window.theme()).toBe('light');
    expect(await background()).not.toBe(dark);
    expect(await appSettings()).toMatchObject({ theme: 'light' });
    await settings.choose('theme', 'System');
    await expect.poll(() => window.theme()).toBe('dark');
    await page.emulateMedia({ colorScheme: 'light' });
    await expect.poll(() => window.theme()).toBe('light');
  });

  it('change the level, which the open worker shows as well', async () => {
    await open();
    await page.evaluate(() =>
      window.fakeLab.push('settings:changed', { ...window.fakeLab.settings(), level: 'basic' }),
    );
    await expect
      .poll(() => settings.row('level').getByRole('radio', { name: 'Basic' }).getAttribute('aria-checked'))
      .toBe('true');
    await new WindowPage(page).show('Fleet');
    await new DetailPage(page).level('Detailed').click();
    await expect.poll(async () => (await appSettings()).level).toBe('detailed');
    await new WindowPage(page).show('Settings');
    await expect
      .poll(() => settings.row('level').getByRole('radio', { name: 'Detailed' }).getAttribute('aria-checked'))
      .toBe('true');
  });

  it('turn start at login on and off by keyboard', async () => {
    await open();
    await settings.row('startAtLogin').getByRole('switch').focus();
    await page.keyboard.press('Space');
    await expect.poll(async () => (await appSettings()).startAtLogin).toBe(true);
    await page.keyboard.press('Space');
    await expect.poll(async () => (await appSettings()).startAtLogin).toBe(false);
  });

  it('say what a way to place tasks does, and take it and the weights of one’s own', async () => {
    await open();
    const row = settings.row('scheduling.profile');
    expect(await row.innerText()).toContain('packed: few workers full, others empty');
    await settings.choose('scheduling.profile', 'Packed');
    await expect.poll(appSettings).toMatchObject({ 'scheduling.profile': 'packed' });
    await settings.choose('scheduling.profile', 'Custom');
    expect(await settings.row('scheduling.weight.affinity').innerText()).toContain('Counts with the profile custom');
    await settings.field('scheduling.weight.affinity').fill('9');
    await settings.field('scheduling.weight.affinity').press('Enter');
    await expect.poll(appSettings).toMatchObject({
      'scheduling.profile': 'custom',
      'scheduling.weight.affinity': 9,
      'scheduling.heedsOtherLoad': true,
    });
  });

  it('apply a number on Enter, not while it is typed', async () => {
    await open();
    const field = settings.field('retention.rawHours');
    await field.fill('');
    await field.pressSequentially('72');
    expect(await callsOf(page, 'settings:set')).toEqual([]);
    await field.press('Enter');
    await expect.poll(async () => (await appSettings())['retention.rawHours']).toBe(72);
  });

  it('answer a number that does not fit with a sentence, and keep the old one', async () => {
    await open();
    const field = settings.field('retention.rawHours');
    for (const wrong of ['0', 'many', '-3', '1e9', '']) {
      await field.fill(wrong);
      await field.press('Enter');
      await expect
        .poll(() => settings.failure('retention.rawHours').innerText())
        .toMatch(/must be a number of hours from 1 to 720/);
      expect(await field.getAttribute('aria-invalid')).toBe('true');
    }
    expect((await appSettings())['retention.rawHours']).toBe(48);
    await field.fill('24');
    await field.press('Enter');
    await settings.failure('retention.rawHours').waitFor({ state: 'detached' });
    expect((await appSettings())['retention.rawHours']).toBe(24);
  });

  it('give up a number by Escape', async () => {
    await open();
    const field = settings.field('retention.maxGigabytes');
    await field.fill('77');
    await field.press('Escape');
    expect(await field.inputValue()).toBe('10');
    await field.blur();
    expect((await appSettings())['retention.maxGigabytes']).toBe(10);
  });

  it('say what a retention comes to, already while it is typed', async () => {
    await open();
    const meaning = () => settings.row('retention.oneMinuteDays').locator('.setting-meaning').innerText();
    await expect.poll(meaning).toMatch(/^≈ [\d.]+\s[MG]B$/);
    const before = amount(await meaning());
    await settings.field('retention.oneMinuteDays').fill('60');
    await expect.poll(async () => amount(await meaning()) / before).toBeCloseTo(2, 1);
    expect(await settings.summary.innerText()).toMatch(
      /Will come to[\s\S]*640\sMB[\s\S]*Free on the disk[\s\S]*381\sGB/,
    );
  });

  it('share the projection of the store among the resolutions', async () => {
    await open();
    const keys = ['rawHours', 'oneMinuteDays', 'tenMinuteDays', 'oneHourDays'];
    const words = settings.page.locator('.setting-meaning');
    await expect.poll(async () => (await words.allInnerTexts()).filter((text) => text !== '').length).toBe(keys.length);
    const total = (await words.allInnerTexts())
      .filter((text) => text !== '')
      .reduce((sum, text) => sum + amount(text), 0);
    expect(total / 640e6).toBeCloseTo(1, 1);
  });

  it('mark a projection as an estimate until the store has measured', async () => {
    await open({ scenario: { usage: { projectedBytes: null } } });
    await expect.poll(() => settings.summary.innerText()).toMatch(/≈ [\d.]+\s[MG]B[\s\S]*estimated/);
  });

  it('open the data folder and the logs, and say which Labwatch this is', async () => {
    await open();
    await page.getByRole('button', { name: 'Open data folder' }).click();
    await page.getByRole('button', { name: 'Open logs' }).click();
    expect(await callsOf(page, 'app:open')).toEqual([['data'], ['logs']]);
    const about = page.getByRole('region', { name: 'About' });
    expect(await about.innerText()).toMatch(/Labwatch 0\.1\.0[\s\S]*Electron 33\.2\.1 · Chromium 130/);
  });
});

describe('settings for workers', () => {
  const address = () => settings.row('listener.address').getByRole('combobox');

  it('offer the addresses of this machine, and apply the chosen one at once', async () => {
    await open();
    await expect.poll(() => address().locator('option').count()).toBe(4);
    expect(await address().locator('option').allInnerTexts()).toEqual([
      'Only this machine (127.0.0.1)',
      'eno1 (192.168.1.20)',
      'wlp3s0 (10.0.4.17)',
      'All interfaces (0.0.0.0)',
    ]);
    await address().selectOption('10.0.4.17');
    await expect.poll(async () => (await appSettings())['listener.address']).toBe('10.0.4.17');
  });

  it('keep an address in the list that this machine does not have now', async () => {
    await open({ scenario: { settings: { 'listener.address': '172.20.0.9' } } });
    await expect.poll(() => address().locator('option').count()).toBe(5);
    expect(await address().inputValue()).toBe('172.20.0.9');
    expect(await address().locator('option:checked').innerText()).toBe('Not here now (172.20.0.9)');
  });

  it('take a port and a time until a worker is lost, and answer a wrong one with a sentence', async () => {
    await open();
    for (const [text, sentence] of [
      ['80.5', /Port must be a whole number from 0 to 65535/],
      ['70000', /Port must be a whole number/],
    ] as const) {
      await settings.field('listener.port').fill(text);
      await settings.field('listener.port').press('Enter');
      await expect.poll(() => settings.failure('listener.port').innerText()).toMatch(sentence);
    }
    await settings.field('listener.port').fill('8000');
    await settings.field('listener.port').press('Enter');
    await settings.field('workers.lostAfterSeconds').fill('600');
    await settings.field('workers.lostAfterSeconds').press('Enter');
    await expect.poll(appSettings).toMatchObject({ 'listener.port': 8000, 'workers.lostAfterSeconds': 600 });
  });

  it('say whether workers can come in now, and why not', async () => {
    await open();
    await expect.poll(() => settings.listener.innerText()).toMatch(/Nothing listens[\s\S]*first code/);
    await page.evaluate(() => window.fakeLab.setListener({ state: 'listening' }));
    await expect
      .poll(() => settings.listener.innerText())
      .toMatch(/Listening at 127\.0\.0\.1:7461[\s\S]*Only this machine/);
    await address().selectOption('192.168.1.20');
    await expect.poll(() => settings.listener.innerText()).toMatch(/Listening at 192\.168\.1\.20:7461[\s\S]*Encrypted/);
    await page.evaluate(() =>
      window.fakeLab.setListener({ state: 'failed', reason: 'Another program listens on port 7461. Choose another.' }),
    );
    await expect
      .poll(() => settings.listener.innerText())
      .toMatch(/Cannot listen at 192\.168\.1\.20:7461[\s\S]*Another program listens/);
    expect(await settings.listener.locator('.mark-critical').count()).toBe(1);
  });

  it('show the way through the firewall once the address is open to a network', async () => {
    const firewallHint = 'sudo ufw allow proto tcp to any port 7461';
    await open({ scenario: { listener: { firewallHint } } });
    await expect.poll(() => settings.listener.innerText()).toMatch(/Nothing listens/);
    expect(await settings.listener.innerText()).not.toContain('ufw');
    await address().selectOption('0.0.0.0');
    await expect.poll(() => settings.listener.innerText()).toContain(firewallHint);
  });

  it('show the rest where only the listener could not be read', async () => {
    await open({ scenario: { failing: ['listener:get'] } });
    await expect.poll(() => page.getByRole('alert').innerText()).toMatch(/Where workers come in could not be read/);
    expect(await address().inputValue()).toBe('127.0.0.1');
    await page.evaluate(() => window.fakeLab.mend());
    await page.getByRole('button', { name: 'Try again' }).click();
    await settings.listener.waitFor();
  });

  it('lead to adding a worker', async () => {
    await open();
    await settings.listener.getByRole('button', { name: 'Add a worker' }).click();
    await page.getByRole('dialog', { name: 'Add a worker' }).waitFor();
  });
});

/** Bytes of a figure such as `≈ 2.29 GB`. */
function amount(text: string): number {
  const [, number = 'NaN', unit = ''] = /([\d.]+)\s([MG])B/.exec(text) ?? [];
  return Number(number) * (unit === 'G' ? 1e9 : 1e6);
}
