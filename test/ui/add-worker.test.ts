/** Bringing in another machine: the card, the address that may be reached, the command, and who joined by it. */
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Scenario } from './fake/scenario.ts';
import { AddWorkerPage } from './pages/add-worker-page.ts';
import { DetailPage } from './pages/detail-page.ts';
import { FleetPage } from './pages/fleet-page.ts';
import { PalettePage } from './pages/palette-page.ts';
import { WindowPage } from './pages/window-page.ts';
import { callsOf } from './support/lab.ts';
import { startWindows, type Windows } from './support/open-window.ts';

const OPENED = { 'listener.address': '192.168.1.20' } as const;

let windows: Windows;
let page: Page;
let adding: AddWorkerPage;

beforeAll(async () => {
  windows = await startWindows();
});
afterAll(() => windows.close());
afterEach(() => {
  expect(windows.takeErrors()).toEqual([]);
});

async function open(scenario: Partial<Scenario> = {}, size = { width: 1440, height: 900 }): Promise<void> {
  page = await windows.open({ scenario, size });
  adding = new AddWorkerPage(page);
  await new FleetPage(page).tiles.first().waitFor();
}

/** At the second step of a lab that is open to its network. */
async function openInvited(scenario: Partial<Scenario> = {}): Promise<void> {
  await open({ workerCount: 3, settings: OPENED, ...scenario });
  await adding.button.click();
  await adding.command.waitFor();
}

async function boxOf(element: Locator) {
  const box = await element.boundingBox();
  if (box === null) throw new Error('It is not on the screen');
  return box;
}

const join = (name: string) => page.evaluate((wish) => window.fakeLab.join(wish), name);
const later = (ms: number) =>
  page.evaluate((by) => {
    const real = Date.now.bind(Date);
    Date.now = () => real() + by;
  }, ms);

describe('a first run', () => {
  it.for([
    ['beside the open worker', {}],
    ['in the grid alone', { openWorkerId: null }],
    ['in compact tiles', { openWorkerId: null, density: 'compact' }],
  ] as const)('has a card next to the local tile, of its size, %s', async ([, uiState]) => {
    await open({ workerCount: 1, uiState });
    await adding.card.waitFor();
    const tile = await boxOf(new FleetPage(page).tiles);
    const card = await boxOf(adding.card);
    expect(card.width).toBeCloseTo(tile.width, 0);
    expect(card.height).toBeCloseTo(tile.height, 0);
    const gap = Math.max(card.x - tile.x - tile.width, card.y - tile.y - tile.height);
    expect(gap).toBeGreaterThan(0);
    expect(gap).toBeLessThanOrEqual(12);
  });

  it('loads nothing of the dialog until it is asked for', async () => {
    await open({ workerCount: 1 });
    await adding.card.waitFor();
    const loaded = () =>
      page.evaluate(
        () => performance.getEntriesByType('resource').filter(({ name }) => name.includes('add-worker-dialog')).length,
      );
    expect(await loaded()).toBe(0);
    await adding.card.click();
    await adding.dialog.waitFor();
    expect(await loaded()).toBeGreaterThan(0);
    expect(await callsOf(page, 'workers:invite')).toEqual([]);
  });

  it('ends with the second worker: the card goes, a button stays', async () => {
    await open({ workerCount: 1 });
    expect(await adding.button.count()).toBe(0);
    await join('rig-07');
    await adding.button.waitFor();
    expect(await adding.card.count()).toBe(0);
  });
});

describe('the address that may be reached', () => {
  it('is asked for while only this machine can reach it: each interface with its address, none, or all', async () => {
    await open({ workerCount: 1 });
    await adding.card.click();
    await adding.addresses.waitFor();
    const words = (await adding.addresses.locator('label').allInnerTexts()).map((text) => text.replace(/\s+/g, ' '));
    expect(words.map((text) => text.replace(/(\d\.\d+) .*/, '$1'))).toEqual([
      'Only this machine 127.0.0.1',
      'eno1 192.168.1.20',
      'wlp3s0 10.0.4.17',
      'All interfaces 0.0.0.0',
    ]);
    expect(words[0]).toContain('No other machine can join');
    expect(await adding.address('Only this machine').isChecked()).toBe(true);
    expect(await adding.dialog.innerText()).toMatch(/port 7461, encrypted/);
  });

  it('is saved, and asked for no more', async () => {
    await open({ workerCount: 1 });
    await adding.card.click();
    await adding.address('eno1').check();
    expect(await callsOf(page, 'settings:set')).toEqual([]);
    await adding.continue();
    await expect.poll(() => adding.command.innerText()).toContain('https://192.168.1.20:7461/agent.mjs');
    expect(await callsOf(page, 'settings:set')).toEqual([['listener.address', '192.168.1.20']]);
    await adding.close();
    await adding.card.click();
    await adding.command.waitFor();
    expect(await adding.addresses.count()).toBe(0);
  });

  it('may stay this machine alone: that is said beside the command, and asked again the next time', async () => {
    await open({ workerCount: 1 });
    await adding.card.click();
    await adding.continue();
    await adding.dialog.getByText('Only this machine itself can use it').waitFor();
    expect(await callsOf(page, 'settings:set')).toEqual([]);
    await adding.close();
    await adding.card.click();
    await adding.addresses.waitFor();
  });

  it('can be changed beside the command, which then names the new one', async () => {
    await openInvited();
    await adding.dialog.getByRole('button', { name: 'Change' }).click();
    expect(await adding.address('eno1').isChecked()).toBe(true);
    await adding.address('All interfaces').check();
    await adding.continue();
    await expect.poll(() => adding.command.innerText()).toContain('https://0.0.0.0:7461');
  });

  it('that is set and gone is in the list and says so', async () => {
    await open({ workerCount: 3, settings: { 'listener.address': '172.20.0.9' } });
    await adding.button.click();
    await adding.dialog.getByRole('button', { name: 'Change' }).click();
    expect(await adding.address('172.20.0.9').isChecked()).toBe(true);
    expect(await adding.addresses.innerText()).toContain('does not have this address at the moment');
  });
});

describe('the command', () => {
  it('wraps, and is copied whole although the clipboard is denied', async () => {
    await openInvited();
    const text = await adding.command.evaluate((code) => code.textContent);
    expect(text).toMatch(/^mkdir -p -m 700 .*--pinnedpubkey 'sha256\/\/.*agent\.mjs join LW1-\S+$/);
    expect((await boxOf(adding.command)).height).toBeGreaterThan(50);
    expect(await adding.dialog.evaluate((dialog) => dialog.scrollWidth - dialog.clientWidth)).toBe(0);
    await page.evaluate(() => {
      navigator.clipboard.writeText = () => Promise.reject(new Error('denied'));
      document.addEventListener('copy', () => {
        const field = document.activeElement as HTMLTextAreaElement;
        document.title = field.value.slice(field.selectionStart, field.selectionEnd);
      });
    });
    await adding.copy.click();
    await adding.dialog.getByText('Copied').waitFor();
    expect(await page.title()).toBe(text);
  });

  it('has a short form for where Labwatch is installed, folded away', async () => {
    await openInvited();
    const short = adding.dialog.getByText(/^labwatch worker join LW1-/);
    expect(await short.isVisible()).toBe(false);
    await adding.dialog.getByText('Labwatch is installed there?').click();
    await short.waitFor();
  });

  it('comes with the way through the firewall, where one is on', async () => {
    await openInvited();
    expect(await adding.dialog.innerText()).not.toMatch(/firewall/);
    const firewallHint = 'sudo ufw allow proto tcp to any port 7461';
    await openInvited({ listener: { firewallHint } });
    expect(await adding.dialog.innerText()).toContain(firewallHint);
  });

  it('counts down, and offers a new code when it has expired', async () => {
    await openInvited();
    expect(await adding.dialog.innerText()).toMatch(/Good for one machine,\s+(9:5\d|10:00) left/);
    const before = await adding.remaining.innerText();
    await expect.poll(() => adding.remaining.innerText()).not.toBe(before);
    const code = await adding.command.innerText();
    await later(600_000);
    await expect.poll(() => adding.progress.innerText()).toMatch(/expired; nobody used it/);
    expect(await adding.copy.count()).toBe(0);
    await page.keyboard.press('Enter');
    await expect.poll(() => adding.command.innerText()).not.toBe(code);
    expect(await callsOf(page, 'workers:invite')).toHaveLength(2);
  });

  it('is the same when the dialog was closed in between, while its code is good for the same address', async () => {
    await openInvited();
    const text = await adding.command.innerText();
    await adding.close();
    await adding.button.click();
    expect(await adding.command.innerText()).toBe(text);
    expect(await callsOf(page, 'workers:invite')).toHaveLength(1);
    await adding.close();
    await page.evaluate(() => window.labwatch.call('settings:set', 'listener.port', 8000));
    await adding.button.click();
    await expect.poll(() => adding.command.innerText()).toContain(':8000/');
    await adding.close();
    await join('rig-07');
    await adding.button.click();
    await adding.copy.waitFor();
    expect(await callsOf(page, 'workers:invite')).toHaveLength(3);
  });
});

describe('the permission to run tasks', () => {
  it('is given by whoever pastes the command, and not given unless it is asked for', async () => {
    await openInvited();
    const before = await adding.command.innerText();
    expect(before).not.toContain('--run-tasks');
    await adding.mayRunTasks.check();
    expect(await adding.command.innerText()).toBe(`${before} --run-tasks`);
    await adding.dialog.getByText('Labwatch is installed there?').click();
    expect(await adding.dialog.locator('.dialog-fold code').innerText()).toMatch(
      /^labwatch worker join \S+ --run-tasks$/,
    );
    await adding.mayRunTasks.uncheck();
    expect(await adding.command.innerText()).toBe(before);
  });
});

describe('a machine that only this desk can reach', () => {
  it('is dialled with the code that it shows, and its page opens', async () => {
    await openInvited();
    await adding.toDial.click();
    expect(await adding.command.innerText()).toBe('labwatch worker listen --address 0.0.0.0');
    expect(await adding.connect.isDisabled()).toBe(true);
    await page.keyboard.type(' LWL1-abc ');
    await page.keyboard.press('Enter');
    await adding.dialog.waitFor({ state: 'hidden' });
    const detail = new DetailPage(page);
    await expect.poll(() => detail.name.innerText()).toBe('rig-far');
    expect(await detail.trust.innerText()).toMatch(/Waits at\s+10\.0\.9\.7:7462/);
    expect(await callsOf(page, 'workers:dial')).toEqual([['LWL1-abc']]);
  });

  it('can be brought in without opening this machine to anybody, and a wrong code says why', async () => {
    await open({ workerCount: 1 });
    await adding.card.click();
    await adding.toDial.click();
    await adding.dialCode.fill('LW1-abc');
    await adding.connect.click();
    await expect.poll(() => adding.dialog.getByRole('alert').innerText()).toContain('not the code of a machine');
    expect(await adding.dialCode.evaluate((field) => field === document.activeElement)).toBe(true);
    expect(await callsOf(page, 'settings:set')).toEqual([]);
    expect(await callsOf(page, 'workers:invite')).toEqual([]);
    await adding.dialog.getByRole('button', { name: 'Back' }).click();
    await adding.addresses.waitFor();
  });
});

describe('who joins', () => {
  it('is named as soon as it is there, and opened by one press', async () => {
    await openInvited();
    expect(await adding.progress.innerText()).toMatch(/Waiting for it to join/);
    await join('rig-07');
    await expect.poll(() => adding.progress.innerText()).toMatch(/rig-07 joined/);
    expect(await adding.copy.count()).toBe(0);
    await page.keyboard.press('Enter');
    await adding.dialog.waitFor({ state: 'hidden' });
    await expect.poll(() => new DetailPage(page).name.innerText()).toBe('rig-07');
  });

  it('is not one that was there before and came back', async () => {
    await openInvited();
    await page.evaluate(() => {
      window.fakeLab.setLink(2, 'lost', 200_000);
      window.fakeLab.setLink(2, 'online', 0);
    });
    await page.locator('.tile[data-state="online"]').nth(2).waitFor();
    expect(await adding.progress.innerText()).toMatch(/Waiting/);
  });

  it('may be followed by another, with a code of its own', async () => {
    await openInvited();
    const code = await adding.command.innerText();
    await join('rig-07');
    await adding.dialog.getByRole('button', { name: 'Add another' }).click();
    await expect.poll(() => adding.command.innerText()).not.toBe(code);
    expect(await adding.progress.innerText()).toMatch(/Waiting/);
    await join('rig-08');
    await expect.poll(() => adding.progress.innerText()).toMatch(/rig-08 joined/);
  });

  it('is shown by its name as text, whatever that is', async () => {
    await openInvited();
    await join('<img src=x onerror="window.wasRun=true">');
    await expect.poll(() => adding.progress.innerText()).toContain('<img src=x');
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.evaluate(() => 'wasRun' in window)).toBe(false);
  });
});

describe('what goes wrong', () => {
  const retry = () => adding.dialog.getByRole('button', { name: 'Try again' }).click();
  const mend = () => page.evaluate(() => window.fakeLab.mend());

  it('when it is not known where workers come in: says so, and asks again on request', async () => {
    await open({ workerCount: 1, failing: ['listener:get'] });
    await adding.card.click();
    await expect
      .poll(() => adding.dialog.getByRole('alert').innerText())
      .toMatch(/could not be read[\s\S]*disk is full/);
    await mend();
    await retry();
    await adding.addresses.waitFor();
  });

  it('while it is being read: says so', async () => {
    await open({ workerCount: 1, hanging: ['listener:get'] });
    await adding.card.click();
    await adding.dialog.getByText('Reading where workers come in').waitFor();
    await mend();
    await adding.addresses.waitFor();
  });

  it('when the address is refused: the sentence stands in the dialog, and the choice stays', async () => {
    await open({ workerCount: 1, failing: ['settings:set'] });
    await adding.card.click();
    await adding.address('wlp3s0').check();
    await adding.continue();
    await expect.poll(() => adding.dialog.getByRole('alert').innerText()).toMatch(/disk is full/);
    expect(await adding.address('wlp3s0').isChecked()).toBe(true);
    await mend();
    await adding.continue();
    await adding.command.waitFor();
  });

  it('when no code can be given out: says why and tries again on request', async () => {
    await open({ workerCount: 3, settings: OPENED, failing: ['workers:invite'] });
    await adding.button.click();
    await expect
      .poll(() => adding.dialog.getByRole('alert').innerText())
      .toMatch(/No machine can join now[\s\S]*disk is full/);
    await mend();
    await page.keyboard.press('Enter');
    await adding.command.waitFor();
  });

  it('when the port is taken, at once or later: says so, leads to another address, and recovers by itself', async () => {
    const reason = 'Another program listens on port 7461. End it, or choose another port in Settings.';
    await open({ workerCount: 3, settings: OPENED, listener: { state: 'failed', reason } });
    await adding.button.click();
    await expect.poll(() => adding.dialog.getByRole('alert').innerText()).toContain(reason);
    await adding.dialog.getByRole('button', { name: 'Choose another address' }).click();
    await adding.addresses.waitFor();
    await page.evaluate(() => window.fakeLab.setListener({}));
    await adding.continue();
    await adding.command.waitFor();
    await page.evaluate((why) => window.fakeLab.setListener({ state: 'failed', reason: why }), reason);
    await expect.poll(() => adding.dialog.getByRole('alert').innerText()).toContain(reason);
    await page.evaluate(() => window.fakeLab.setListener({}));
    await adding.command.waitFor();
  });
});

describe('the keyboard alone', () => {
  const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() ?? '');

  it('reaches the dialog, the address, the command and the new worker, and comes back to where it was', async () => {
    await open({ workerCount: 1 });
    await page.locator('.tile').focus();
    await page.keyboard.press('Tab');
    await expect.poll(focused).toMatch(/^Add a worker/);
    await page.keyboard.press('Enter');
    await expect
      .poll(() => adding.address('Only this machine').evaluate((radio) => radio === document.activeElement))
      .toBe(true);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect.poll(focused).toBe('Copy');
    expect(await callsOf(page, 'settings:set')).toEqual([['listener.address', '192.168.1.20']]);
    await page.keyboard.press('Escape');
    await adding.dialog.waitFor({ state: 'hidden' });
    await expect.poll(focused).toMatch(/^Add a worker/);

    await page.keyboard.press('Enter');
    await adding.copy.waitFor();
    await join('rig-07');
    await expect.poll(focused).toBe('Open rig-07');
    await page.keyboard.press('Escape');
    // The card is gone with the second worker; the button has its place.
    await expect.poll(() => adding.button.evaluate((button) => button === document.activeElement)).toBe(true);
  });

  it('finds it in the palette, from any view', async () => {
    await open({ settings: OPENED });
    await page.keyboard.press('2');
    await new PalettePage(page).run('add worker');
    await adding.copy.waitFor();
    await join('rig-99');
    await expect.poll(focused).toBe('Open rig-99');
    await page.keyboard.press('Enter');
    await expect.poll(() => new WindowPage(page).title.innerText()).toBe('Fleet');
    await expect.poll(() => new DetailPage(page).name.innerText()).toBe('rig-99');
  });

  it('stays inside the dialog', async () => {
    await openInvited();
    for (let press = 0; press < 12; press += 1) {
      await page.keyboard.press('Tab');
      const isInside = await page.evaluate(
        () => document.activeElement === document.body || document.activeElement?.closest('dialog') !== null,
      );
      expect(isInside).toBe(true);
    }
  });
});

it('fits a window of 1024 × 700, address and command', async () => {
  const size = { width: 1024, height: 700 };
  await open({ workerCount: 1, listener: { firewallHint: 'sudo ufw allow proto tcp to any port 7461' } }, size);
  const isWhole = async () => {
    const box = await boxOf(adding.dialog);
    return box.x >= 0 && box.y >= 0 && box.x + box.width <= size.width && box.y + box.height <= size.height;
  };
  await adding.card.click();
  await adding.addresses.waitFor();
  expect(await isWhole()).toBe(true);
  await adding.continue();
  await adding.command.waitFor();
  await adding.dialog.getByText('Labwatch is installed there?').click();
  expect(await isWhole()).toBe(true);
});
