/** Command palette, keys and focus: everything can be reached without a pointer. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DetailPage } from './pages/detail-page.ts';
import { FleetPage } from './pages/fleet-page.ts';
import { PalettePage } from './pages/palette-page.ts';
import { WindowPage } from './pages/window-page.ts';
import { callsOf } from './support/lab.ts';
import { startWindows, type Windows } from './support/open-window.ts';

let windows: Windows;
let page: Page;
let window: WindowPage;
let palette: PalettePage;
let fleet: FleetPage;

beforeAll(async () => {
  windows = await startWindows();
});
afterAll(() => windows.close());
afterEach(() => {
  expect(windows.takeErrors()).toEqual([]);
});

async function open(...options: Parameters<Windows['open']>): Promise<void> {
  page = await windows.open(...options);
  window = new WindowPage(page);
  palette = new PalettePage(page);
  fleet = new FleetPage(page);
  await fleet.tiles.first().waitFor();
}

const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '');

describe('the command palette', () => {
  it('reaches every worker', async () => {
    await open();
    await palette.run('rig 03');
    await expect.poll(() => new DetailPage(page).name.innerText()).toBe('rig-03');
  });

  it('reaches views, setting groups, levels, ranges, themes and actions', async () => {
    await open();
    await palette.run('settings history');
    await expect.poll(() => window.title.innerText()).toBe('Settings');
    await expect
      .poll(() => page.locator('#settings-history').evaluate((group) => group.contains(document.activeElement)))
      .toBe(true);
    await palette.run('fleet');
    await expect.poll(() => window.title.innerText()).toBe('Fleet');
    await palette.run('last 24 h');
    await expect.poll(() => window.range.inputValue()).toBe('24h');
    await palette.run('theme light');
    await expect.poll(() => window.theme()).toBe('light');
    await palette.run('level intensive');
    await expect.poll(async () => (await callsOf(page, 'worker:set-level')).at(-1)?.[1]).toBe('intensive');
    await palette.run('new task');
    await page.getByRole('dialog', { name: 'New task' }).waitFor();
    await page.keyboard.press('Escape');
    await palette.run('open logs');
    await expect.poll(() => callsOf(page, 'app:open')).toEqual([['logs']]);
    await palette.run('compact');
    await expect.poll(() => page.locator('.grid.compact').count()).toBe(1);
  });

  it('reaches tasks by name, run and command', async () => {
    await open({ scenario: { taskCount: 60 } });
    await palette.open();
    await palette.field.fill('can-fuzz-5');
    await expect.poll(async () => (await palette.titles()).at(-1)).toBe('hil/can-fuzz-55');
    await palette.root.getByText('hil/can-fuzz-55').click();
    await expect.poll(() => page.locator('.task-page .task-title').innerText()).toBe('hil/can-fuzz-55');
  });

  it('finds by scattered letters, best first, and says when it finds nothing', async () => {
    await open();
    await palette.open();
    await palette.field.fill('hb2');
    await expect.poll(async () => (await palette.titles())[0]).toBe('hil-bench-2');
    await palette.field.fill('xyzzy');
    await palette.root.getByText('Nothing is called').waitFor();
  });

  it('is chosen from with the arrows, keeps the focus inside and gives it back', async () => {
    await open();
    await page.keyboard.press('/');
    await palette.open();
    const first = (await palette.titles())[0];
    await page.keyboard.press('ArrowDown');
    expect(await palette.root.locator('[aria-selected="true"] .palette-title').innerText()).not.toBe(first);
    for (let press = 0; press < 5; press += 1) await page.keyboard.press('Tab');
    const isInside = () =>
      page.evaluate(
        () => document.activeElement === document.body || document.activeElement?.closest('dialog') !== null,
      );
    expect(await isInside()).toBe(true);
    await palette.field.focus();
    await page.keyboard.press('Escape');
    await palette.root.waitFor({ state: 'hidden' });
    expect(await fleet.filter.evaluate((field) => field === document.activeElement)).toBe(true);
  });
});

/** Presses Tab so often: names of what had the focus, each with a visible ring. */
async function walk(presses: number): Promise<ReadonlySet<string>> {
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  const seen = new Set<string>();
  for (let press = 0; press < presses; press += 1) {
    await page.keyboard.press('Tab');
    const { name, hasRing, isPage } = await page.evaluate(() => {
      const element = document.activeElement as HTMLElement;
      const around = element.closest('.run-picker') ?? element;
      const name = element.getAttribute('aria-label') ?? element.textContent?.trim().slice(0, 24) ?? '';
      return {
        name: name === '' ? (element.getAttribute('placeholder') ?? '') : name,
        hasRing: [element, around].some((one) => getComputedStyle(one).outlineStyle !== 'none'),
        isPage: element.tagName === 'BODY',
      };
    });
    if (isPage) continue;
    expect(hasRing, name).toBe(true);
    seen.add(name);
  }
  return seen;
}

describe('keys', () => {
  it('switch views by number, but not while typing', async () => {
    await open();
    await page.keyboard.press('2');
    await expect.poll(() => window.title.innerText()).toBe('Timeline');
    await page.keyboard.press('3');
    await expect.poll(() => window.title.innerText()).toBe('Tasks');
    await page.keyboard.press('4');
    await expect.poll(() => window.title.innerText()).toBe('Settings');
    await page.keyboard.press('1');
    await expect.poll(() => window.title.innerText()).toBe('Fleet');
    await page.keyboard.press('/');
    await page.keyboard.type('2');
    expect(await window.title.innerText()).toBe('Fleet');
    expect(await fleet.filter.inputValue()).toBe('2');
  });

  it('are listed on ?, and Escape closes the list', async () => {
    await open();
    await page.keyboard.press('?');
    const list = page.getByRole('dialog', { name: 'Keys' });
    await list.waitFor();
    expect(await list.innerText()).toMatch(/Show Fleet[\s\S]*Show Tasks[\s\S]*Show Settings/);
    await page.keyboard.press('Escape');
    await list.waitFor({ state: 'hidden' });
  });

  it('move among the tiles, open one, pin it and close it again', async () => {
    await open();
    await page.keyboard.press('/');
    for (const stop of ['Comfortable', 'Add a worker', 'arm-01']) {
      await page.keyboard.press('Tab');
      await expect.poll(focused).toContain(stop);
    }
    await page.keyboard.press('ArrowRight');
    await expect.poll(focused).toContain('arm-02');
    await page.keyboard.press('ArrowDown');
    await expect.poll(focused).toContain('hil-bench-2');
    await page.keyboard.press('End');
    await expect.poll(focused).toContain('rig-04');
    await page.keyboard.press('p');
    await expect.poll(async () => (await fleet.names())[0]).toBe('rig-04');
    await page.keyboard.press('Enter');
    const detail = new DetailPage(page);
    await detail.root.waitFor();
    await page.keyboard.press('Escape');
    await detail.root.waitFor({ state: 'hidden' });
    await expect.poll(focused).toContain('rig-04');
  });

  it('reach every control of the window in order, each with a visible ring', async () => {
    await open({ scenario: { workerCount: 3 } });
    await fleet.tile('rig-01').click();
    await new DetailPage(page).charts.first().waitFor();
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    const seen = new Set<string>();
    for (let press = 0; press < 160; press += 1) {
      await page.keyboard.press('Tab');
      const now = await page.evaluate(() => {
        const element = document.activeElement as HTMLElement;
        const style = getComputedStyle(element);
        const host =
          element.closest('.range-picker') === null
            ? style
            : getComputedStyle(element.closest('.range-picker') as Element);
        const hasRing = style.outlineStyle !== 'none' || host.outlineStyle !== 'none';
        return {
          name: element.getAttribute('aria-label') ?? element.textContent?.trim().slice(0, 24) ?? '',
          hasRing,
          tag: element.tagName,
        };
      });
      if (now.tag === 'BODY') continue;
      expect(now.hasRing, now.name).toBe(true);
      seen.add(now.name);
    }
    for (const name of ['Fleet 1', 'Timeline 2', 'Tasks 3', 'Settings 4', 'Close', 'Read again'])
      expect([...seen], name).toContain(name);
    expect([...seen].some((name) => name.startsWith('All 3'))).toBe(true);
    expect([...seen].some((name) => name.startsWith('Standard'))).toBe(true);
  });

  it('reach every control of Tasks and of a task’s page, each with a visible ring', async () => {
    page = await windows.open({ scenario: { taskCount: 60, uiState: { view: 'tasks' } } });
    await page.locator('.task-row[data-state="running"]').first().click();
    await page.locator('.output-scroll').waitFor();
    const seen = await walk(40);
    const wanted = ['New task', 'Tasks, newest first', 'Close', 'Cancel …', 'Clone …', 'Copy the command', 'Text'];
    for (const name of wanted) expect([...seen], name).toContain(name);
  });

  it('reach every control of Timeline and of a placement card, each with a visible ring', async () => {
    page = await windows.open({ scenario: { taskCount: 60, uiState: { view: 'timeline', range: '1h' } } });
    await page.locator('.timeline-counts').getByText('attempts').waitFor();
    await page.locator('.timeline-plot').focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Enter');
    await page.locator('.placement-card .output-scroll').waitFor();
    const seen = [...(await walk(50))];
    const wanted = ['Fit', 'Live', '5 waiting', 'arm-01', 'Close', 'Open the task', 'Text'];
    for (const name of wanted) expect(seen, name).toContain(name);
    expect(seen.some((name) => name.startsWith('Attempts over time'))).toBe(true);
    expect(seen.some((name) => / running for .* on /.test(name))).toBe(true);
  });

  it('turn off motion where the system asks for less', async () => {
    await open({ isMotionReduced: true });
    expect(
      await page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--motion').trim()),
    ).toMatch(/^0m?s$/);
  });
});

describe('what the app asks of the window', () => {
  it('goes where a menu or the tray points', async () => {
    await open();
    await page.evaluate(() => globalThis.window.fakeLab.push('ui:go', { view: 'settings' }));
    await expect.poll(() => window.title.innerText()).toBe('Settings');
    await page.evaluate(() =>
      globalThis.window.fakeLab.push('ui:go', {
        view: 'fleet',
        workerId: '00000000-0000-4000-8000-000000000003' as never,
      }),
    );
    await expect.poll(() => new DetailPage(page).name.innerText()).toBe('rig-03');
    await page.evaluate(() =>
      globalThis.window.fakeLab.push('ui:go', {
        view: 'tasks',
        workerId: '00000000-0000-4000-8000-000000000003' as never,
      }),
    );
    await page.getByRole('button', { name: /^Only tasks on rig-03/ }).waitFor();
  });
});
