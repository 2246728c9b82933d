/** The grid of tiles and its toolbar. */
import type { Locator, Page } from 'playwright-core';

export class FleetPage {
  readonly page: Page;
  readonly tiles: Locator;
  readonly filter: Locator;
  readonly tip: Locator;

  constructor(page: Page) {
    this.page = page;
    this.tiles = page.locator('.tile');
    this.filter = page.getByRole('textbox', { name: 'Filter by name' });
    this.tip = page.getByRole('tooltip');
  }

  /** The tile of a worker, by its exact name. */
  tile(name: string): Locator {
    return this.tiles.filter({ has: this.page.locator('.tile-name').getByText(name, { exact: true }) });
  }

  /** The tile with what lies over it: pin and chips. */
  slot(name: string): Locator {
    return this.page.locator('.tile-slot').filter({ has: this.tile(name) });
  }

  names(): Promise<string[]> {
    return this.page.locator('.tile-name').allInnerTexts();
  }

  /** The figure of one meter as shown, for example `18 %` or `–`. */
  async figure(name: string, meter: 'CPU' | 'Mem' | 'GPU' | 'Disk'): Promise<string> {
    const row = this.tile(name).locator('.meter').filter({ hasText: meter });
    return (await row.locator('.meter-value').innerText()).replaceAll('\u00a0', ' ');
  }

  async showState(name: RegExp): Promise<void> {
    await this.page.getByRole('radiogroup', { name: 'Filter by state' }).getByRole('radio', { name }).click();
  }

  async showSize(name: 'Comfortable' | 'Compact'): Promise<void> {
    await this.page.getByRole('radio', { name }).click();
  }
}
