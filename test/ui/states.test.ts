/** Empty, loading, error and stale, in every view: each says what it is and what to do. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DetailPage } from './pages/detail-page.ts';
import { FleetPage } from './pages/fleet-page.ts';
import { SettingsPage } from './pages/settings-page.ts';
import { WindowPage } from './pages/window-page.ts';
import { callsOf } from './support/lab.ts';
import { startWindows, type Windows } from './support/open-window.ts';

let windows: Windows;
let page: Page;

beforeAll(async () => {
  windows = await startWindows();
});
afterAll(() => windows.close());

const mend = () => page.evaluate(() => window.fakeLab.mend());
const retry = () => page.getByRole('button', { name: 'Try again' }).click();

describe('Fleet', () => {
  it('is empty with help, not with nothing', async () => {
    page = await windows.open({ scenario: { workerCount: 0 } });
    await page.getByRole('heading', { name: 'No worker yet' }).waitFor();
    await page.getByText('as soon as its first figures are read').waitFor();
  });

  it('says that it is loading, then shows what came', async () => {
    page = await windows.open({ scenario: { hanging: ['fleet:snapshot'] } });
    await page.getByText('Reading the fleet').waitFor();
    await mend();
    await expect.poll(() => new FleetPage(page).tiles.count()).toBe(12);
  });

  it('says why it could not be read, and reads again on request', async () => {
    page = await windows.open({ scenario: { failing: ['fleet:snapshot'] } });
    await expect
      .poll(() => page.getByRole('alert').innerText())
      .toMatch(/The fleet could not be read[\s\S]*disk is full/);
    await mend();
    await retry();
    await expect.poll(() => new FleetPage(page).tiles.count()).toBe(12);
  });

  it('says when the monitor has gone quiet, and for how long', async () => {
    page = await windows.open({ scenario: { isLive: false } });
    await new FleetPage(page).tiles.first().waitFor();
    await page.evaluate(() => {
      const real = Date.now.bind(Date);
      Date.now = () => real() + 20_000;
    });
    await expect.poll(() => new WindowPage(page).notices.innerText()).toMatch(/No news from the monitor for 2\d\ss/);
    await page.evaluate(() => window.fakeLab.step());
    await expect.poll(() => new WindowPage(page).notices.count()).toBe(0);
  });
});

describe('Detail', () => {
  const one = (part: object) => windows.open({ scenario: { workerCount: 1, ...part } });

  it('without history says that charts will grow, and they do', async () => {
    page = await one({ hasHistory: false, isLive: false });
    await page.getByText('No history yet').waitFor();
    await page.getByText('Nothing happened in the last 24 h.').waitFor();
    await page.evaluate(() => window.fakeLab.step());
    await new DetailPage(page).chart('CPU').root.waitFor();
  });

  it('says that it is loading', async () => {
    page = await one({ hanging: ['worker:series', 'worker:history'], isLive: false });
    await page.getByText('Reading the history').waitFor();
    await mend();
    await new DetailPage(page).chart('CPU').root.waitFor();
  });

  it('says why the history could not be read, and reads again on request', async () => {
    page = await one({ failing: ['worker:history', 'worker:processes', 'worker:events'] });
    await expect.poll(() => page.getByRole('alert').innerText()).toMatch(/The history could not be read/);
    expect(await new DetailPage(page).events.innerText()).toMatch(/disk is full/);
    await mend();
    await retry();
    await new DetailPage(page).chart('CPU').root.waitFor();
  });

  it('of a stale worker says how old its last sample is', async () => {
    page = await one({});
    await new DetailPage(page).chart('CPU').root.waitFor();
    await page.evaluate(() => window.fakeLab.setLink(0, 'stale', 65_000));
    await expect.poll(() => page.locator('.stale-note').innerText()).toMatch(/Last sample 1\smin \d+\ss ago/);
    await expect.poll(() => page.locator('.detail-state').innerText()).toMatch(/stale/);
  });

  it('shows level, collectors with their remedy, hardware and events', async () => {
    page = await one({});
    const detail = new DetailPage(page);
    await expect
      .poll(() => detail.root.innerText())
      .toMatch(/Intel Core i7-12700 · 20 threads · 32\sGiB · Radeon RX 6600 · Debian/);
    expect(await detail.collectors.innerText()).toMatch(
      /6 of 8 ok[\s\S]*nvidia\s+failing[\s\S]*code 9[\s\S]*rapl\s+no permission/,
    );
    expect(await detail.collectors.locator('code').innerText()).toMatch(/^sudo chmod/);
    await page.getByRole('button', { name: 'Copy the command for rapl' }).click();
    await page.getByText('Copied').waitFor();
    await expect.poll(() => detail.hardware.innerText()).toMatch(/nvme0n1 · Samsung SSD 990 PRO 2TB · NVME · 2\sTB/);
    await page.getByRole('button', { name: 'Read again' }).click();
    await expect.poll(() => callsOf(page, 'worker:refresh-inventory')).toHaveLength(1);
    await expect.poll(() => detail.events.innerText()).toMatch(/Sampling started at level standard/);
    await detail.level('Detailed').click();
    await expect.poll(() => callsOf(page, 'worker:set-level')).toHaveLength(1);
    await page.getByText('Adds each core').waitFor();
  });

  it('sorts the processes by any column, both ways', async () => {
    page = await one({});
    const detail = new DetailPage(page);
    await detail.processes.locator('td').first().waitFor();
    const numbers = async (column: 'cpuCores' | 'memoryBytes') =>
      (await detail.processColumn(column)).map((text) => Number.parseFloat(text));
    const isFalling = (values: readonly number[]) =>
      values.every((value, index) => index === 0 || value <= (values[index - 1] ?? 0));
    expect(isFalling(await numbers('cpuCores'))).toBe(true);
    await detail.processes.getByRole('button', { name: 'Memory' }).click();
    await expect.poll(async () => isFalling(await numbers('memoryBytes'))).toBe(true);
    await detail.processes.getByRole('button', { name: 'Process' }).click();
    const commands = await detail.processColumn('name');
    expect(commands).toEqual([...commands].sort((a, b) => a.localeCompare(b)));
    await detail.processes.getByRole('button', { name: 'Process' }).click();
    await expect.poll(() => detail.processColumn('name')).toEqual([...commands].reverse());
    expect(await page.locator('th.column-name').getAttribute('aria-sort')).toBe('descending');
  });
});

describe('Settings', () => {
  it('says that it is loading, and why it could not be read', async () => {
    page = await windows.open({ scenario: { hanging: ['settings:get'] } });
    await new WindowPage(page).show('Settings');
    await page.getByText('Reading the settings').waitFor();
    await mend();
    await new SettingsPage(page).row('theme').waitFor();

    page = await windows.open({ scenario: { failing: ['settings:get'] } });
    await new WindowPage(page).show('Settings');
    await expect.poll(() => page.getByRole('alert').innerText()).toMatch(/The settings could not be read/);
    await mend();
    await retry();
    await new SettingsPage(page).row('theme').waitFor();
  });

  it('shows the rest where only the size of the history could not be read', async () => {
    page = await windows.open({ scenario: { failing: ['storage:usage'] } });
    await new WindowPage(page).show('Settings');
    await expect.poll(() => page.getByRole('alert').innerText()).toMatch(/The size of the history could not be read/);
    expect(await new SettingsPage(page).row('retention.rawHours').count()).toBe(1);
    await mend();
    await retry();
    await new SettingsPage(page).summary.waitFor();
  });

  it('says that nothing lasts while nothing can be stored', async () => {
    page = await windows.open({
      scenario: { notices: [{ kind: 'memory-only', atMs: Date.now(), reason: 'the disk is full' }] },
    });
    await new WindowPage(page).show('Settings');
    await page.getByText('changes hold until Labwatch ends').waitFor();
  });
});

describe('storage notices', () => {
  it('say what happened and what to do, and go when they end', async () => {
    page = await windows.open({ scenario: {} });
    const notices = new WindowPage(page).notices;
    const atMs = Date.now();
    await new FleetPage(page).tiles.first().waitFor();
    await page.evaluate((at) => {
      window.fakeLab.raise([
        { kind: 'memory-only', atMs: at, reason: 'the disk is full' },
        { kind: 'metrics-set-aside', atMs: at, movedTo: '/data/metrics.db.broken', reason: 'malformed' },
        { kind: 'fleet-restored', atMs: at, movedTo: '/data/fleet.db.broken', backupAtMs: at - 3_600_000 },
        { kind: 'newer-schema', atMs: at, file: 'metrics.db' },
      ]);
    }, atMs);
    await expect.poll(() => notices.count()).toBe(4);
    const text = (await notices.allInnerTexts()).join('\n');
    expect(text).toMatch(/the disk is full[\s\S]*Free some space/);
    expect(text).toMatch(/metrics\.db\.broken/);
    expect(text).toMatch(/restored from the backup/);
    expect(text).toMatch(/newer Labwatch[\s\S]*Update Labwatch/);
    await page.getByRole('button', { name: 'Understood' }).first().click();
    await expect.poll(() => notices.count()).toBe(3);
    await page.evaluate(() => window.fakeLab.raise([]));
    await expect.poll(() => notices.count()).toBe(0);
  });
});

describe('a window without its app', () => {
  it('says that it is not connected', async () => {
    page = await windows.open({ scenario: { isConnected: false } });
    await expect.poll(() => page.getByRole('alert').innerText()).toMatch(/not connected to the Labwatch app/);
  });
});
