/** The ways to bring in another machine, and the dialog they open. Serves Chromium and Electron alike. */
import type { Locator, Page } from 'playwright-core';

export class AddWorkerPage {
  readonly page: Page;
  /** Beside an only worker. */
  readonly card: Locator;
  /** Above several. */
  readonly button: Locator;
  readonly dialog: Locator;
  readonly addresses: Locator;
  readonly mayRunTasks: Locator;
  readonly command: Locator;
  readonly copy: Locator;
  readonly remaining: Locator;
  readonly progress: Locator;
  /** To the step for machines that only this desk can reach. */
  readonly toDial: Locator;
  readonly dialCode: Locator;
  readonly connect: Locator;

  constructor(page: Page) {
    this.page = page;
    this.card = page.locator('.add-card');
    this.button = page.locator('.add-button');
    this.dialog = page.getByRole('dialog', { name: 'Add a worker' });
    this.addresses = this.dialog.getByRole('group', { name: 'Reachable at' });
    this.mayRunTasks = this.dialog.getByRole('checkbox', { name: /May run tasks/ });
    this.command = this.dialog.locator('.command-line code').first();
    this.copy = this.dialog.getByRole('button', { name: 'Copy the command', exact: true });
    this.remaining = this.dialog.getByRole('timer');
    this.toDial = this.dialog.getByRole('button', { name: 'Connect from here' });
    this.dialCode = this.dialog.getByRole('textbox', { name: 'Code' });
    this.connect = this.dialog.getByRole('button', { name: 'Connect', exact: true });
    this.progress = this.dialog.locator('.join-line');
  }

  address(text: string): Locator {
    return this.addresses.locator('label').filter({ hasText: text }).getByRole('radio');
  }

  async continue(): Promise<void> {
    await this.dialog.getByRole('button', { name: 'Continue' }).click();
  }

  async close(): Promise<void> {
    await this.page.keyboard.press('Escape');
    await this.dialog.waitFor({ state: 'hidden' });
  }
}
