/** The command palette. */
import type { Locator, Page } from 'playwright-core';

export class PalettePage {
  readonly page: Page;
  readonly root: Locator;
  readonly field: Locator;
  readonly options: Locator;

  constructor(page: Page) {
    this.page = page;
    this.root = page.getByRole('dialog', { name: 'Search and commands' });
    this.field = this.root.getByRole('combobox');
    this.options = this.root.getByRole('option');
  }

  async open(): Promise<void> {
    await this.page.keyboard.press('Control+k');
    await this.field.waitFor();
  }

  /** Types a query and runs the first answer. */
  async run(query: string): Promise<void> {
    await this.open();
    await this.field.fill(query);
    await this.page.keyboard.press('Enter');
    await this.root.waitFor({ state: 'hidden' });
  }

  titles(): Promise<string[]> {
    return this.root.locator('.palette-title').allInnerTexts();
  }
}
