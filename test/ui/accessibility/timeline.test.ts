/** axe over the timeline and its cards, in both themes. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startWindows, type Windows } from '../support/open-window.ts';
import { type Scene, violationsInBothThemes } from './scene.ts';

let windows: Windows;

beforeAll(async () => {
  windows = await startWindows();
});
afterAll(() => windows.close());

const SCENES: readonly Scene[] = [
  {
    name: 'the timeline with a bar in hand',
    scenario: { taskCount: 100, uiState: { view: 'timeline', range: '1h' } },
    arrange: async (page) => {
      await page.locator('.timeline-counts').getByText('attempts').waitFor();
      await page.locator('.timeline-plot').focus();
      await page.keyboard.press('Enter');
      await page.locator('#timeline-summary').getByText('attempts').waitFor();
    },
  },
  {
    name: 'a placement card at 1024 × 700',
    scenario: { taskCount: 100, uiState: { view: 'timeline', range: '1h' } },
    size: { width: 1024, height: 700 },
    arrange: async (page) => {
      await page.locator('.timeline-counts').getByText('attempts').waitFor();
      await page.locator('.timeline-plot').focus();
      await page.keyboard.press('Enter');
      await page.keyboard.press('ArrowLeft');
      await page.keyboard.press('Enter');
      await page.locator('.placement-card .scores').waitFor();
    },
  },
  {
    name: 'a timeline without tasks',
    scenario: { uiState: { view: 'timeline' } },
    arrange: (page) => page.getByRole('heading', { name: 'Nothing has run yet' }).waitFor(),
  },
  {
    name: 'a timeline that could not be read',
    scenario: { uiState: { view: 'timeline' }, failing: ['attempts:between'], taskCount: 5 },
    arrange: (page) => page.getByRole('alert').waitFor(),
  },
];

it.for(SCENES)('axe finds nothing in either theme in $name', async (scene) => {
  expect(await violationsInBothThemes(windows, scene)).toEqual({ dark: [], light: [] });
});
