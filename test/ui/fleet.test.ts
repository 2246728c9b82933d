/** The grid of tiles over a fake lab, in a real browser. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { FleetPage } from './pages/fleet-page.ts';
import { WindowPage } from './pages/window-page.ts';
import { callsOf, setVisibility, storedUiState } from './support/lab.ts';
import { startWindows, type Windows } from './support/open-window.ts';

let windows: Windows;
let page: Page;
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
  fleet = new FleetPage(page);
  await fleet.tiles.first().waitFor();
}

describe('tiles', () => {
  it('show state, name, machine and up to four meters with a unit', async () => {
    await open();
    await expect.poll(() => fleet.tiles.count()).toBe(12);
    await expect.poll(() => fleet.tile('rig-01').innerText()).toMatch(/online/);
    expect(await fleet.tile('rig-01').innerText()).toMatch(/2× RTX 4090/);
    expect(await fleet.tile('bench-desk').innerText()).toMatch(/this machine/);
    for (const meter of ['CPU', 'Mem', 'GPU', 'Disk'] as const) {
      expect(await fleet.figure('rig-01', meter)).toMatch(/^\d{1,3} %$/);
    }
    expect(await fleet.tile('arm-01').locator('.meter').count()).toBe(3);
    expect(await fleet.slot('rig-01').innerText()).toMatch(/\d+\s°C · [\d.]+\sk?W/);
  });

  it('change while the lab reports, each second at most once', async () => {
    await open();
    const seen = new Set<string>();
    await expect
      .poll(async () => {
        seen.add(await fleet.tile('rig-03').innerText());
        return seen.size;
      })
      .toBeGreaterThan(3);
  });

  it('draw the last minute of CPU as one line', async () => {
    await open();
    const line = fleet.tile('rig-03').locator('.sparkline-line');
    await expect.poll(async () => ((await line.getAttribute('d')) ?? '').split('L').length).toBe(60);
  });

  it('of a worker that does not report say so with shape, word and age, and show no old figures', async () => {
    await open();
    await page.evaluate(() => window.fakeLab.setLink(3, 'stale', 42_000));
    await expect.poll(() => fleet.tile('rig-03').innerText()).toMatch(/stale\s+4\d\ss/);
    expect(await fleet.figure('rig-03', 'CPU')).toBe('–');
    expect(await fleet.figure('rig-03', 'GPU')).toBe('–');
    expect(await fleet.tile('rig-03').locator('.mark-stale').count()).toBe(1);
    const before = await fleet.tile('rig-03').locator('.tile-word').innerText();
    await expect.poll(() => fleet.tile('rig-03').locator('.tile-word').innerText()).not.toBe(before);
    expect(await new WindowPage(page).fleetLine.innerText()).toMatch(/11\s+online[\s\S]*1\s+stale/);
  });

  it.for([
    ['unreachable', 'warning'],
    ['lost', 'critical'],
  ] as const)(
    'of a worker that is %s say since when the link is gone, not how old its samples are',
    async ([link, mark]) => {
      await open();
      await page.evaluate((state) => window.fakeLab.setLink(3, state, 185_000), link);
      const tile = fleet.tile('rig-03');
      await expect.poll(() => tile.innerText()).toMatch(new RegExp(`${link}\\s+3\\smin`));
      expect(await tile.locator(`.mark-${mark}`).count()).toBe(1);
      for (const meter of ['CPU', 'Mem', 'GPU', 'Disk'] as const) expect(await fleet.figure('rig-03', meter)).toBe('–');
      expect(await fleet.slot('rig-03').locator('.tile-heat').innerText()).toBe('');
      await tile.hover();
      await expect.poll(() => fleet.tip.innerText()).toMatch(new RegExp(`${link} since`, 'i'));
      expect(await fleet.tip.innerText()).not.toMatch(/CPU|Memory|Power|%/);
    },
  );

  it('have room for state and age in the compact size, too', async () => {
    await open({ scenario: { uiState: { density: 'compact' } } });
    await page.evaluate(() => window.fakeLab.setLink(3, 'unreachable', 3_900_000));
    const word = fleet.tile('rig-03').locator('.tile-word');
    await expect.poll(() => word.innerText()).toMatch(/^unreachable\s+1\sh\s5\smin$/);
    const isCut = await word.evaluate((text) => text.scrollWidth > text.clientWidth || text.scrollHeight > 27);
    expect(isCut).toBe(false);
  });

  it('are counted in one line by state', async () => {
    await open();
    await page.evaluate(() => {
      window.fakeLab.setLink(1, 'unreachable', 9_000);
      window.fakeLab.setLink(2, 'unreachable', 9_000);
      window.fakeLab.setLink(3, 'lost', 200_000);
    });
    await expect
      .poll(() => new WindowPage(page).fleetLine.innerText())
      .toMatch(/9\s+online\s+2\s+unreachable\s+1\s+lost/);
  });

  it('mark high load with a colour beside the figure', async () => {
    await open({ scenario: { seed: 4 } });
    await expect
      .poll(() => fleet.tile('rig-03').locator('.meter[data-level="warning"], .meter[data-level="critical"]').count())
      .toBeGreaterThan(0);
    expect(await fleet.tile('rig-04').locator('.meter[data-meter="cpuUtilization"]').getAttribute('data-level')).toBe(
      'normal',
    );
  });

  it('tell exact values on hover and on keyboard focus', async () => {
    await open();
    await fleet.tile('rig-01').hover();
    await expect.poll(() => fleet.tip.innerText()).toMatch(/CPU\s+\d+\.\d\s%/);
    expect(await fleet.tip.innerText()).toMatch(/Memory used\s+[\d.]+ of 128\sGiB/);
    await page.mouse.move(720, 20);
    await fleet.tip.waitFor({ state: 'hidden' });
    await page.keyboard.press('/');
    for (let stop = 0; stop < 3; stop += 1) await page.keyboard.press('Tab');
    await expect.poll(() => fleet.tip.innerText()).toMatch(/arm-01/);
  });

  it('hold hostile names as text', async () => {
    await open({
      scenario: { hasHostileNames: true, uiState: { openWorkerId: '00000000-0000-4000-8000-000000000000' } },
    });
    await expect.poll(() => page.locator('.detail-title h2').innerText()).toContain('<img src=x');
    await expect.poll(() => page.locator('td.column-name').first().innerText()).toContain('<script>');
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.evaluate(() => 'wasRun' in window)).toBe(false);
  });
});

describe('tasks on tiles', () => {
  it('stand as chips, the first two with how many more, and the worker is busy', async () => {
    page = await windows.open({ scenario: { workerCount: 4, taskCount: 60, isLive: false } });
    const fleet = new FleetPage(page);
    const chips = fleet.slot('rig-01').locator('.chip');
    await expect.poll(() => chips.count()).toBe(2);
    await expect.poll(() => fleet.tile('rig-01').locator('.tile-word').innerText()).toBe('busy');
    expect(await fleet.slot('rig-01').locator('.chip-more').innerText()).toBe('+1');
    await expect.poll(() => page.locator('.fleet-line').innerText()).toMatch(/4 online[\s\S]*4 busy/);
    await page.evaluate(() => window.fakeLab.setLink(1, 'stale', 9_000));
    await expect.poll(() => fleet.tile('rig-01').locator('.tile-word').innerText()).toMatch(/^stale/);
  });

  it('lead to the tasks of the worker by a click on the chips, or t on its tile; elsewhere the tile opens', async () => {
    await open({ scenario: { workerCount: 4, taskCount: 60, isLive: false } });
    const onlyOf = (name: string) => page.getByRole('button', { name: new RegExp(`^Only tasks on ${name}`) });
    await fleet
      .slot('rig-01')
      .getByRole('button', { name: /^rig-01 runs/ })
      .click();
    await onlyOf('rig-01').waitFor();
    await page.keyboard.press('1');
    await fleet.tile('rig-02').focus();
    await page.keyboard.press('t');
    await onlyOf('rig-02').waitFor();
    await page.keyboard.press('1');
    const foot = await fleet.slot('rig-01').locator('.tile-heat').boundingBox();
    await page.mouse.click((foot?.x ?? 0) + (foot?.width ?? 0) - 2, (foot?.y ?? 0) + 4);
    await expect.poll(() => page.locator('.detail-title h2').innerText()).toBe('rig-01');
  });

  it('stay inside their tile whatever they are called', async () => {
    page = await windows.open({ scenario: { taskCount: 200, hasHostileNames: true } });
    await page.locator('.tile-slot .chip').first().waitFor();
    const isInside = await page.locator('.tile-slot.comfortable').evaluateAll((tiles) =>
      tiles.every((tile) => {
        const foot = tile.querySelector('.tile-foot') as HTMLElement;
        const heat = tile.querySelector('.tile-heat') as HTMLElement;
        return heat.getBoundingClientRect().right <= foot.getBoundingClientRect().right + 1;
      }),
    );
    expect(isInside).toBe(true);
    expect(await page.evaluate(() => 'wasRun' in window)).toBe(false);
  });
});

describe('order and filters', () => {
  it('order by name with digits by value, and keep that order while figures move', async () => {
    await open();
    const names = await fleet.names();
    expect(names.slice(0, 3)).toEqual(['arm-01', 'arm-02', 'bench-desk']);
    expect(names.indexOf('rig-02')).toBeLessThan(names.indexOf('rig-03'));
    const before = await fleet.tile('rig-03').innerText();
    await expect.poll(() => fleet.tile('rig-03').innerText()).not.toBe(before);
    expect(await fleet.names()).toEqual(names);
  });

  it('put pinned workers first, and remember them', async () => {
    await open();
    await fleet.tile('rig-04').hover();
    await page.getByRole('button', { name: 'Pin rig-04' }).click();
    await expect.poll(async () => (await fleet.names())[0]).toBe('rig-04');
    await expect.poll(async () => (await storedUiState(page)).pins).toHaveLength(1);
  });

  it('filter by who runs tasks, as long as anybody does', async () => {
    await open({ scenario: { workerCount: 12, taskCount: 60, isLive: false } });
    await fleet.showState(/Busy \d/);
    await expect.poll(async () => new Set(await page.locator('.tile-word').allInnerTexts())).toEqual(new Set(['busy']));
    await open({ scenario: { workerCount: 12 } });
    expect(await page.getByRole('radio', { name: /Busy/ }).count()).toBe(0);
  });

  it('filter by state, by GPU and by words', async () => {
    await open();
    await page.evaluate(() => window.fakeLab.setLink(3, 'unreachable', 9_000));
    await fleet.showState(/Not reporting 1/);
    await expect.poll(() => fleet.names()).toEqual(['rig-03']);
    await fleet.showState(/GPU 6/);
    await expect.poll(() => fleet.tiles.count()).toBe(6);
    await fleet.showState(/All 12/);
    await page.keyboard.press('/');
    await page.keyboard.type('rtx 4090');
    await expect.poll(() => fleet.names()).toEqual(['rig-01', 'rig-02']);
    await fleet.filter.fill('nobody');
    await page.getByText('No worker matches').waitFor();
    await page.getByRole('button', { name: 'Show all 12' }).click();
    await expect.poll(() => fleet.tiles.count()).toBe(12);
  });

  it('offer no GPU filter where there is no GPU', async () => {
    await open({ scenario: { workerCount: 1, isPlainMachine: true } });
    expect(await page.getByRole('radio', { name: /GPU/ }).count()).toBe(0);
  });

  it('fit 200 workers in compact tiles on one screen of 1440 × 900', async () => {
    await open({ scenario: { workerCount: 200 } });
    await fleet.showSize('Compact');
    await expect.poll(() => fleet.tiles.count()).toBe(200);
    const box = await fleet.tiles.last().boundingBox();
    expect(box).toMatchObject({ width: 88, height: 48 });
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(900);
    const isScrolling = await page.locator('.grid').evaluate((grid) => grid.scrollHeight > grid.clientHeight);
    expect(isScrolling).toBe(false);
  });
});

describe('what the window asks of the app', () => {
  it('asks for a snapshot again when it missed a patch', async () => {
    await open({ scenario: { isLive: false } });
    expect(await callsOf(page, 'fleet:snapshot')).toHaveLength(1);
    await page.evaluate(() => {
      window.fakeLab.losePatch();
      window.fakeLab.step();
    });
    await expect.poll(() => callsOf(page, 'fleet:snapshot')).toHaveLength(2);
    const before = await fleet.figure('rig-03', 'CPU');
    await expect
      .poll(async () => {
        await page.evaluate(() => window.fakeLab.step());
        return fleet.figure('rig-03', 'CPU');
      })
      .not.toBe(before);
    expect(await callsOf(page, 'fleet:snapshot')).toHaveLength(2);
  });

  it('draws and asks nothing while hidden, and catches up on return', async () => {
    await open({ scenario: { workerCount: 1 } });
    await page.locator('.chart').first().waitFor();
    await setVisibility(page, 'hidden');
    const text = await fleet.tiles.first().innerText();
    const countCalls = () => page.evaluate(() => window.fakeLab.calls.length);
    await expect.poll(async () => (await callsOf(page, 'worker:watch')).at(-1)).toEqual([null]);
    const calls = await countCalls();
    await page.evaluate(() => {
      for (let count = 0; count < 20; count += 1) window.fakeLab.step();
    });
    expect(await countCalls()).toBe(calls);
    expect(await fleet.tiles.first().innerText()).toBe(text);
    const snapshots = (await callsOf(page, 'fleet:snapshot')).length;
    await setVisibility(page, 'visible');
    await expect.poll(() => callsOf(page, 'fleet:snapshot')).toHaveLength(snapshots + 1);
    await expect.poll(() => fleet.tiles.first().innerText()).not.toBe(text);
  });

  it('says once that the first value stands on the screen', async () => {
    await open();
    await expect.poll(() => callsOf(page, 'app:painted')).toHaveLength(1);
  });

  it('remembers density and range, keeping fields of the app it does not know', async () => {
    await open({ scenario: { uiState: { bounds: { x: 5 }, range: '24h' } } });
    expect(await new WindowPage(page).range.inputValue()).toBe('24h');
    await fleet.showSize('Compact');
    await new WindowPage(page).range.selectOption('7d');
    await expect.poll(() => storedUiState(page)).toMatchObject({ bounds: { x: 5 }, range: '7d', density: 'compact' });
  });
});
