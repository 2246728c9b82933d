/** What a worker can do and what people say of it, on its page and in the fleet's filter. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Scenario } from './fake/scenario.ts';
import type { DetailPage } from './pages/detail-page.ts';
import type { FleetPage } from './pages/fleet-page.ts';
import { callsOf } from './support/lab.ts';
import { startWindows, type Windows } from './support/open-window.ts';
import { openWorker, RIG_03 } from './support/open-worker.ts';

let windows: Windows;
let page: Page;
let detail: DetailPage;
let fleet: FleetPage;

beforeAll(async () => {
  windows = await startWindows();
});
afterAll(() => windows.close());
afterEach(() => {
  expect(windows.takeErrors()).toEqual([]);
});

async function open(scenario: Partial<Scenario> = {}): Promise<void> {
  ({ page, detail, fleet } = await openWorker(windows, RIG_03, scenario));
}

const profile = () => page.getByRole('region', { name: 'Labels and price' });
const labels = () => profile().getByRole('list', { name: 'Labels' }).getByRole('listitem').allInnerTexts();
const newLabel = () => profile().getByRole('textbox', { name: 'New label' });
const price = () => profile().getByRole('textbox', { name: 'Price per hour' });

async function label(text: string): Promise<void> {
  await newLabel().fill(text);
  await page.keyboard.press('Enter');
  await expect.poll(() => newLabel().inputValue()).toBe('');
}

describe('the capabilities of a worker', () => {
  it('stand on its page by the names that plans ask for, with the programs it has', async () => {
    await open();
    const tags = page.getByRole('region', { name: 'Capabilities' }).getByRole('listitem');
    const names = await tags.allInnerTexts();
    expect(names).toEqual(
      expect.arrayContaining(['os.linux', 'gpu.nvidia', 'gpu.compute=8.6', 'container.docker=24.0.7']),
    );
    expect(await detail.hardware.innerText()).toMatch(/Docker 24\.0\.7/);
    expect(await detail.hardware.innerText()).toMatch(/Identity\s+[0-9a-f]{4} /);
  });

  it('are read again on request, and the page says when', async () => {
    await open();
    const asked = (await callsOf(page, 'worker:inventory')).length;
    await detail.hardware.getByRole('button', { name: 'Read again' }).click();
    await expect.poll(async () => (await callsOf(page, 'worker:inventory')).length).toBeGreaterThan(asked);
  });
});

describe('labels', () => {
  it('are added by Enter, removed by their button, and the focus stays where one goes on', async () => {
    await open();
    await label('rack=b');
    await label('owner=the lab');
    await expect.poll(labels).toEqual(['owner=the lab', 'rack=b']);
    await profile().getByRole('button', { name: 'Remove label rack=b' }).click();
    await expect.poll(labels).toEqual(['owner=the lab']);
    expect(await newLabel().evaluate((field) => field === document.activeElement)).toBe(true);
    expect(await callsOf(page, 'worker:label')).toEqual([
      [RIG_03, [{ key: 'rack', value: 'b' }]],
      [RIG_03, [{ key: 'owner', value: 'the lab' }]],
      [RIG_03, [{ key: 'rack', value: null }]],
    ]);
  });

  it.for([
    ['rack', /Write key=value/],
    ['Rack=b', /small letters/],
    ['rack=', /needs a value/],
  ] as const)('that cannot be (%s) stay in the field with the reason', async ([text, reason]) => {
    await open();
    await newLabel().fill(text);
    await page.keyboard.press('Enter');
    await expect.poll(() => profile().getByRole('alert').innerText()).toMatch(reason);
    expect(await newLabel().inputValue()).toBe(text);
    await newLabel().fill('rack=b');
    expect(await profile().getByRole('alert').count()).toBe(0);
  });

  it('that cannot be kept say why', async () => {
    await open({ failing: ['worker:label'] });
    await newLabel().fill('rack=b');
    await page.keyboard.press('Enter');
    await expect.poll(() => profile().getByRole('alert').innerText()).toMatch(/disk is full/);
  });

  it('are text, whatever they hold', async () => {
    await open();
    await label('note=<img src=x onerror="window.wasRun=true">');
    await expect.poll(labels).toEqual(['note=<img src=x onerror="window.wasRun=true">']);
    expect(await page.evaluate(() => 'wasRun' in window)).toBe(false);
  });
});

describe('the price', () => {
  it('is applied by Enter or by leaving the field, and taken away by emptying it', async () => {
    await open();
    await price().fill('0.35');
    await page.keyboard.press('Enter');
    await expect.poll(() => callsOf(page, 'worker:set-price')).toEqual([[RIG_03, 0.35]]);
    await price().fill('');
    await newLabel().focus();
    await expect
      .poll(() => callsOf(page, 'worker:set-price'))
      .toEqual([
        [RIG_03, 0.35],
        [RIG_03, null],
      ]);
  });

  it('that is none stays in the field with the reason, and Escape takes it back', async () => {
    await open();
    await price().fill('cheap');
    await page.keyboard.press('Enter');
    await expect.poll(() => profile().getByRole('alert').innerText()).toMatch(/a number such as 0\.35/);
    await page.keyboard.press('Escape');
    await expect.poll(() => price().inputValue()).toBe('');
    expect(await callsOf(page, 'worker:set-price')).toEqual([]);
    expect(await detail.root.count()).toBe(1);
  });
});

describe('the filter', () => {
  it('finds workers by label and by capability as well as by name', async () => {
    await open();
    await label('rack=b');
    await fleet.filter.fill('rack=b');
    await expect.poll(() => fleet.names()).toEqual(['rig-03']);
    await fleet.filter.fill('gpu.compute>=8.9');
    await expect.poll(() => fleet.names()).not.toContain('rig-03');
    expect(await fleet.names()).toContain('rig-01');
    await fleet.filter.fill('gpu');
    await expect.poll(() => fleet.names()).toEqual(expect.arrayContaining(['rig-01', 'rig-03']));
    expect(await fleet.names()).not.toContain('hil-bench-1');
    await fleet.filter.fill('docker rig-03');
    await expect.poll(() => fleet.names()).toEqual(['rig-03']);
  });

  it('follows a label that is set while it stands', async () => {
    await open();
    await fleet.filter.fill('zone=7');
    await expect.poll(() => fleet.tiles.count()).toBe(0);
    await label('zone=7');
    await expect.poll(() => fleet.names()).toEqual(['rig-03']);
  });
});
