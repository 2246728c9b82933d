/** axe over the fleet, the settings and what lies over every view, in both themes. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startWindows, type Windows } from '../support/open-window.ts';
import { type Scene, violationsInBothThemes } from './scene.ts';

let windows: Windows;

beforeAll(async () => {
  windows = await startWindows();
});
afterAll(() => windows.close());

const SCENES: readonly Scene[] = [
  { name: 'the fleet', scenario: {}, arrange: (page) => page.locator('.tile').first().waitFor() },
  {
    name: 'the fleet in compact tiles with workers that do not report',
    scenario: { workerCount: 40, uiState: { density: 'compact' } },
    arrange: async (page) => {
      await page.locator('.tile').first().waitFor();
      await page.evaluate(() => {
        window.fakeLab.setLink(1, 'stale', 9_000);
        window.fakeLab.setLink(2, 'unreachable', 9_000);
        window.fakeLab.setLink(3, 'lost', 200_000);
      });
      await page.locator('.tile[data-state="lost"]').waitFor();
    },
  },
  {
    name: 'states in comfortable tiles',
    scenario: {},
    arrange: async (page) => {
      await page.locator('.tile').first().waitFor();
      await page.evaluate(() => {
        window.fakeLab.setLink(1, 'stale', 9_000);
        window.fakeLab.setLink(2, 'unreachable', 9_000);
        window.fakeLab.setLink(3, 'lost', 200_000);
      });
      await page.locator('.tile[data-state="lost"]').waitFor();
    },
  },
  {
    name: 'an empty fleet',
    scenario: { workerCount: 0 },
    arrange: (page) => page.getByRole('heading', { name: 'No worker yet' }).waitFor(),
  },
  {
    name: 'a fleet that is loading',
    scenario: { hanging: ['fleet:snapshot'] },
    arrange: (page) => page.getByText('Reading the fleet').waitFor(),
  },
  {
    name: 'a fleet that could not be read',
    scenario: { failing: ['fleet:snapshot'] },
    arrange: (page) => page.getByRole('alert').waitFor(),
  },
  {
    name: 'storage notices',
    scenario: {
      notices: [
        { kind: 'memory-only', atMs: 0, reason: 'the disk is full' },
        { kind: 'newer-schema', atMs: 0, file: 'metrics.db' },
      ],
    },
    arrange: (page) => page.locator('.notice').first().waitFor(),
  },
  {
    name: 'a first run with its card',
    scenario: { workerCount: 1, uiState: { openWorkerId: null } },
    arrange: (page) => page.locator('.add-card').waitFor(),
  },
  {
    name: 'the settings with a wrong number',
    scenario: { uiState: { view: 'settings' } },
    arrange: async (page) => {
      const field = page.locator('[data-setting="retention.rawHours"] input');
      await field.fill('0');
      await field.press('Enter');
      await page.getByRole('alert').waitFor();
      await page.locator('.storage-summary').waitFor();
    },
  },
  {
    name: 'settings that could not be read',
    scenario: { uiState: { view: 'settings' }, failing: ['settings:get'] },
    arrange: (page) => page.getByRole('alert').waitFor(),
  },
  {
    name: 'the settings for workers with a listener that failed',
    scenario: {
      uiState: { view: 'settings' },
      settings: { 'listener.address': '0.0.0.0' },
      listener: { state: 'failed', reason: 'Another program listens there.', firewallHint: 'sudo ufw allow 7461/tcp' },
    },
    arrange: (page) => page.locator('.listener-status').waitFor(),
  },
  {
    name: 'the command palette',
    scenario: {},
    arrange: async (page) => {
      await page.locator('.tile').first().waitFor();
      await page.keyboard.press('Control+k');
      await page.locator('.palette-item').first().waitFor();
    },
  },
  {
    name: 'the list of keys',
    scenario: {},
    arrange: async (page) => {
      await page.locator('.tile').first().waitFor();
      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    },
  },
];

it.for(SCENES)('axe finds nothing in either theme in $name', async (scene) => {
  expect(await violationsInBothThemes(windows, scene)).toEqual({ dark: [], light: [] });
});
