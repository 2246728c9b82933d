/** The Settings view. */
import type { Locator, Page } from 'playwright-core';

export class SettingsPage {
  readonly page: Page;
  readonly summary: Locator;
  /** Whether workers can come in now. */
  readonly listener: Locator;

  constructor(page: Page) {
    this.page = page;
    this.summary = page.locator('.storage-summary');
    this.listener = page.locator('.listener-status');
  }

  /** The row of a setting, by its key in the settings table. */
  row(key: string): Locator {
    return this.page.locator(`[data-setting="${key}"]`);
  }

  field(key: string): Locator {
    return this.row(key).getByRole('textbox');
  }

  failure(key: string): Locator {
    return this.row(key).getByRole('alert');
  }

  async choose(key: string, choice: string): Promise<void> {
    await this.row(key).getByRole('radio', { name: choice }).click();
  }
}
