/** The page of a worker that is another machine: the trust in it, its name, its removal, and what its silence means. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RemoteView } from '../../src/core/fleet/worker.ts';
import type { Scenario } from './fake/scenario.ts';
import type { DetailPage } from './pages/detail-page.ts';
import type { FleetPage } from './pages/fleet-page.ts';
import { PalettePage } from './pages/palette-page.ts';
import { callsOf } from './support/lab.ts';
import { startWindows, type Windows } from './support/open-window.ts';
import { LOCAL, openWorker, RIG_03 } from './support/open-worker.ts';

let windows: Windows;
let page: Page;
let detail: DetailPage;
let fleet: FleetPage;

beforeAll(async () => {
  windows = await startWindows();
});
afterAll(() => windows.close());
afterEach(() => {
  expect(windows.takeErrors()).toEqual([]);
});

async function open(openWorkerId = RIG_03, scenario: Partial<Scenario> = {}): Promise<void> {
  ({ page, detail, fleet } = await openWorker(windows, openWorkerId, scenario));
}

const setRemote = (part: Partial<RemoteView>) => page.evaluate((change) => window.fakeLab.setRemote(3, change), part);

describe('its history', () => {
  it('is asked for again when it has delivered what it kept while it was away', async () => {
    await open();
    await setRemote({ spooledBytes: 5_000 });
    await expect.poll(() => detail.trustFact('Backfill')).toMatch(/fetching/);
    const asked = (await callsOf(page, 'worker:history')).length;
    await setRemote({ spooledBytes: 0 });
    await expect.poll(async () => (await callsOf(page, 'worker:history')).length).toBeGreaterThan(asked);
  });
});

describe('the trust', () => {
  it('shows the key in groups, when it was paired, where from, by which agent, and whether it runs tasks', async () => {
    await open();
    expect(await detail.trustFact('Key')).toMatch(/^([0-9a-f]{4}\s+){15}[0-9a-f]{4}$/);
    expect(await detail.trustFact('Paired')).toMatch(/^\d{1,2} \w{3,4}, \d\d:\d\d:\d\d$/);
    expect(await detail.trustFact('Address')).toBe('192.168.1.23');
    expect(await detail.trustFact('Agent')).toBe('0.1.0 on linux-x64');
    expect(await detail.trustFact('Tasks')).toBe('runs tasks');
    await setRemote({ runsTasks: false });
    await expect.poll(() => detail.trustFact('Tasks')).toBe('only watched: its owner allows no tasks');
  });

  it('says what is not known yet instead of leaving it empty', async () => {
    await open();
    await setRemote({ agentVersion: null, address: null, platform: null, clockDifferenceMs: null });
    await expect.poll(() => detail.trustFact('Agent')).toBe('not heard from yet');
    expect(await detail.trustFact('Address')).toBe('not heard from yet');
    expect(await detail.trustFact('Clock')).toBeNull();
  });

  it('has a button to update an agent of another version, says that it goes on, and why it did not', async () => {
    const button = () => detail.trust.getByRole('button', { name: 'Update', exact: true });
    await open();
    expect(await button().count()).toBe(0);
    await setRemote({ agentVersion: '0.0.9' });
    await expect.poll(() => detail.trustFact('Agent')).toMatch(/^0\.0\.9 on linux-x64; the app is 0\.1\.0\s+Update$/);
    await setRemote({ isUpdating: true });
    await expect.poll(() => detail.trustFact('Agent')).toMatch(/being updated …$/);
    expect(await button().count()).toBe(0);
    await setRemote({ isUpdating: false });
    await button().click();
    await expect.poll(() => detail.trustFact('Agent')).toBe('0.1.0 on linux-x64');
    expect(await callsOf(page, 'worker:update-agent')).toHaveLength(1);
    await open(RIG_03, { failing: ['worker:update-agent'] });
    await setRemote({ agentVersion: '0.0.9' });
    await button().click();
    await expect.poll(() => detail.trust.getByRole('alert').count()).toBe(1);
  });

  it('shows the clock difference, and marks it from 100 ms on', async () => {
    await open();
    const marks = detail.trust.locator('.words-warning .mark-warning');
    await setRemote({ clockDifferenceMs: -99 });
    await expect.poll(() => detail.trustFact('Clock')).toBe('99 ms behind');
    expect(await marks.count()).toBe(0);
    await setRemote({ clockDifferenceMs: 100 });
    await expect.poll(() => detail.trustFact('Clock')).toBe('100 ms ahead');
    expect(await marks.count()).toBe(1);
  });

  it('tells of history still to come and of samples lost, only while there is any', async () => {
    await open();
    expect(await detail.trustFact('Backfill')).toBeNull();
    expect(await detail.trustFact('Lost')).toBeNull();
    await setRemote({ spooledBytes: 1_200_000, lostTicks: 312 });
    await expect.poll(() => detail.trustFact('Backfill')).toBe('fetching 1.2 MB of history it kept while away');
    expect(await detail.trustFact('Lost')).toBe('312 ticks of samples; its spool was full');
    await setRemote({ spooledBytes: 0 });
    await expect.poll(() => detail.trustFact('Backfill')).toBeNull();
  });

  it('is not asked for where the worker is this machine', async () => {
    await open(LOCAL);
    expect(await detail.trust.count()).toBe(0);
    await new PalettePage(page).open();
    expect(await new PalettePage(page).titles()).not.toContainEqual(expect.stringMatching(/^Remove/));
  });
});

describe('hardware that a profile makes up', () => {
  it('is marked as simulated on its tile, on its page and in its hardware', async () => {
    await open(RIG_03, { isSimulated: true });
    await expect.poll(() => page.locator('.detail-title .chip').allInnerTexts()).toEqual(['simulated']);
    expect(await fleet.tile('rig-03').locator('.tile-headline').innerText()).toMatch(/ · simulated$/);
    await expect.poll(() => page.locator('.detail').innerText()).toMatch(/Simulated\s+GPU/);
    await fleet.tile('rig-03').hover();
    expect(await page.locator('.tile-tip').innerText()).toContain('Its hardware is simulated');
    await new PalettePage(page).run('compact');
    expect(await fleet.tile('rig-03').locator('.tile-name').innerText()).toContain('simulated');
    await open();
    expect(await page.locator('.detail').innerText()).not.toMatch(/simulated/i);
  });
});

describe('its tasks', () => {
  const button = (name: string) => detail.tasks.getByRole('button', { name, exact: true });

  it('are run on its owner’s terms, as whom, how many and which programs', async () => {
    await open();
    expect(await detail.tasks.innerText()).toMatch(
      /Takes tasks; none runs now\.[\s\S]*As\s+lab[\s\S]*At once\s+at most 2[\s\S]*Programs\s+pytest, python/,
    );
  });

  it('are held back by Pause and Drain, and taken again after Resume', async () => {
    await open();
    await button('Pause').click();
    await expect.poll(() => detail.tasks.innerText()).toMatch(/Paused: takes no new tasks\./);
    await expect.poll(() => page.locator('.detail-state').innerText()).toBe('paused');
    await expect.poll(() => fleet.tile('rig-03').locator('.tile-word').innerText()).toBe('paused');
    await button('Drain').click();
    await expect.poll(() => detail.tasks.innerText()).toMatch(/Drained: nothing runs there any more/);
    await button('Resume').click();
    await expect.poll(() => detail.tasks.innerText()).toMatch(/Takes tasks/);
    expect((await callsOf(page, 'worker:set-admission')).map(([, admission]) => admission)).toEqual([
      'paused',
      'draining',
      'open',
    ]);
  });

  it('say why they could not be held back', async () => {
    await open(RIG_03, { failing: ['worker:set-admission'] });
    await button('Pause').click();
    await expect.poll(() => detail.tasks.getByRole('alert').innerText()).toMatch(/disk is full/);
  });

  it('are named while they run, and one press away', async () => {
    await open(RIG_03, { taskCount: 60 });
    await expect.poll(() => detail.tasks.innerText()).toMatch(/Takes tasks; 1 runs now\./);
    await button('Show its tasks').click();
    await expect
      .poll(async () => new Set(await page.locator('.task-row .task-worker').allInnerTexts()))
      .toEqual(new Set(['rig-03']));
    await page.getByRole('button', { name: /Only tasks on rig-03/ }).click();
    await expect.poll(() => page.locator('.task-foot').innerText()).toBe('Newest first. 60 tasks.');
  });

  it('are not run where the owner allows none; the command that allows them is there', async () => {
    await open('00000000-0000-4000-8000-000000000002');
    expect(await detail.tasks.innerText()).toMatch(/rig-02 is only watched: its owner allows no tasks there/);
    expect(await detail.tasks.locator('code').allInnerTexts()).toEqual([
      'node ~/.labwatch-agent/agent.mjs join --run-tasks',
      'labwatch worker join --run-tasks',
    ]);
    expect(await button('Pause').count()).toBe(0);
  });
});

describe('its name', () => {
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '');

  it('is changed in its place: Enter applies, and the focus is where it was', async () => {
    await open();
    await page.getByRole('button', { name: 'Rename rig-03' }).click();
    await expect.poll(() => detail.newName.inputValue()).toBe('rig-03');
    await page.keyboard.type('torch-1');
    await page.keyboard.press('Enter');
    await expect.poll(() => detail.name.innerText()).toBe('torch-1');
    expect(await callsOf(page, 'worker:rename')).toEqual([[RIG_03, 'torch-1']]);
    await expect.poll(focused).toBe('Rename torch-1');
    expect(await fleet.names()).toContain('torch-1');
  });

  it('is left alone by Escape, which closes nothing else', async () => {
    await open();
    await page.keyboard.press('F2');
    await detail.newName.fill('torch-1');
    await page.keyboard.press('Escape');
    await expect.poll(() => detail.name.innerText()).toBe('rig-03');
    expect(await callsOf(page, 'worker:rename')).toEqual([]);
    expect(await detail.root.count()).toBe(1);
  });

  it('is applied by leaving the field, once', async () => {
    await open();
    await page.keyboard.press('F2');
    await detail.newName.fill('torch-1');
    await fleet.filter.click();
    await expect.poll(() => detail.name.innerText()).toBe('torch-1');
    expect(await callsOf(page, 'worker:rename')).toHaveLength(1);
    expect(await fleet.filter.evaluate((field) => field === document.activeElement)).toBe(true);
  });

  it.for([
    ['rig-04', /Another worker is called rig-04/],
    ['   ', /needs a name/],
    ['x'.repeat(65), /at most 64 characters/],
  ] as const)('that cannot be (%s) stays in the field with the reason', async ([name, reason]) => {
    await open();
    await page.keyboard.press('F2');
    await detail.newName.fill(name);
    await page.keyboard.press('Enter');
    await expect.poll(() => detail.root.getByRole('alert').innerText()).toMatch(reason);
    expect(await detail.newName.inputValue()).toBe(name);
    await detail.newName.fill('torch-1');
    expect(await detail.root.getByRole('alert').count()).toBe(0);
    await page.keyboard.press('Enter');
    await expect.poll(() => detail.name.innerText()).toBe('torch-1');
  });

  it('is changed where the worker is this machine, too', async () => {
    await open(LOCAL);
    await page.keyboard.press('F2');
    await detail.newName.fill('desk');
    await page.keyboard.press('Enter');
    await expect.poll(() => fleet.tile('desk').innerText()).toContain('this machine');
  });

  it('is reached by F2 from its tile and from the palette', async () => {
    await open();
    await fleet.tile('rig-03').focus();
    await page.keyboard.press('F2');
    await detail.newName.waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => fleet.tile('rig-03').evaluate((tile) => tile === document.activeElement)).toBe(true);
    await new PalettePage(page).run('rename rig-03');
    await detail.newName.waitFor();
  });
});

describe('removing it', () => {
  const ask = () => detail.trust.getByRole('button', { name: 'Remove …' }).click();

  it('asks first, and says what happens, what stays, and what to run there', async () => {
    await open();
    await ask();
    const words = (await detail.removal.innerText()).replace(/\s+/g, ' ');
    expect(words).toContain('Remove rig-03?');
    expect(words).toContain('Its key is refused from now on, for ever. Its history stays as long as Settings keep it.');
    expect(words).toContain('To stop the agent there as well, run this on that machine:');
    expect(words).toContain('agent.mjs leave');
  });

  it('is not what Enter does at once, and can be left by Escape', async () => {
    await open();
    await ask();
    await page.keyboard.press('Enter');
    await detail.removal.waitFor({ state: 'hidden' });
    await ask();
    await page.keyboard.press('Escape');
    await detail.removal.waitFor({ state: 'hidden' });
    expect(await callsOf(page, 'worker:remove')).toEqual([]);
    expect(await detail.root.count()).toBe(1);
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Remove …');
  });

  it('takes away its tile and its page, and leaves the focus on a tile', async () => {
    await open();
    await ask();
    await detail.removal.getByRole('button', { name: 'Remove rig-03' }).click();
    await detail.root.waitFor({ state: 'hidden' });
    expect(await callsOf(page, 'worker:remove')).toEqual([[RIG_03]]);
    await expect.poll(() => fleet.tiles.count()).toBe(11);
    expect(await fleet.names()).not.toContain('rig-03');
    expect(await page.evaluate(() => document.activeElement?.classList.contains('tile'))).toBe(true);
  });

  it('that fails says why in the dialog', async () => {
    await open(RIG_03, { failing: ['worker:remove'] });
    await ask();
    await detail.removal.getByRole('button', { name: 'Remove rig-03' }).click();
    await expect.poll(() => detail.removal.getByRole('alert').innerText()).toMatch(/disk is full/);
    await page.evaluate(() => window.fakeLab.mend());
    await detail.removal.getByRole('button', { name: 'Remove rig-03' }).click();
    await detail.root.waitFor({ state: 'hidden' });
  });

  it('of a machine with markup for a name shows text', async () => {
    await open('00000000-0000-4000-8000-000000000001', { hasHostileNames: true });
    await ask();
    await expect.poll(() => detail.removal.innerText()).toContain('<img src=x');
    expect(await page.locator('img').count()).toBe(0);
  });
});

describe('a worker on another machine', () => {
  it('switches its level like this one, and says why when it cannot', async () => {
    await open();
    await detail.level('Detailed').click();
    await expect.poll(() => callsOf(page, 'worker:set-level')).toEqual([[RIG_03, 'detailed']]);
    await expect.poll(() => detail.level('Detailed').getAttribute('aria-checked')).toBe('true');
    await open(RIG_03, { failing: ['worker:set-level'] });
    await detail.level('Basic').click();
    await detail.root.getByText('disk is full').waitFor();
  });

  it('says why its hardware could not be read again', async () => {
    await open(RIG_03, { failing: ['worker:refresh-inventory'] });
    await detail.hardware.getByRole('button', { name: 'Read again' }).click();
    await expect.poll(() => detail.hardware.getByRole('alert').innerText()).toMatch(/disk is full/);
  });

  it.for([
    ['unreachable', /Not reached for 1 min.*goes on sampling, and fills the charts/],
    ['lost', /Not reached for 1 min.*counts as lost\..*power and network.*remove it below/],
  ] as const)('that is %s says since when, what that means and what to do', async ([link, words]) => {
    await open();
    await page.evaluate((state) => window.fakeLab.setLink(3, state, 65_000), link);
    await expect
      .poll(async () => (await page.locator('.stale-note').innerText()).replaceAll('\u00a0', ' ').replaceAll('\n', ' '))
      .toMatch(words);
    expect(await page.locator('.stale-note').innerText()).toMatch(/since \d\d:\d\d:\d\d/);
    await expect.poll(() => page.locator('.detail-state').innerText()).toMatch(new RegExp(`^${link} 1`));
  });
});
