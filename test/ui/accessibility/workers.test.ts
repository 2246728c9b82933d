/** axe over the page of a worker, and adding one, in both themes. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startWindows, type Windows } from '../support/open-window.ts';
import { type Scene, violationsInBothThemes } from './scene.ts';

let windows: Windows;

beforeAll(async () => {
  windows = await startWindows();
});
afterAll(() => windows.close());

const OPEN_WORKER = '00000000-0000-4000-8000-000000000003';

const SCENES: readonly Scene[] = [
  {
    name: 'an open worker with a pinned moment and folded-out charts',
    scenario: { uiState: { openWorkerId: OPEN_WORKER, turnedGroups: ['cores'] }, settings: { level: 'detailed' } },
    arrange: async (page) => {
      await page.locator('.chart canvas').first().waitFor();
      await page.locator('td').first().waitFor();
      await page.locator('.plot').first().click();
      await page.getByText('back to live').waitFor();
    },
  },
  {
    name: 'a stale only worker at 1024 × 700',
    scenario: { workerCount: 1 },
    size: { width: 1024, height: 700 },
    arrange: async (page) => {
      await page.locator('.chart').first().waitFor();
      await page.evaluate(() => window.fakeLab.setLink(0, 'stale', 65_000));
      await page.locator('.stale-note').waitFor();
    },
  },
  {
    name: 'a history that could not be read',
    scenario: { workerCount: 1, failing: ['worker:history'] },
    arrange: (page) => page.getByRole('alert').waitFor(),
  },
  {
    name: 'a worker page with warnings, a note and a name that is taken',
    scenario: { uiState: { openWorkerId: OPEN_WORKER, isDetailWide: true } },
    arrange: async (page) => {
      await page.locator('.trust').waitFor();
      await page.evaluate(() => {
        window.fakeLab.setRemote(3, { clockDifferenceMs: 1_200, spooledBytes: 4e6, lostTicks: 9 });
        window.fakeLab.setLink(3, 'lost', 200_000);
      });
      await page.locator('.stale-note').waitFor();
      await page.keyboard.press('F2');
      await page.getByRole('textbox', { name: /New name/ }).fill('rig-04');
      await page.keyboard.press('Enter');
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'the question before a removal',
    scenario: { uiState: { openWorkerId: OPEN_WORKER }, failing: ['worker:remove'] },
    arrange: async (page) => {
      await page.getByRole('button', { name: 'Remove …' }).click();
      await page.getByRole('button', { name: 'Remove rig-03' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'tiles with tasks, and the page of a worker that drains',
    scenario: { taskCount: 60, hasHostileNames: true, uiState: { openWorkerId: OPEN_WORKER } },
    arrange: async (page) => {
      await page.locator('.tile-slot .chip').first().waitFor();
      await page.getByRole('button', { name: 'Drain' }).click();
      await page.getByRole('button', { name: 'Resume' }).waitFor();
    },
  },
  {
    name: 'the page of a worker that may run no tasks',
    scenario: { uiState: { openWorkerId: '00000000-0000-4000-8000-000000000002' } },
    arrange: (page) => page.locator('.worker-tasks .command-line').waitFor(),
  },
  {
    name: 'the choice of an address, with a refusal',
    scenario: { workerCount: 1, failing: ['settings:set'] },
    arrange: async (page) => {
      await page.locator('.add-card').click();
      await page.getByRole('radio', { name: /eno1/ }).check();
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'the command for another machine, with all that can stand beside it, at 1024 × 700',
    scenario: { workerCount: 3, listener: { firewallHint: 'sudo ufw allow proto tcp to any port 7461' } },
    size: { width: 1024, height: 700 },
    arrange: async (page) => {
      await page.locator('.add-button').click();
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByText('Labwatch is installed there?').click();
      await page.getByText('Only this machine itself can use it').waitFor();
    },
  },
  {
    name: 'a code that has expired',
    scenario: { workerCount: 3, settings: { 'listener.address': '0.0.0.0' } },
    arrange: async (page) => {
      await page.locator('.add-button').click();
      await page.getByRole('timer').waitFor();
      await page.evaluate(() => {
        const real = Date.now.bind(Date);
        Date.now = () => real() + 600_000;
      });
      await page.getByText('has expired').waitFor();
    },
  },
  {
    name: 'a worker that has joined',
    scenario: { workerCount: 3, settings: { 'listener.address': '0.0.0.0' } },
    arrange: async (page) => {
      await page.locator('.add-button').click();
      await page.getByRole('timer').waitFor();
      await page.evaluate(() => window.fakeLab.join('rig-07'));
      await page.getByText('joined').waitFor();
    },
  },
  {
    name: 'a listener that failed',
    scenario: { workerCount: 3, listener: { state: 'failed', reason: 'Another program listens on port 7461.' } },
    arrange: async (page) => {
      await page.locator('.add-button').click();
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
];

it.for(SCENES)('axe finds nothing in either theme in $name', async (scene) => {
  expect(await violationsInBothThemes(windows, scene)).toEqual({ dark: [], light: [] });
});
