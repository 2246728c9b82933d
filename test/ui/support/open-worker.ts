/** Opens the window with the page of one of the fake lab's workers beside the grid. */
import type { Page } from 'playwright-core';
import type { Scenario } from '../fake/scenario.ts';
import { DetailPage } from '../pages/detail-page.ts';
import { FleetPage } from '../pages/fleet-page.ts';
import type { Windows } from './open-window.ts';

export const LOCAL = '00000000-0000-4000-8000-000000000000';
/** On another machine; its GPU is an NVIDIA. */
export const RIG_03 = '00000000-0000-4000-8000-000000000003';

interface OpenWorker {
  readonly page: Page;
  readonly detail: DetailPage;
  readonly fleet: FleetPage;
}

/** Resolves once its charts are there. */
export async function openWorker(
  windows: Windows,
  openWorkerId: string,
  scenario: Partial<Scenario>,
): Promise<OpenWorker> {
  const page = await windows.open({ scenario: { ...scenario, uiState: { openWorkerId } } });
  const detail = new DetailPage(page);
  await detail.charts.first().waitFor();
  return { page, detail, fleet: new FleetPage(page) };
}
