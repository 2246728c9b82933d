/** The frame around every view: rail, top bar, notices, keys. Serves Chromium and Electron alike. */
import type { Locator, Page } from 'playwright-core';

export class WindowPage {
  readonly page: Page;
  readonly title: Locator;
  readonly fleetLine: Locator;
  readonly range: Locator;
  readonly notices: Locator;

  constructor(page: Page) {
    this.page = page;
    this.title = page.getByRole('heading', { level: 1 });
    this.fleetLine = page.locator('.fleet-line');
    this.range = page.getByLabel('Time range');
    this.notices = page.locator('.notice');
  }

  /** Goes to a view by its icon in the rail. */
  async show(view: 'Fleet' | 'Timeline' | 'Tasks' | 'Settings'): Promise<void> {
    await this.page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name: view }).click();
  }

  theme(): Promise<string | undefined> {
    return this.page.evaluate(() => document.documentElement.dataset.theme);
  }
}
