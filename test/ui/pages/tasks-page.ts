/** The Tasks view: toolbar, table, the page of a task, and the dialogs it opens. */
import type { Locator, Page } from 'playwright-core';

export class TasksPage {
  readonly page: Page;
  readonly grid: Locator;
  readonly rows: Locator;
  readonly foot: Locator;
  readonly search: Locator;
  readonly runs: Locator;
  readonly runBar: Locator;
  /** Of the open task. */
  readonly detail: Locator;
  readonly output: Locator;
  readonly newTask: Locator;

  constructor(page: Page) {
    this.page = page;
    this.grid = page.getByRole('grid', { name: 'Tasks, newest first' });
    this.rows = page.locator('.task-row');
    this.foot = page.locator('.task-foot');
    this.search = page.getByRole('textbox', { name: 'Search tasks' });
    this.runs = page.getByLabel('Show the tasks of');
    this.runBar = page.locator('.run-bar');
    this.detail = page.getByRole('complementary', { name: /^Task/ });
    this.output = this.detail.locator('.output-scroll').first();
    this.newTask = page.getByRole('dialog', { name: 'New task' });
  }

  /** The row of a task, by its exact name. */
  row(name: string): Locator {
    return this.rows.filter({ has: this.page.locator('.task-name').getByText(name, { exact: true }) });
  }

  names(): Promise<string[]> {
    return this.rows.locator('.task-name').allInnerTexts();
  }

  async showGroup(name: RegExp): Promise<void> {
    await this.page.getByRole('radiogroup', { name: 'Filter by state' }).getByRole('radio', { name }).click();
  }

  /** Opens the first row of a state. */
  async openFirst(state: string): Promise<void> {
    await this.page.locator(`.task-row[data-state="${state}"]`).first().click();
    await this.detail.locator('.task-body').waitFor();
  }

  act(name: string): Locator {
    return this.detail.getByRole('button', { name, exact: true });
  }

  /** The words of one line of the newest attempt's usage. */
  async usage(title: string): Promise<string> {
    const row = this.detail.locator('.usage tr').filter({ has: this.page.getByText(title, { exact: true }) });
    return (await row.first().innerText()).replaceAll('\u00a0', ' ').replace(/\s+/g, ' ').trim();
  }
}
