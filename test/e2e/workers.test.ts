/** Another machine in the real app: paired from the window with a real agent, looked at, renamed, cut off, removed. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DetailPage } from '../ui/pages/detail-page.ts';
import { FleetPage } from '../ui/pages/fleet-page.ts';
import { quitApp } from './electron-app.ts';
import { type RealLab, realLab } from './real-lab.ts';

let lab: RealLab;

beforeEach(async () => {
  lab = realLab();
  await lab.open();
});
afterEach(() => lab.dispose());

describe('another machine in the real app', () => {
  test('joins by the command of the window, is live, keeps its new name, and is refused once removed', async () => {
    const { page } = lab.app();
    const agent = await lab.pair('rig-07');
    const detail = new DetailPage(page);
    const fleet = new FleetPage(page);
    await expect.poll(() => detail.name.innerText()).toBe('rig-07');
    await expect.poll(() => fleet.figure('rig-07', 'Mem')).toMatch(/^\d+ %$/);
    expect(await detail.trustFact('Key')).toMatch(/^([0-9a-f]{4}\s+){15}[0-9a-f]{4}$/);
    expect(await detail.trustFact('Address')).toBe('127.0.0.1');
    expect(await detail.trustFact('Tasks')).toMatch(/^only watched/);
    await expect.poll(() => detail.trustFact('Clock')).toMatch(/ms/);
    await detail.chart('CPU').root.waitFor();

    await page.keyboard.press('F2');
    await detail.newName.fill('torch-1');
    await page.keyboard.press('Enter');
    await expect.poll(() => fleet.names()).toContain('torch-1');

    await detail.trust.getByRole('button', { name: 'Remove …' }).click();
    await detail.removal.getByRole('button', { name: 'Remove torch-1' }).click();
    await expect.poll(() => fleet.tiles.count()).toBe(1);
    await expect.poll(() => agent.process.exitCode).not.toBeNull();
    expect(agent.said()).toMatch(/removed/);
    expect(await quitApp(lab.app())).toBe(0);
  });

  test('that dies is unreachable with since-when, and live again when it goes on', async () => {
    const { page } = lab.app();
    const agent = await lab.pair('rig-07');
    const fleet = new FleetPage(page);
    await expect.poll(() => fleet.figure('rig-07', 'Mem')).toMatch(/^\d+ %$/);
    agent.process.kill('SIGKILL');
    await expect.poll(() => fleet.tile('rig-07').innerText()).toMatch(/unreachable\s+\d+\ss/);
    expect(await fleet.figure('rig-07', 'Mem')).toBe('–');
    expect(await page.locator('.stale-note').innerText()).toMatch(/Not reached for/);
    lab.agent('rig-07');
    await expect.poll(() => fleet.figure('rig-07', 'Mem')).toMatch(/^\d+ %$/);
    await expect.poll(() => new DetailPage(page).events.innerText()).toMatch(/Back in reach after/);
  });
});
