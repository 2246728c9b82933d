/** The charts of one worker: shared time, gaps, bands, legend, words, and the live edge. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ChartObject, DetailPage } from './pages/detail-page.ts';
import { WindowPage } from './pages/window-page.ts';
import { callsOf } from './support/lab.ts';
import { startWindows, type Windows } from './support/open-window.ts';

const CPU_COLOUR = 0;

let windows: Windows;
let page: Page;
let detail: DetailPage;
let cpu: ChartObject;
let memory: ChartObject;

beforeAll(async () => {
  windows = await startWindows();
});
afterAll(() => windows.close());
afterEach(() => {
  expect(windows.takeErrors()).toEqual([]);
});

async function open(...options: Parameters<Windows['open']>): Promise<void> {
  page = await windows.open(...options);
  detail = new DetailPage(page);
  cpu = detail.chart('CPU');
  memory = detail.chart('Memory');
  await cpu.root.waitFor();
  await expect.poll(async () => sum(await cpu.inkByColumn(CPU_COLOUR))).toBeGreaterThan(100);
}

const ONE = { scenario: { workerCount: 1 } };

describe('charts', () => {
  it('stand open for the only worker, made from the series it has', async () => {
    await open(ONE);
    for (const title of ['CPU', 'Memory', 'GPU', 'Disk nvme0n1', 'Network eno1', 'Temperature', 'Load']) {
      expect(await detail.chart(title).root.count(), title).toBe(1);
    }
    await open({ scenario: { workerCount: 1, isPlainMachine: true } });
    expect(await detail.chart('GPU').root.count()).toBe(0);
    expect(await detail.chart('Temperature').root.count()).toBe(0);
    expect(await detail.chart('Disk vda').root.count()).toBe(1);
  });

  it('leave a gap where the machine gave no data', async () => {
    await open(ONE);
    const ink = await cpu.inkByColumn(CPU_COLOUR);
    const empty = longestRun(ink.map((count) => count === 0));
    // Ninety seconds of fifteen minutes, on a plot this wide.
    expect(empty).toBeGreaterThan(ink.length * 0.08);
    expect(empty).toBeLessThan(ink.length * 0.13);
  });

  it('draw no band around single samples and one around rollups', async () => {
    await open({ scenario: { workerCount: 1, uiState: { range: '5m' } } });
    expect(await tallestBand()).toBe(0);
    await new WindowPage(page).range.selectOption('7d');
    await expect.poll(tallestBand).toBeGreaterThan(3);
  });

  it('have the worker’s tasks behind the curves, named where the crosshair is, live', async () => {
    await open({ scenario: { workerCount: 1, taskCount: 40 } });
    const questions = await callsOf(page, 'attempts:between');
    expect(questions).toMatchObject([[{ workerId: '00000000-0000-4000-8000-000000000000' }]]);
    const plot = cpu.root.locator('.plot');
    const { width = 0 } = (await plot.boundingBox()) ?? {};
    await plot.hover({ position: { x: width - 12, y: 40 } });
    const flag = () => cpu.root.locator('.plot-flag').innerText();
    await expect.poll(flag).toMatch(/^\d\d:\d\d:\d\d · \S+, \S+, \S+ and \d+ more$/);
    await page.evaluate(() => {
      for (let index = 0; index < 40; index += 1) {
        window.fakeLab.tasks.change(index, { state: 'succeeded', endedAtMs: Date.now() - 60_000 });
      }
    });
    await plot.hover({ position: { x: width - 11, y: 40 } });
    await expect.poll(flag).toMatch(/^\d\d:\d\d:\d\d$/);
  });

  it('ask for no more points than the plot has pixels, in every range from 5 minutes to 30 days', async () => {
    await open(ONE);
    const width = (await cpu.inkByColumn(CPU_COLOUR)).length;
    const minute = 60_000;
    const spans = { '5m': 5, '1h': 60, '6h': 360, '24h': 1_440, '7d': 10_080, '30d': 43_200 };
    for (const [range, minutes] of Object.entries(spans)) {
      await new WindowPage(page).range.selectOption(range);
      const asked = async () => {
        const [request] = (await callsOf(page, 'worker:history')).at(-1) as [
          { fromMs: number; toMs: number; maxPoints: number },
        ];
        return request;
      };
      await expect
        .poll(async () => Math.abs((await asked()).toMs - (await asked()).fromMs - minutes * minute) / minute)
        .toBeLessThan(minutes * 0.02);
      expect((await asked()).maxPoints).toBeLessThanOrEqual(width + 1);
      await expect.poll(async () => sum(await cpu.inkByColumn(CPU_COLOUR))).toBeGreaterThan(50);
    }
  });

  it('grow at the live edge with each tick, without asking for history again', async () => {
    await open({ scenario: { workerCount: 1, uiState: { range: '5m' } } });
    // A first live sample: by then the charts have asked for the width that the page came to have.
    const first = await cpu.figure();
    await expect.poll(() => cpu.figure()).not.toBe(first);
    const requests = (await callsOf(page, 'worker:history')).length;
    const seen = new Set<string>();
    await expect
      .poll(async () => {
        seen.add(await cpu.figure());
        seen.add(JSON.stringify((await cpu.inkByColumn(CPU_COLOUR)).slice(-12)));
        return seen.size;
      })
      .toBeGreaterThan(6);
    expect(await callsOf(page, 'worker:history')).toHaveLength(requests);
  });

  it('show no figure for what the worker has gone on without', async () => {
    await open(ONE);
    await page.evaluate(async () => {
      const snapshot = await window.labwatch.call('fleet:snapshot');
      const workerId = snapshot.ok ? snapshot.value.workers[0]?.workerId : undefined;
      const tick = {
        atMs: Date.now() - 300_000,
        seriesKeys: ['system.disk.io{disk.io.direction=read,system.device=sdz}'],
        values: Float64Array.of(5_000_000),
      };
      window.fakeLab.push('worker:ticks', { workerId, ticks: [tick] } as never);
    });
    const pulled = detail.chart('Disk sdz');
    await expect.poll(() => cpu.figure()).toMatch(/^\d+ %$/);
    await expect.poll(() => pulled.figure()).toBe('–');
  });

  it('carry units on the axis and figures, and say in words what they show', async () => {
    await open(ONE);
    expect(await cpu.figure()).toMatch(/^\d+ %$/);
    expect(await detail.chart('Disk nvme0n1').root.innerText()).toMatch(/read\s+[\d.]+\s[kM]B\/s/);
    expect(await cpu.root.locator('.chart-figure').innerText()).toMatch(/of 20 threads/);
    await expect
      .poll(() => cpu.summary())
      .toMatch(/15 min\. CPU: newest \d+ %, mean \d+ %, from \d+ % to \d+ % \(at [\d:]+\), 1 gap without data\./);
  });

  it('hide and show a series by its legend', async () => {
    await open(ONE);
    const orange = 1;
    const disk = detail.chart('Disk nvme0n1');
    await expect.poll(async () => sum(await disk.inkByColumn(orange))).toBeGreaterThan(50);
    const write = disk.root.getByRole('button', { name: /write/ });
    await write.click();
    expect(await write.getAttribute('aria-pressed')).toBe('false');
    await expect.poll(async () => sum(await disk.inkByColumn(orange))).toBe(0);
    await write.click();
    await expect.poll(async () => sum(await disk.inkByColumn(orange))).toBeGreaterThan(50);
  });

  it('appear for what a higher level adds, folded until asked for, eight series a chart', async () => {
    await open(ONE);
    expect(await page.getByRole('button', { name: /CPU cores/ }).count()).toBe(0);
    await detail.level('Detailed').click();
    const fold = page.getByRole('button', { name: /CPU cores/ });
    await fold.click();
    await expect.poll(() => detail.charts.filter({ hasText: 'CPU cores: core 0 to core 7' }).count()).toBe(1);
    expect(await detail.charts.filter({ hasText: 'CPU cores' }).count()).toBe(3);
    await fold.click();
    await expect.poll(() => detail.charts.filter({ hasText: 'CPU cores' }).count()).toBe(0);
  });
});

describe('one time for all charts', () => {
  it('moves one crosshair through every chart, and figures follow it', async () => {
    await open(ONE);
    const left = await cpu.pointAt(0.2);
    await page.mouse.move(left.x, left.y);
    await expect.poll(() => memory.crosshair.isVisible()).toBe(true);
    const x = async (chart: ChartObject) => (await chart.crosshair.boundingBox())?.x ?? 0;
    expect(Math.abs((await x(cpu)) - left.x)).toBeLessThan(2);
    const plotLeft = async (chart: ChartObject) => (await chart.plot.boundingBox())?.x ?? 0;
    expect(
      Math.abs((await x(memory)) - (await plotLeft(memory)) - ((await x(cpu)) - (await plotLeft(cpu)))),
    ).toBeLessThan(1);
    const figures = new Set<string>();
    for (const share of [0.1, 0.3, 0.5, 0.7, 0.9]) {
      const point = await cpu.pointAt(share);
      await page.mouse.move(point.x, point.y);
      figures.add(await memory.figure());
    }
    expect(figures.size).toBeGreaterThan(1);
    await page.mouse.move(5, 5);
    await expect.poll(() => memory.crosshair.isVisible()).toBe(false);
  });

  it('shows no figure at a moment in a gap', async () => {
    await open(ONE);
    const ink = await cpu.inkByColumn(CPU_COLOUR);
    const middle = middleOfLongestRun(ink.map((count) => count === 0));
    const point = await cpu.pointAt(middle / ink.length);
    await page.mouse.move(point.x, point.y);
    await expect.poll(() => cpu.figure()).toBe('–');
    expect(await memory.figure()).toBe('–');
  });

  it('zooms all charts by dragging, and goes back by Escape and by double click', async () => {
    await open(ONE);
    const reset = [() => page.keyboard.press('Escape'), () => cpu.plot.dblclick()];
    for (const back of reset) {
      const [from, to] = [await cpu.pointAt(0.6), await cpu.pointAt(0.8)];
      await page.mouse.move(from.x, from.y);
      await page.mouse.down();
      await page.mouse.move(to.x, to.y, { steps: 4 });
      expect(await cpu.root.locator('.plot-selection').isVisible()).toBe(true);
      await page.mouse.up();
      await detail.zoomBar.waitFor();
      await expect.poll(() => memory.summary()).toMatch(/, (2 min 5\d s|3 min( \d s)?)\./);
      await back();
      await detail.zoomBar.waitFor({ state: 'hidden' });
      await expect.poll(() => memory.summary()).toMatch(/, 15 min\./);
    }
  });

  it('zooms by the wheel and keeps the moment under the pointer', async () => {
    await open(ONE);
    const point = await cpu.pointAt(0.5);
    await page.mouse.move(point.x, point.y);
    const flag = cpu.root.locator('[data-part="flag"]');
    const before = await flag.innerText();
    await page.keyboard.down('Control');
    for (let notch = 0; notch < 4; notch += 1) await page.mouse.wheel(0, -100);
    await page.keyboard.up('Control');
    await detail.zoomBar.waitFor();
    await page.mouse.move(point.x + 1, point.y);
    await page.mouse.move(point.x, point.y);
    const seconds = (text: string) => text.split(':').reduce((total, part) => total * 60 + Number(part), 0);
    await expect.poll(async () => Math.abs(seconds(await flag.innerText()) - seconds(before))).toBeLessThanOrEqual(6);
    await expect.poll(() => cpu.summary()).toMatch(/, [56] min( \d+ s)?\./);
  });

  it('stays where it is while zoomed, whatever the lab reports', async () => {
    await open(ONE);
    await cpu.plot.focus();
    await page.keyboard.press('+');
    await detail.zoomBar.waitFor();
    const shown = await detail.zoomBar.innerText();
    const tile = page.locator('.tile');
    const before = await tile.innerText();
    await expect.poll(() => tile.innerText()).not.toBe(before);
    expect(await detail.zoomBar.innerText()).toBe(shown);
  });

  it('pins a moment by a click: the processes of then, and back to live', async () => {
    await open(ONE);
    const point = await cpu.pointAt(0.3);
    await page.mouse.click(point.x, point.y);
    await expect.poll(() => detail.processes.innerText()).toMatch(/at \d\d:\d\d:\d\d · back to live/);
    const asked = (await callsOf(page, 'worker:processes')).at(-1)?.[1] as number;
    expect(Date.now() - asked).toBeGreaterThan(9 * 60_000);
    expect(Date.now() - asked).toBeLessThan(12 * 60_000);
    expect(await memory.root.locator('.plot-pinned').isVisible()).toBe(true);
    await page.getByRole('button', { name: 'back to live' }).click();
    await expect.poll(() => detail.processes.innerText()).toMatch(/of 312/);
  });

  it('is all reachable by keyboard', async () => {
    await open(ONE);
    await cpu.plot.focus();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Shift+ArrowLeft');
    await expect.poll(() => memory.crosshair.isVisible()).toBe(true);
    await page.keyboard.press('Enter');
    await expect.poll(() => detail.processes.innerText()).toMatch(/back to live/);
    await page.keyboard.press('+');
    await detail.zoomBar.waitFor();
    await page.keyboard.press('Escape');
    await detail.zoomBar.waitFor({ state: 'hidden' });
    await page.keyboard.press('Escape');
    await expect.poll(() => detail.processes.innerText()).toMatch(/of 312/);
    await page.keyboard.press('Escape');
    await detail.root.waitFor({ state: 'hidden' });
  });
});

/** Height in pixels of the tallest translucent column around the line of CPU. */
async function tallestBand(): Promise<number> {
  return cpu.root.locator('canvas').evaluate((canvas: HTMLCanvasElement) => {
    const context = canvas.getContext('2d') as CanvasRenderingContext2D;
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    let tallest = 0;
    for (let x = 70; x < canvas.width - 10; x += 1) {
      let height = 0;
      for (let y = 0; y < canvas.height - 22; y += 1) {
        const at = (y * canvas.width + x) * 4;
        const alpha = data[at + 3] ?? 0;
        // A band is blue at a fifth of full cover; the grid is grey and opaque, the line's edges are one pixel.
        if (alpha > 40 && alpha < 62 && (data[at + 2] ?? 0) > (data[at] ?? 0) + 60) height += 1;
      }
      tallest = Math.max(tallest, height);
    }
    return tallest > 2 ? tallest : 0;
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function runs(flags: readonly boolean[]): readonly { readonly start: number; readonly length: number }[] {
  const found: { start: number; length: number }[] = [];
  flags.forEach((flag, index) => {
    if (!flag) return;
    const last = found.at(-1);
    if (last !== undefined && last.start + last.length === index) last.length += 1;
    else found.push({ start: index, length: 1 });
  });
  return found;
}

function longest(flags: readonly boolean[]): { readonly start: number; readonly length: number } {
  return runs(flags).reduce((best, run) => (run.length > best.length ? run : best), { start: 0, length: 0 });
}

function longestRun(flags: readonly boolean[]): number {
  return longest(flags).length;
}

function middleOfLongestRun(flags: readonly boolean[]): number {
  const { start, length } = longest(flags);
  return start + length / 2;
}
