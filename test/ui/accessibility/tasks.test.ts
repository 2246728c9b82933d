/** axe over tasks, their pages, and new ones, in both themes. */
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
    name: 'tasks in every state with names from outside, and an open one that runs',
    scenario: { taskCount: 200, hasHostileNames: true, uiState: { view: 'tasks' } },
    arrange: async (page) => {
      await page.locator('.task-row[data-state="running"]').nth(2).click();
      await page.locator('.output-scroll').waitFor();
      await page.locator('.usage').waitFor();
    },
  },
  {
    name: 'a run with its progress beside a failed task, at 1024 × 700',
    scenario: { taskCount: 60, uiState: { view: 'tasks' } },
    size: { width: 1024, height: 700 },
    arrange: async (page) => {
      await page.locator('.task-row[data-state="failed"]').first().click();
      await page.locator('.task-origin .link').click();
      await page.locator('.run-bar').waitFor();
      await page.locator('.fetched, .usage').first().waitFor();
    },
  },
  {
    name: 'a parked task of a worker that does not answer',
    scenario: { taskCount: 60, workerCount: 1, uiState: { view: 'tasks' } },
    arrange: async (page) => {
      await page.locator('.task-row[data-state="running"]').first().click();
      await page.evaluate(() => window.fakeLab.setLink(0, 'unreachable', 9_000));
      await page.locator('.task-page .stale-note').waitFor();
    },
  },
  {
    name: 'no tasks yet',
    scenario: { uiState: { view: 'tasks' } },
    arrange: (page) => page.getByRole('heading', { name: 'No tasks yet' }).waitFor(),
  },
  {
    name: 'tasks that could not be read',
    scenario: { uiState: { view: 'tasks' }, failing: ['tasks:find'] },
    arrange: (page) => page.getByRole('alert').waitFor(),
  },
  {
    name: 'the question before a cancellation',
    scenario: { taskCount: 60, uiState: { view: 'tasks' }, failing: ['task:cancel'] },
    arrange: async (page) => {
      await page.locator('.task-row[data-state="running"]').first().click();
      await page.getByRole('button', { name: 'Cancel …' }).click();
      await page.getByRole('button', { name: 'Cancel task' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'a new task with a field that was refused, all folded out',
    scenario: {},
    arrange: async (page) => {
      await page.locator('.tile').first().waitFor();
      await page.keyboard.press('n');
      await page.getByText('GPU model, capabilities').click();
      await page.getByLabel('Name', { exact: true }).fill('x');
      await page.getByLabel('Cores').fill('many');
      await page.getByRole('button', { name: 'Submit' }).click();
      await page.locator('[aria-invalid="true"]').waitFor();
    },
  },
  {
    name: 'a new task as a plan file',
    scenario: {},
    arrange: async (page) => {
      await page.locator('.tile').first().waitFor();
      await page.keyboard.press('n');
      await page.getByRole('radio', { name: 'Plan file' }).click();
      await page.locator('#plan-text').waitFor();
    },
  },
];

it.for(SCENES)('axe finds nothing in either theme in $name', async (scene) => {
  expect(await violationsInBothThemes(windows, scene)).toEqual({ dark: [], light: [] });
});
