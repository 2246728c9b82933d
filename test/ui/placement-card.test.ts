/** The placement card: why there, what else was considered, attempts, usage and output of the chosen bar. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Scenario } from './fake/scenario.ts';
import { TimelinePage } from './pages/timeline-page.ts';
import { WindowPage } from './pages/window-page.ts';
import { startWindows, type Windows } from './support/open-window.ts';

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

async function open(scenario: Partial<Scenario> = {}): Promise<void> {
  page = await windows.open({ scenario: { taskCount: 100, uiState: { view: 'timeline', range: '1h' }, ...scenario } });
  timeline = new TimelinePage(page);
  await timeline.drawn();
}

/** Goes by keys along the lane of the newest bars until one says this, and opens it. */
async function openBar(words: RegExp): Promise<void> {
  await timeline.reachBars();
  for (let step = 0; step < 120; step += 1) {
    if (words.test(await timeline.barWords())) break;
    await page.keyboard.press(step % 8 === 7 ? 'ArrowUp' : 'ArrowLeft');
  }
  expect(await timeline.barWords()).toMatch(words);
  await page.keyboard.press('Enter');
  await timeline.card.locator('.task-body').waitFor();
}

describe('the placement card', () => {
  it('shows sub-scores as bars, the other candidates with theirs, and how many each filter kept out', async () => {
    await open();
    await openBar(/running for/);
    const scores = timeline.card.locator('.scores > div');
    await scores.first().waitFor();
    expect(await scores.locator('dt').allInnerTexts()).toEqual([
      ...['headroom', 'fit', 'speed', 'reliability', 'affinity', 'cost'],
      'score, balanced',
    ]);
    for (const score of await scores.locator('dd:last-child').allInnerTexts()) expect(score).toMatch(/^[01]\.\d\d$/);
    const shown = await scores
      .first()
      .locator('.score-bar span')
      .evaluate((bar) => bar.getBoundingClientRect().width);
    const track = await scores
      .first()
      .locator('.score-bar')
      .evaluate((bar) => bar.getBoundingClientRect().width);
    expect(shown / track).toBeCloseTo(Number(await scores.first().locator('dd').last().innerText()), 1);
    const rows = await timeline.card.locator('.considered tr').allInnerTexts();
    expect(rows.map((row) => row.replace(/\s+/g, ' ').trim())).toEqual([
      expect.stringMatching(/chosen 0\.86$/),
      expect.stringMatching(/^rig-04 .+ 0\.77$/),
      expect.stringMatching(/^epyc-a .+ 0\.68$/),
      expect.stringMatching(/^<b>rig-01<\/b> .+ 0\.59$/),
      '2 more could have taken it',
      '3 workers have too few GPUs –',
      '1 worker had no fresh figures –',
      '1 worker had too little memory free –',
    ]);
  });

  it('shows usage and output of the attempt, and leads to the task and to the worker', async () => {
    await open();
    await openBar(/succeeded after/);
    expect(await timeline.cardText()).toMatch(/waited\s+\d+ s\s+took\s+\d+/);
    await timeline.card.getByRole('region', { name: 'Usage' }).getByText('CPU', { exact: true }).waitFor();
    await timeline.card
      .locator('.output-scroll')
      .getByText(/epoch 0\/10/)
      .waitFor();
    await timeline.card.getByRole('button', { name: 'Open the task' }).click();
    await expect.poll(() => new WindowPage(page).title.innerText()).toBe('Tasks');
    await page.getByRole('complementary', { name: /^Task / }).waitFor();
  });

  it('lists every attempt with where and how it ended, the chosen one marked', async () => {
    await open();
    await openBar(/attempt 2/);
    const lines = timeline.card.locator('.placement-attempts li');
    await expect.poll(() => lines.count()).toBe(2);
    expect(await lines.first().getAttribute('aria-current')).toBe('true');
    expect(await lines.last().innerText()).toMatch(/timed out after 15/);
  });

  it('has the sentence alone for an attempt of before explanations were kept', async () => {
    await open();
    // Each fifth of the fake lab's tasks has none; the names end with the number before its place.
    await openBar(/^\S+-\d*[49],/);
    await timeline.card.getByText('The first by name that fits').waitFor();
    expect(await timeline.card.locator('.scores, .considered').count()).toBe(0);
  });

  it('of a task that waits says for what, and since when', async () => {
    await open();
    const now = await timeline.now.boundingBox();
    const plot = await timeline.plot.boundingBox();
    await timeline.plot.click({ position: { x: (now?.x ?? 0) - (plot?.x ?? 0) - 1, y: 50 } });
    await timeline.card.getByText('Waits for a worker: rig-01 and 3 others are full').waitFor();
    expect(await timeline.cardText()).toMatch(/queued[\s\S]*submitted\s+\d+ .+ ago/);
  });

  it('follows the task while it is open', async () => {
    await open();
    await openBar(/running for/);
    const name = (await timeline.card.locator('.task-title').innerText()).trim();
    const index = Number(/-(\d+)$/.exec(name)?.[1]);
    await page.evaluate(
      (at) => window.fakeLab.tasks.change(at, { state: 'failed', message: 'Exit 3.', endedAtMs: Date.now() }),
      index,
    );
    await expect.poll(() => timeline.cardText()).toMatch(/failed after[\s\S]*Exit 3\./);
  });
});
