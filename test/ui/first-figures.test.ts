/** A figure where none was stands on its tile at once; only its next readings wait for the beat. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FleetPage } from './pages/fleet-page.ts';
import { startWindows, type Windows } from './support/open-window.ts';

let windows: Windows;

beforeAll(async () => {
  windows = await startWindows();
});
afterAll(() => windows.close());

it('the first CPU reading is drawn without a timer, the second with the beat', async () => {
  const page = await windows.open({ scenario: { workerCount: 1, isLive: false } });
  const fleet = new FleetPage(page);
  await pushCpu(page, 1, null);
  await expect.poll(() => fleet.figure('bench-desk', 'CPU')).toBe('–');
  await page.evaluate(() => {
    window.setTimeout = (() => 0) as never;
  });
  await pushCpu(page, 2, 0.42);
  expect(await fleet.figure('bench-desk', 'CPU')).toBe('42 %');
  await pushCpu(page, 3, 0.77);
  expect(await fleet.figure('bench-desk', 'CPU')).toBe('42 %');
  expect(windows.takeErrors()).toEqual([]);
});

/** Tells the window of the worker, with this CPU utilisation, `patches` patches after its first snapshot. */
async function pushCpu(page: Page, patches: number, cpuUtilization: number | null): Promise<void> {
  await page.evaluate(
    async ([later, cpu]) => {
      const snapshot = await window.labwatch.call('fleet:snapshot');
      if (!snapshot.ok) throw new Error(snapshot.error.message);
      const changed = snapshot.value.workers.map((worker) => ({
        ...worker,
        figures: { ...worker.figures, cpuUtilization: cpu },
      }));
      window.fakeLab.push('fleet:patch', { revision: snapshot.value.revision + later, changed, removed: [] });
    },
    [patches, cpuUtilization] as const,
  );
}
