/** axe over every view, in each of its states and both themes. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Scenario } from './fake/scenario.ts';
import { startWindows, type Windows } from './support/open-window.ts';

let windows: Windows;

beforeAll(async () => {
  windows = await startWindows();
});
afterAll(() => windows.close());

interface Scene {
  readonly name: string;
  readonly scenario: Partial<Scenario>;
  readonly size?: { readonly width: number; readonly height: number };
  /** Leads to what is looked at, and waits for it. */
  readonly arrange: (page: Page) => Promise<unknown>;
}

const OPEN_WORKER = '00000000-0000-4000-8000-000000000003';

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
    name: 'a history that could not be read',
    scenario: { workerCount: 1, failing: ['worker:history'] },
    arrange: (page) => page.getByRole('alert').waitFor(),
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
    name: 'the settings for workers with a listener that failed',
    scenario: {
      uiState: { view: 'settings' },
      settings: { 'listener.address': '0.0.0.0' },
      listener: { state: 'failed', reason: 'Another program listens there.', firewallHint: 'sudo ufw allow 7461/tcp' },
    },
    arrange: (page) => page.locator('.listener-status').waitFor(),
  },
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

for (const theme of ['dark', 'light'] as const) {
  describe(`axe finds nothing in the ${theme} theme`, () => {
    it.for(SCENES)('in $name', async ({ scenario, size, arrange }) => {
      const page = await windows.open({ theme, scenario, ...(size === undefined ? {} : { size }) });
      await arrange(page);
      await expect.poll(() => page.evaluate(() => document.documentElement.dataset.theme)).toBe(theme);
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(
        violations.map(
          ({ id, nodes }) =>
            `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('\n')}`,
        ),
      ).toEqual([]);
    });
  });
}
