/** The timeline: lanes and queue, time that is zoomed and panned, bars met by pointer and keys, ten thousand of them. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Scenario } from './fake/scenario.ts';
import { TimelinePage } from './pages/timeline-page.ts';
import { WindowPage } from './pages/window-page.ts';
import { callsOf, setVisibility, storedUiState } from './support/lab.ts';
import { startWindows, type WindowOptions, type Windows } from './support/open-window.ts';

let windows: Windows;
let page: Page;
let timeline: TimelinePage;

beforeAll(async () => {
  windows = await startWindows();
});
afterAll(() => windows.close());
afterEach(() => {
  expect(windows.takeErrors()).toEqual([]);
});

async function open(scenario: Partial<Scenario> = {}, options: WindowOptions = {}): Promise<void> {
  const uiState = { view: 'timeline', range: '1h', ...scenario.uiState };
  page = await windows.open({ ...options, scenario: { taskCount: 100, ...scenario, uiState } });
  timeline = new TimelinePage(page);
}

async function openDrawn(scenario: Partial<Scenario> = {}, options: WindowOptions = {}): Promise<void> {
  await open(scenario, options);
  await timeline.drawn();
}

const change = (index: number, part: object) =>
  page.evaluate(([at, value]) => window.fakeLab.tasks.change(at, value), [index, part] as const);
const mend = () => page.evaluate(() => window.fakeLab.mend());
const countWords = async () => (await timeline.counts.innerText()).replaceAll('\u00a0', ' ').replaceAll('\u202f', ' ');
const askedSpans = async () =>
  (await callsOf(page, 'attempts:between')).map(
    ([query]) => query as { readonly fromMs: number; readonly toMs: number },
  );

/** Counts drawings from now on; they are counted where each begins. */
async function countDrawings(): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const counted = window as unknown as { drawings: number };
    counted.drawings = 0;
    const { clearRect } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.clearRect = function (...box) {
      counted.drawings += 1;
      clearRect.apply(this, box);
    };
  });
  return () => page.evaluate(() => (window as unknown as { drawings: number }).drawings);
}

const frame = () =>
  page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));

describe('without bars', () => {
  it('the view says how to get one, and shows the first task as soon as it comes', async () => {
    await open({ taskCount: 0 });
    await page.getByRole('heading', { name: 'Nothing has run yet' }).waitFor();
    await page.evaluate(() =>
      window.fakeLab.bridge.call('tasks:submit', '{"name":"run","tasks":[{"name":"first","command":["true"]}]}', null),
    );
    await expect.poll(() => timeline.queue.innerText()).toMatch(/1 waiting/);
  });

  it('the view says that it is loading, and why it could not be read', async () => {
    await open({ hanging: ['attempts:between'] });
    await page.getByText('Reading the timeline').waitFor();
    await mend();
    await timeline.drawn();

    await open({ failing: ['attempts:between'] });
    await expect
      .poll(() => page.getByRole('alert').innerText())
      .toMatch(/The timeline could not be read[\s\S]*disk is full/);
    await mend();
    await page.getByRole('button', { name: 'Try again' }).click();
    await timeline.drawn();
  });

  it('a stretch of time in which nothing ran says so, and leads to what ran last', async () => {
    await openDrawn({ uiState: { range: '5m' } });
    for (let press = 0; press < 30; press += 1) {
      await timeline.plot.focus();
      await page.keyboard.press('ArrowLeft');
    }
    for (let press = 0; press < 40; press += 1) await page.keyboard.press('ArrowLeft');
    await page.getByText('Nothing ran in this stretch of time').waitFor();
    await page.getByRole('button', { name: 'Show what ran last' }).click();
    await expect.poll(countWords).toMatch(/attempts:/);
  });
});

describe('lanes', () => {
  it('stand one for each worker that runs tasks or ran some, in the order of the fleet, with how it is', async () => {
    await openDrawn();
    const names = await timeline.laneNames();
    expect(names).toContain('rig-01');
    expect(names).toEqual([...names].sort(new Intl.Collator('en', { numeric: true }).compare));
    await expect.poll(() => timeline.lanes.first().innerText()).toMatch(/running · CPU \d+/);
    await timeline.lanes.first().getByRole('button').click();
    await expect.poll(() => new WindowPage(page).title.innerText()).toBe('Fleet');
  });

  it('of a worker that was removed stay with its name, also when the view is opened later', async () => {
    await openDrawn();
    const gone = '00000000-0000-4000-8000-000000000003';
    const name = await page.evaluate(async (id) => {
      const fleet = await window.fakeLab.bridge.call('fleet:snapshot');
      await window.fakeLab.bridge.call('worker:remove', id as never);
      return fleet.ok ? fleet.value.workers.find(({ workerId }) => workerId === id)?.name : undefined;
    }, gone);
    await expect.poll(async () => (await timeline.laneNames()).at(-1)).toBe(name);
    await new WindowPage(page).show('Settings');
    await page.locator('.settings').first().waitFor();
    await new WindowPage(page).show('Timeline');
    await expect.poll(async () => (await callsOf(page, 'attempts:between')).length).toBe(2);
    await expect.poll(async () => (await timeline.laneNames()).at(-1)).toBe(name);
    expect(await timeline.lanes.last().innerText()).toMatch(/removed/);
  });

  it('have the queue above them: what waits, for what, the next one first, and how many more', async () => {
    await openDrawn();
    expect(await timeline.queue.innerText()).toMatch(/Queue\s+5 waiting/);
    const waiting = page.getByRole('list', { name: 'Waiting tasks' }).getByRole('listitem');
    await expect.poll(() => waiting.count()).toBe(4);
    expect(await waiting.first().innerText()).toMatch(/queued: Waits for a worker: rig-01 and 3 others are full/);
    await timeline.queue.getByRole('button').click();
    await expect.poll(() => new WindowPage(page).title.innerText()).toBe('Tasks');
  });

  it('scroll while axis and queue stay', async () => {
    await openDrawn({ workerCount: 60 });
    const first = timeline.lanes.first();
    const before = (await first.boundingBox())?.y ?? 0;
    const queueBefore = await timeline.queue.boundingBox();
    await page.locator('.timeline-scroll').evaluate((element) => {
      element.scrollTop = 300;
    });
    await expect.poll(async () => (await first.boundingBox())?.y).toBe(before - 300);
    expect(await timeline.queue.boundingBox()).toEqual(queueBefore);
  });
});

describe('bars', () => {
  it('are kept current by patches: a task that begins gets one, and one that ends stops at its end', async () => {
    await openDrawn();
    const running = async () => Number(/(\d+) running/.exec(await countWords())?.[1] ?? 0);
    const before = await running();
    const worker = '00000000-0000-4000-8000-000000000005';
    await page.evaluate(
      ([at, id]) =>
        window.fakeLab.tasks.change(at, {
          state: 'running',
          waitsFor: null,
          workerId: id as never,
          attemptCount: 1,
          startedAtMs: Date.now(),
        }),
      [97, worker] as const,
    );
    await expect.poll(running).toBe(before + 1);
    await page.evaluate((at) => window.fakeLab.tasks.change(at, { state: 'failed', endedAtMs: Date.now() }), 97);
    await expect.poll(running).toBe(before);
    expect((await callsOf(page, 'attempts:between')).length).toBe(1);
  });

  it('are asked for anew when a patch was missed, and when the window is seen again', async () => {
    await openDrawn();
    await page.evaluate(() => window.fakeLab.tasks.losePatch());
    await change(50, { priority: 3 });
    await expect.poll(async () => (await askedSpans()).length).toBe(2);
    await setVisibility(page, 'hidden');
    await setVisibility(page, 'visible');
    await expect.poll(async () => (await askedSpans()).length).toBe(3);
  });

  it('differ by how they ended, and take a colour of the theme', async () => {
    await openDrawn({ isLive: false });
    await timeline.reachRunning();
    const { x, y, width } = await timeline.barBox();
    const middle = [x + width - 4, y + 3] as const;
    const dark = await timeline.colourAt(...middle);
    expect(dark.slice(0, 3)).toEqual([90, 169, 255]);
    await page.emulateMedia({ colorScheme: 'light' });
    await expect.poll(() => timeline.colourAt(...middle)).not.toEqual(dark);
    expect((await timeline.colourAt(...middle)).slice(0, 3)).toEqual([29, 111, 214]);
  });

  it('show exact values on hover, and what waits says its whole reason', async () => {
    await openDrawn();
    await timeline.reachRunning();
    const name = (await timeline.barWords()).split(',')[0] ?? '';
    const { x, y, width, height } = await timeline.barBox();
    await timeline.plot.hover({ position: { x: x + width / 2, y: y + height / 2 } });
    await expect
      .poll(() => timeline.tip.innerText())
      .toMatch(/Running for[\s\S]*Worker[\s\S]*Run[\s\S]*since \d\d:\d\d:\d\d/);
    expect(await timeline.tip.innerText()).toContain(name);
    const { x: nowX } = (await timeline.now.boundingBox()) ?? { x: 0 };
    const plot = (await timeline.plot.boundingBox()) ?? { x: 0 };
    await timeline.plot.hover({ position: { x: nowX - plot.x - 2, y: 50 } });
    await expect
      .poll(() => timeline.tip.innerText())
      .toMatch(/Waits for a worker: rig-01 and 3 others are full[\s\S]*Priority/);
  });

  it('open a card by a click and by Enter, and Escape closes it', async () => {
    await openDrawn();
    await timeline.reachBars();
    const { x, y, width, height } = await timeline.barBox();
    await timeline.plot.click({ position: { x: x + width / 2, y: y + height / 2 } });
    await timeline.card.locator('.task-body').waitFor();
    await page.keyboard.press('Escape');
    await timeline.card.waitFor({ state: 'hidden' });
    await timeline.openCard();
    await page.keyboard.press('Escape');
    await timeline.card.waitFor({ state: 'hidden' });
  });

  it('keep the colour of their type over a restart', async () => {
    await openDrawn();
    await expect.poll(async () => (await storedUiState(page)).typeColours).toContain('train');
    const known = (await storedUiState(page)).typeColours as readonly string[];
    await openDrawn({ uiState: { typeColours: ['other', ...known] } });
    const swatch = (type: string) =>
      page
        .getByRole('list', { name: 'Colours of types' })
        .getByRole('listitem')
        .filter({ hasText: type })
        .locator('.legend-swatch');
    await expect.poll(() => swatch('train').getAttribute('class')).toContain(`series-${known.indexOf('train') + 2}`);
  });
});

it('shows names from outside as text, whatever they hold', async () => {
  await openDrawn({ hasHostileNames: true });
  await timeline.reachBars();
  for (let step = 0; step < 12; step += 1) await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Enter');
  await timeline.card.locator('.task-body').waitFor();
  expect(await page.evaluate(() => 'wasRun' in window)).toBe(false);
  const listed = page.getByRole('list', { name: /Newest attempts in sight/ });
  await expect.poll(() => listed.innerText()).toContain('<script>window.wasRun=true</script>');
  expect(await listed.innerText()).toContain('turn⟨U+202E⟩back');
});

describe('time', () => {
  const nowX = async () => Math.round((await timeline.now.boundingBox())?.x ?? Number.NaN);

  it('moves with now, and the line of now stays where it is', async () => {
    await openDrawn();
    const before = await nowX();
    const words = await timeline.summary.innerText();
    await expect.poll(() => timeline.summary.innerText()).not.toBe(words);
    expect(Math.abs((await nowX()) - before)).toBeLessThanOrEqual(1);
    await page.getByRole('button', { name: 'Live' }).waitFor();
  });

  it('is zoomed by the wheel at the pointer and panned by a drag; a button and 0 lead back to now', async () => {
    await openDrawn({ isLive: false });
    const plot = (await timeline.plot.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
    const at = { x: plot.x + plot.width * 0.75, y: plot.y + 400 };
    const before = await nowX();
    await page.mouse.move(at.x, at.y);
    await page.mouse.wheel(0, -100);
    await expect.poll(async () => (await nowX()) - before).toBeGreaterThan(5);
    const factor = ((await nowX()) - at.x) / (before - at.x);
    expect(factor).toBeCloseTo(1.25, 1);
    await page.mouse.down();
    await page.mouse.move(at.x - 40, at.y, { steps: 4 });
    await page.mouse.move(at.x - 200, at.y, { steps: 4 });
    await page.mouse.up();
    await expect.poll(nowX).toBeCloseTo(at.x + factor * (before - at.x) - 200, -1);
    await page.getByRole('button', { name: 'Back to now' }).click();
    await expect.poll(async () => Math.abs((await nowX()) - before)).toBeLessThanOrEqual(1);
    await timeline.plot.focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(nowX).toBeLessThan(before);
    await page.keyboard.press('0');
    await expect.poll(async () => Math.abs((await nowX()) - before)).toBeLessThanOrEqual(1);
  });

  it('is panned and zoomed by arrow keys, and f fits what is in sight, twice as once', async () => {
    await openDrawn({ isLive: false });
    const start = await nowX();
    await timeline.plot.focus();
    await page.keyboard.press('ArrowLeft');
    await expect.poll(async () => (await timeline.now.isVisible()) === false || (await nowX()) > start).toBe(true);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('f');
    await frame();
    const fitted = await nowX();
    await page.keyboard.press('f');
    await frame();
    expect(Math.abs((await nowX()) - fitted)).toBeLessThanOrEqual(2);
  });

  it('is another range when the top bar says so, and the store is asked for what is not known', async () => {
    await openDrawn();
    await new WindowPage(page).range.selectOption('24h');
    await expect.poll(async () => (await askedSpans()).length).toBe(2);
    const [first, second] = await askedSpans();
    expect((second?.toMs ?? 0) - (second?.fromMs ?? 0)).toBeGreaterThan(
      20 * ((first?.toMs ?? 0) - (first?.fromMs ?? 0)),
    );
    // What is known is not asked for again.
    await new WindowPage(page).range.selectOption('15m');
    await timeline.drawn();
    await frame();
    expect((await askedSpans()).length).toBe(2);
  });
});

describe('keys', () => {
  it('go from bar to bar, each read aloud, and the focus is seen', async () => {
    await openDrawn();
    await timeline.reachRunning();
    const newest = await timeline.barWords();
    expect(newest).toMatch(/^.+, running for .+ on .+, since \d\d:\d\d:\d\d$/);
    await page.keyboard.press('ArrowLeft');
    const earlier = await timeline.barWords();
    expect(earlier).not.toBe(newest);
    expect(earlier.split(' on ')[1]?.split(',')[0]).toBe(newest.split(' on ')[1]?.split(',')[0]);
    await page.keyboard.press('ArrowRight');
    expect((await timeline.barWords()).split(',')[0]).toBe(newest.split(',')[0]);
    expect(await timeline.bar.evaluate((element) => getComputedStyle(element).outlineStyle)).toBe('solid');
    const said = await timeline.plot.locator('[aria-live]').textContent();
    expect(said?.split(',')[0]).toBe(newest.split(',')[0]);
    await page.keyboard.press('Home');
    const { x, width } = await timeline.barBox();
    expect(x + width).toBeGreaterThan(0);
    await page.keyboard.press('Escape');
    expect(await timeline.plot.evaluate((element) => element === document.activeElement)).toBe(true);
  });
});

describe('ten thousand bars', () => {
  const many = { taskCount: 10_000, isLive: false, uiState: { range: '7d' } };

  it('are all there, failures of narrow ones too, and more than are asked for at once are said', async () => {
    await openDrawn(many);
    expect((await countWords()).replace(/\D*(\d[\d ]*) attempts.*/, '$1').replaceAll(' ', '')).toBe('10000');
    await page.getByText(/The newest 10.000 are shown\. Zoom in to see older ones\./).waitFor();
  });

  it('are drawn in few strokes, again only when something changed, and not at all while hidden', async () => {
    await openDrawn(many);
    const drawings = await countDrawings();
    await frame();
    const still = await drawings();
    await timeline.plot.focus();
    await page.keyboard.press('ArrowLeft');
    await expect.poll(drawings).toBeGreaterThan(still);
    for (let count = 0; count < 10; count += 1) await frame();
    // One for the key, one for what the store answers of the time before; a beat may fall between.
    expect(await drawings()).toBeLessThanOrEqual(still + 3);
    await setVisibility(page, 'hidden');
    const hidden = await drawings();
    await change(50, { priority: 3 });
    for (let count = 0; count < 10; count += 1) await frame();
    expect(await drawings()).toBe(hidden);
  });

  it('zoom to the ones of a piece that is clicked', async () => {
    await openDrawn(many);
    await timeline.reachBars();
    const { y, height } = await timeline.barBox();
    const plot = await timeline.plot.boundingBox();
    const before = await countWords();
    await timeline.plot.click({ position: { x: (plot?.width ?? 0) * 0.8, y: y + height / 2 } });
    await expect.poll(countWords).not.toBe(before);
    expect(Number(/(\d[\d ]*) attempt/.exec(await countWords())?.[1]?.replaceAll(' ', ''))).toBeLessThan(2_000);
  });
});

it('is as sharp as the screen', async () => {
  await openDrawn();
  const session = await page.context().newCDPSession(page);
  const sizeOf = () =>
    timeline.plot.locator('canvas').evaluate((canvas: HTMLCanvasElement) => canvas.width / canvas.clientWidth);
  await session.send('Emulation.setDeviceMetricsOverride', {
    width: 1440,
    height: 900,
    deviceScaleFactor: 2,
    mobile: false,
  });
  await expect.poll(sizeOf).toBeCloseTo(2, 1);
  await session.send('Emulation.clearDeviceMetricsOverride');
  await session.detach();
});
