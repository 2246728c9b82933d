/** Tasks: the table that stays true, its filters and keys, and the page of one task. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Scenario } from './fake/scenario.ts';
import { DetailPage } from './pages/detail-page.ts';
import { TasksPage } from './pages/tasks-page.ts';
import { WindowPage } from './pages/window-page.ts';
import { callsOf, setVisibility } from './support/lab.ts';
import { startWindows, type Windows } from './support/open-window.ts';

let windows: Windows;
let page: Page;
let tasks: TasksPage;

beforeAll(async () => {
  windows = await startWindows();
});
afterAll(() => windows.close());
afterEach(() => {
  expect(windows.takeErrors()).toEqual([]);
});

async function open(scenario: Partial<Scenario> = {}, size = { width: 1440, height: 900 }): Promise<void> {
  page = await windows.open({ scenario: { taskCount: 60, uiState: { view: 'tasks' }, ...scenario }, size });
  tasks = new TasksPage(page);
}

async function openFull(scenario: Partial<Scenario> = {}, size?: { width: number; height: number }): Promise<void> {
  await open(scenario, size);
  await tasks.rows.first().waitFor();
}

const change = (index: number, part: object) =>
  page.evaluate(([at, value]) => window.fakeLab.tasks.change(at, value), [index, part] as const);
const mend = () => page.evaluate(() => window.fakeLab.mend());

describe('without tasks', () => {
  it('the view says how to get one', async () => {
    await open({ taskCount: 0 });
    await page.getByRole('heading', { name: 'No tasks yet' }).waitFor();
    await expect
      .poll(() => page.locator('.view-state').innerText())
      .toMatch(/Drop a plan file here, press New task, or run labwatch submit plan\.json/);
    await page.getByRole('button', { name: 'New task' }).click();
    await tasks.newTask.waitFor();
  });

  it('the view says that it is loading, and why the tasks could not be read', async () => {
    await open({ hanging: ['tasks:find'] });
    await page.getByText('Reading the tasks').waitFor();
    await mend();
    await tasks.rows.first().waitFor();

    await open({ failing: ['tasks:find'] });
    await expect
      .poll(() => page.getByRole('alert').innerText())
      .toMatch(/The tasks could not be read[\s\S]*disk is full/);
    await mend();
    await page.getByRole('button', { name: 'Try again' }).click();
    await tasks.rows.first().waitFor();
  });

  it('nothing of the view is loaded', async () => {
    page = await windows.open({ scenario: { taskCount: 60 } });
    await page.locator('.tile').first().waitFor();
    const loaded = () =>
      page.evaluate(
        () =>
          performance.getEntriesByType('resource').filter(({ name }) => /tasks-view|new-task-dialog/.test(name)).length,
      );
    expect(await loaded()).toBe(0);
    await page.keyboard.press('3');
    await new TasksPage(page).rows.first().waitFor();
    expect(await loaded()).toBeGreaterThan(0);
  });
});

describe('the table', () => {
  it('shows the newest first and says so', async () => {
    await openFull();
    expect((await tasks.names()).slice(0, 2)).toEqual([`${kindOf(59)}-59`, `${kindOf(58)}-58`]);
    expect(await page.locator('.task-submitted[role="columnheader"]').getAttribute('aria-sort')).toBe('descending');
    expect(await tasks.foot.innerText()).toBe('Newest first. 60 tasks.');
  });

  it('draws only what is in sight of 10,000 tasks, and loads older ones as one scrolls', async () => {
    await openFull({ taskCount: 10_000 });
    expect(await tasks.foot.innerText()).toMatch(/200 tasks so far/);
    await tasks.grid.focus();
    for (let press = 0; press < 3; press += 1) {
      const before = await tasks.foot.innerText();
      await page.keyboard.press('End');
      await expect.poll(() => tasks.foot.innerText()).not.toBe(before);
    }
    expect(await tasks.foot.innerText()).toMatch(/800 tasks so far/);
    expect(await tasks.rows.count()).toBeLessThan(60);
    const sequences = (await callsOf(page, 'tasks:find')).map(
      ([query]) => (query as { beforeSequence?: number }).beforeSequence,
    );
    expect(sequences).toEqual([undefined, 9_801, 9_601, 9_401]);
  });

  it('follows its tasks: new ones come first, states change, durations count on', async () => {
    await openFull({ isLive: false });
    const name = (await tasks.names())[0] ?? '';
    await change(59, { state: 'running', waitsFor: null, startedAtMs: Date.now() - 65_000 });
    await expect.poll(() => tasks.row(name).locator('.task-state').innerText()).toMatch(/running/);
    await expect
      .poll(async () => (await tasks.row(name).locator('.task-duration').innerText()).replaceAll('\u00a0', ' '))
      .toMatch(/^1 min \d+ s$/);
    await page.evaluate(() =>
      window.fakeLab.bridge.call(
        'tasks:submit',
        '{"name":"late","tasks":[{"name":"late-one","command":["true"]}]}',
        null,
      ),
    );
    await expect.poll(async () => (await tasks.names())[0]).toBe('late-one');
    expect(await tasks.foot.innerText()).toBe('Newest first. 61 tasks.');
  });

  it('asks for all anew when a patch was lost, and when the window is seen again', async () => {
    await openFull({ isLive: false });
    const name = (await tasks.names())[0] ?? '';
    await page.evaluate(() => window.fakeLab.tasks.losePatch());
    await change(58, { state: 'cancelled' });
    await expect.poll(async () => (await callsOf(page, 'tasks:find')).length).toBe(2);
    await setVisibility(page, 'hidden');
    await change(59, { state: 'parked', waitsFor: null, message: 'Lost three times.' });
    await setVisibility(page, 'visible');
    await expect.poll(() => tasks.row(name).innerText()).toMatch(/parked[\s\S]*Lost three times/);
  });

  it('shows CPU time and memory of what runs as they grow', async () => {
    await openFull({ isLive: false });
    const running = page.locator('.task-row[data-state="running"]').first();
    const before = await running.locator('.task-cpu').innerText();
    await page.evaluate(() => {
      const real = Date.now.bind(Date);
      Date.now = () => real() + 600_000;
      window.fakeLab.step();
    });
    await expect.poll(() => running.locator('.task-cpu').innerText()).not.toBe(before);
  });

  it('filters by state, words and run, together, and says when nothing matches', async () => {
    await openFull();
    await tasks.showGroup(/^Running/);
    await expect
      .poll(async () => new Set(await tasks.rows.locator('.task-state').allInnerTexts()).size)
      .toBeLessThan(3);
    await tasks.showGroup(/^All/);
    await page.keyboard.press('/');
    await page.keyboard.type('train/vit-b');
    await expect.poll(async () => (await tasks.names()).every((name) => name.startsWith('train/vit-b'))).toBe(true);
    await tasks.runs.selectOption({ index: 1 });
    await tasks.runBar.waitFor();
    await expect.poll(() => tasks.foot.innerText()).toMatch(/^Newest first. \d tasks?\.$/);
    await tasks.showGroup(/^Failed/);
    await page.getByRole('heading', { name: 'No task matches' }).waitFor();
    await page.getByRole('button', { name: 'Show all tasks' }).click();
    await expect.poll(() => tasks.foot.innerText()).toBe('Newest first. 60 tasks.');
    expect(await tasks.search.inputValue()).toBe('');
  });

  it('keeps its rows where they are while one opens a task or types', async () => {
    for (const size of [
      { width: 1440, height: 900 },
      { width: 1300, height: 800 },
      { width: 1024, height: 700 },
    ]) {
      await openFull({ isLive: false }, size);
      const top = async () => (await tasks.grid.boundingBox())?.y;
      const left = async () => (await tasks.search.boundingBox())?.x;
      const before = await top();
      await tasks.openFirst('running');
      expect(await top(), `${size.width}`).toBe(before);
      const bar = page.locator('.task-side .toolbar');
      expect(await bar.evaluate((element) => element.scrollWidth <= element.clientWidth), `${size.width}`).toBe(true);
      const place = await left();
      await tasks.search.fill('lint/all');
      await expect.poll(async () => (await tasks.names()).every((name) => name.startsWith('lint/all'))).toBe(true);
      expect(await left(), `${size.width}`).toBe(place);
    }
  });

  it('counts in its filters what it shows, or nothing', async () => {
    await openFull({ isLive: false });
    const groups = page.getByRole('radiogroup', { name: 'Filter by state' });
    await expect.poll(() => groups.innerText()).toMatch(/Running \d+/);
    await tasks.search.fill('train');
    await expect.poll(() => groups.innerText()).not.toMatch(/\d/);
  });

  it('begins anew at the first row when other tasks are asked for', async () => {
    await openFull({ taskCount: 200, isLive: false });
    await tasks.grid.evaluate((element) => {
      element.scrollTop = 2_000;
    });
    await tasks.showGroup(/^Succeeded/);
    await expect.poll(() => tasks.grid.evaluate((element) => element.scrollTop)).toBe(0);
  });

  it('is moved through by keys, opened by Enter and closed by Escape', async () => {
    await openFull();
    await tasks.grid.focus();
    const names = await tasks.names();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect.poll(() => tasks.detail.getByRole('heading', { level: 2 }).first().innerText()).toBe(names[1]);
    await page.keyboard.press('Tab');
    expect(await tasks.detail.evaluate((detail) => detail.contains(document.activeElement))).toBe(true);
    await page.keyboard.press('Escape');
    await tasks.detail.waitFor({ state: 'hidden' });
    await page.keyboard.press('ArrowDown');
    const current = await page.evaluate(() => {
      const id = document.activeElement?.getAttribute('aria-activedescendant') ?? '';
      return document.getElementById(id)?.querySelector('.task-name')?.textContent;
    });
    expect(current).toBe(names[2]);
  });

  it('keeps names from outside text', async () => {
    await openFull({ hasHostileNames: true, taskCount: 100 });
    await page.getByText('turn⟨U+202E⟩back').first().waitFor();
    await tasks.row('<img src=x onerror="window.wasRun=true"><script>window.wasRun=true</script>').first().click();
    await tasks.detail.locator('.task-body').waitFor();
    expect(await page.evaluate(() => 'wasRun' in window)).toBe(false);
    const fits = await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
    expect(fits).toBe(true);
  });
});

/** The fake names its tasks in turn. */
function kindOf(index: number): string {
  const kinds = [
    'train/vit-b',
    'pytest/unit',
    'eval/squad',
    'ingest/shard-8',
    'lint/all',
    'build/wheel',
    'hil/can-fuzz',
  ];
  return kinds[index % kinds.length] ?? '';
}

describe('the page of a task', () => {
  it('says where it ran and why there, how it ended, and what it used', async () => {
    await openFull();
    await tasks.openFirst('failed');
    const text = async () => (await tasks.detail.innerText()).replaceAll('\u00a0', ' ');
    await expect.poll(text).toMatch(/failed after[\s\S]*Exit 1 after 3 min\./);
    const words = await text();
    expect(words).toMatch(/Why there\s+The first by name that fits/);
    expect(words).toMatch(/Attempt 1[\s\S]*exit 1 after/);
    expect(words).toMatch(/1 process outlived it and was ended\./);
    expect(words).toMatch(/out\/model\.bin was not fetched/);
    expect(words).toMatch(/1 GPU · 4090 · 8 GiB on each/);
    expect(await tasks.usage('CPU')).toMatch(/^CPU [\d.]+ cores? [\d.]+ cores? .+/);
    expect(await tasks.usage('Disk write')).toBe('Disk write 0 B');
    expect(await tasks.detail.locator('.command-line code').first().innerText()).toContain(`'it'\\''s here'`);
  });

  it('says “not measured” for what was not, never 0', async () => {
    await openFull();
    await change(0, { usage: null });
    const usage = {
      ...(await page.evaluate(() => window.fakeLab.tasks.usageOf(0))),
      cpuSeconds: null,
      memoryPeakBytes: null,
    };
    await change(1, { usage: { ...usage, coresPeak: null, coresMean: null, diskReadBytes: null } });
    await tasks.search.fill(`${kindOf(0)}-0`);
    await tasks.row(`${kindOf(0)}-0`).click();
    await expect.poll(() => tasks.detail.getByRole('region', { name: 'Usage' }).innerText()).toMatch(/Not measured\./);
    await tasks.search.fill(`${kindOf(1)}-1`);
    await tasks.row(`${kindOf(1)}-1`).click();
    await expect.poll(() => tasks.usage('CPU')).toBe('CPU not measured');
    expect(await tasks.usage('Disk read')).toBe('Disk read not measured');
    expect(await tasks.usage('Memory')).toMatch(/^Memory – not measured [\d.]+ GiB$/);
  });

  it('shows what it uses now while it runs', async () => {
    await openFull({ isLive: false });
    await tasks.openFirst('running');
    await page.evaluate(() => window.fakeLab.step());
    await expect.poll(() => tasks.usage('CPU')).toMatch(/^CPU 3\.2 cores/);
    expect(await tasks.usage('Memory')).toMatch(/^Memory 1\.5 GiB/);
  });

  it('follows what it writes as harmless text, until one scrolls away', async () => {
    await openFull({ isLive: false });
    await tasks.openFirst('running');
    await expect.poll(() => tasks.output.innerText()).toMatch(/^start <b>not bold<\/b> ␇ ⟨U\+202E⟩turned\n/m);
    expect(await tasks.output.innerText()).toMatch(/\n100 %\n/);
    await page.evaluate(() => window.fakeLab.step());
    await expect.poll(() => tasks.output.innerText()).toMatch(/step \d+ of \d+\n*$/);
    await tasks.output.evaluate((element) => {
      element.scrollTop = 0;
    });
    await page.getByRole('button', { name: 'Follow' }).waitFor();
    await page.evaluate(() => window.fakeLab.step());
    await expect.poll(() => tasks.output.innerText()).toMatch(/step \d+ of \d+\nstep \d+ of \d+\n*$/);
    expect(await tasks.output.evaluate((element) => element.scrollTop)).toBe(0);
    await page.getByRole('button', { name: 'Follow' }).click();
    await page.getByRole('button', { name: 'Follow' }).waitFor({ state: 'hidden' });
  });

  it('takes the room for its output when asked to, and keeps it for the next one', async () => {
    await openFull({ isLive: false });
    await tasks.openFirst('running');
    const width = async () => (await tasks.output.boundingBox())?.width ?? 0;
    const narrow = await width();
    await tasks.act('Give the task the room').click();
    await expect.poll(width).toBeGreaterThan(narrow + 50);
    await tasks.openFirst('failed');
    await tasks.act('Show beside the table').click();
    await expect.poll(width).toBe(narrow);
  });

  it('loads earlier output without moving what one reads', async () => {
    await openFull({ isLive: false });
    // Every fifth task of the fake writes more than one answer holds.
    const name = `${kindOf(30)}-30`;
    await tasks.search.fill(name);
    await expect.poll(() => tasks.names()).toEqual([name]);
    await tasks.row(name).click();
    await tasks.output.waitFor();
    const first = () => tasks.output.locator('pre').evaluate((element) => (element.textContent ?? '').slice(0, 60));
    expect(await first()).not.toMatch(/^start/);
    await tasks.output.evaluate((element) => {
      element.scrollTop = 0;
    });
    await page.getByRole('button', { name: 'Load earlier' }).click();
    await expect.poll(() => tasks.output.evaluate((element) => element.scrollTop)).toBeGreaterThan(100);
    while ((await page.getByRole('button', { name: 'Load earlier' }).count()) > 0) {
      await page.getByRole('button', { name: 'Load earlier' }).click();
    }
    await expect.poll(first).toMatch(/^start/);
    const lines = await tasks.output
      .locator('pre')
      .evaluate((element) => (element.textContent ?? '').split('\n').length);
    expect(lines).toBe(3_003);
  });

  it('opens the folder of fetched files, and the worker', async () => {
    await openFull();
    await tasks.openFirst('succeeded');
    await tasks.detail.getByText('out/result.json').waitFor();
    await tasks.act('Open folder').click();
    await expect.poll(async () => (await callsOf(page, 'task:open-files')).length).toBe(1);
    const worker = tasks.detail.locator('.attempt-facts .link').first();
    const name = await worker.innerText();
    await worker.click();
    await expect.poll(() => new DetailPage(page).name.innerText()).toBe(name);
  });

  it('says what it means that its worker does not answer', async () => {
    await openFull({ workerCount: 1 });
    await tasks.openFirst('running');
    await page.evaluate(() => window.fakeLab.setLink(0, 'unreachable', 9_000));
    await expect
      .poll(() => tasks.detail.locator('.stale-note').innerText())
      .toMatch(/does not answer now.*queued again/);
  });

  it('says why it could not be read, and reads again on request', async () => {
    await open({ failing: ['task:show'] });
    await tasks.rows.first().click();
    await expect.poll(() => tasks.detail.getByRole('alert').innerText()).toMatch(/This task could not be read/);
    await mend();
    await tasks.act('Try again').click();
    await tasks.detail.locator('.task-body').waitFor();
  });
});

describe('what one does to tasks', () => {
  it('cancels a running one only after asking, a waiting one at once', async () => {
    await openFull();
    await tasks.openFirst('running');
    await tasks.act('Cancel …').click();
    const dialog = page.getByRole('dialog', { name: /^Cancel / });
    expect(
      await dialog.getByRole('button', { name: 'Keep it running' }).evaluate((one) => one === document.activeElement),
    ).toBe(true);
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'hidden' });
    expect(await callsOf(page, 'task:cancel')).toEqual([]);
    await tasks.act('Cancel …').click();
    await dialog.getByRole('button', { name: 'Cancel task' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await expect.poll(() => tasks.detail.locator('.detail-state').innerText()).toMatch(/^cancelled/);

    await tasks.openFirst('queued');
    await tasks.act('Cancel').click();
    await expect.poll(async () => (await callsOf(page, 'task:cancel')).length).toBe(2);
    await expect.poll(() => tasks.detail.locator('.detail-state').innerText()).toMatch(/^cancelled/);
  });

  it('runs one again that is over, lets a parked one go on, and says what was refused', async () => {
    await openFull({ failing: ['task:retry'] });
    await tasks.openFirst('failed');
    await tasks.act('Run again').click();
    await expect.poll(() => tasks.detail.getByRole('alert').innerText()).toMatch(/disk is full/);
    await mend();
    await tasks.act('Run again').click();
    await expect.poll(() => tasks.detail.locator('.detail-state').innerText()).toMatch(/^queued/);
    await tasks.openFirst('parked');
    await tasks.act('Let it go on').click();
    await expect.poll(() => tasks.detail.locator('.detail-state').innerText()).toMatch(/^queued/);
    expect(await callsOf(page, 'task:unpark')).toHaveLength(1);
  });

  it('shows how far a run is, and ends it after asking', async () => {
    await openFull();
    await tasks.openFirst('running');
    await tasks.detail.locator('.task-origin .link').click();
    await expect.poll(() => tasks.runBar.innerText()).toMatch(/running[\s\S]*\d+ of 20 done[\s\S]*13 running/);
    const bar = tasks.runBar.getByRole('progressbar');
    expect(await bar.getAttribute('aria-valuemax')).toBe('20');
    await tasks.runBar.getByRole('button', { name: 'Cancel run …' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel run' }).click();
    await expect.poll(() => tasks.runBar.innerText()).toMatch(/20 of 20 done/);
    expect(await callsOf(page, 'run:cancel')).toHaveLength(1);
  });

  it('fits 1024 × 700 beside an open task', async () => {
    await openFull({ hasHostileNames: true }, { width: 1024, height: 700 });
    await tasks.openFirst('running');
    await tasks.output.waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
    const cut = await page.locator('.task-side .toolbar').evaluate((bar) => bar.scrollWidth > bar.clientWidth);
    expect(cut).toBe(false);
    expect(await new WindowPage(page).title.innerText()).toBe('Tasks');
  });
});
