/** Writing a task and submitting it, as a form, as a plan, as a clone, and by dropping a plan file. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Scenario } from './fake/scenario.ts';
import { TasksPage } from './pages/tasks-page.ts';
import { WindowPage } from './pages/window-page.ts';
import { callsOf } from './support/lab.ts';
import { startWindows, type Windows } from './support/open-window.ts';

let windows: Windows;
let page: Page;
let tasks: TasksPage;

beforeAll(async () => {
  windows = await startWindows();
});
afterAll(() => windows.close());
afterEach(() => {
  expect(windows.takeErrors()).toEqual([]);
});

async function open(scenario: Partial<Scenario> = {}): Promise<void> {
  page = await windows.open({ scenario: { taskCount: 30, ...scenario } });
  tasks = new TasksPage(page);
  await page.locator('.tile, .task-row').first().waitFor();
}

const field = (name: string) => tasks.newTask.getByLabel(name, { exact: true });
const submit = () => tasks.newTask.getByRole('button', { name: 'Submit' }).click();
const submitted = async () => {
  const calls = await callsOf(page, 'tasks:submit');
  return calls.map(([plan, folder]) => ({ plan: JSON.parse(plan as string), folder }));
};

describe('the form of a new task', () => {
  it('opens with n, submits what was filled in, and shows its run', async () => {
    await open();
    await page.keyboard.press('n');
    expect(await field('Name').evaluate((element) => element === document.activeElement)).toBe(true);
    await field('Name').fill('unit');
    await field('Command').fill(`pytest -q 'tests/a b'`);
    await field('Cores').fill('2');
    await field('Memory').fill('2GiB');
    await field('Retries').fill('1');
    await page.keyboard.press('Control+Enter');
    await tasks.newTask.waitFor({ state: 'hidden' });
    expect(await submitted()).toEqual([
      {
        folder: null,
        plan: {
          name: 'unit',
          tasks: [
            {
              name: 'unit',
              command: ['pytest', '-q', 'tests/a b'],
              needs: { cores: 2, memoryBytes: '2GiB' },
              retries: 1,
            },
          ],
        },
      },
    ]);
    expect(await new WindowPage(page).title.innerText()).toBe('Tasks');
    await expect.poll(() => tasks.runBar.innerText()).toMatch(/^unit[\s\S]*0 of 1 done/);
    await expect.poll(() => tasks.names()).toEqual(['unit']);
  });

  it('shows a refusal at the field that it speaks of, and keeps what was typed', async () => {
    await open();
    await page.keyboard.press('n');
    await field('Name').fill('unit');
    await field('Command').fill('true');
    await field('Cores').fill('many');
    await submit();
    await expect.poll(() => field('Cores').getAttribute('aria-invalid')).toBe('true');
    expect(await tasks.newTask.getByRole('alert').innerText()).toMatch(/expected a number from 0\.1/);
    expect(await field('Cores').evaluate((element) => element === document.activeElement)).toBe(true);
    expect(await field('Name').inputValue()).toBe('unit');
    await field('Cores').fill('2');
    await submit();
    await tasks.newTask.waitFor({ state: 'hidden' });
  });

  it('refuses a quote that is not closed without asking the app', async () => {
    await open();
    await page.keyboard.press('n');
    await field('Name').fill('unit');
    await field('Command').fill(`echo "open`);
    await submit();
    expect(await tasks.newTask.getByRole('alert').innerText()).toMatch(/double quote .* not closed/);
    expect(await submitted()).toEqual([]);
  });

  it('says any other refusal as a sentence', async () => {
    await open({ failing: ['tasks:submit'] });
    await page.keyboard.press('n');
    await field('Name').fill('unit');
    await field('Command').fill('true');
    await submit();
    await expect.poll(() => tasks.newTask.getByRole('alert').innerText()).toMatch(/disk is full/);
  });

  it('shows the plan that it makes, which is submitted as it was changed', async () => {
    await open();
    await page.keyboard.press('n');
    await field('Name').fill('unit');
    await field('Command').fill('true');
    await tasks.newTask.getByRole('radio', { name: 'Plan file' }).click();
    const plan = field('Plan, as JSON');
    expect(JSON.parse(await plan.inputValue())).toEqual({ name: 'unit', tasks: [{ name: 'unit', command: ['true'] }] });
    await plan.fill('{"name":"changed","tasks":[{"name":"one","command":["true"]},{"name":"two","command":["true"]}]}');
    await submit();
    await expect.poll(() => tasks.names()).toEqual(['two', 'one']);
    expect((await submitted())[0]?.plan.name).toBe('changed');
  });

  it('is filled in as a task that is cloned', async () => {
    await open({ uiState: { view: 'tasks' } });
    await tasks.openFirst('succeeded');
    const name = await tasks.detail.locator('.task-title').innerText();
    await tasks.act('Clone …').click();
    expect(await field('Name').inputValue()).toBe(name);
    expect(await field('Command').inputValue()).toMatch(/^python train\.py --name .* 'it'\\''s here'$/);
    expect(await field('GPU memory').inputValue()).toBe('8GiB');
    expect(await field('Labels').inputValue()).toBe('rack=b');
    await submit();
    await tasks.newTask.waitFor({ state: 'hidden' });
    expect((await submitted())[0]?.plan.tasks[0]).toMatchObject({ name, timeoutSeconds: 600, fetch: ['out/*.json'] });
  });

  it('shows its run whatever was searched for before', async () => {
    await open({ uiState: { view: 'tasks' } });
    await tasks.showGroup(/^Failed/);
    await page.keyboard.press('Escape');
    await page.keyboard.press('n');
    await field('Name').fill('unit');
    await field('Command').fill('true');
    await submit();
    await expect.poll(() => tasks.names()).toEqual(['unit']);
  });

  it('does not open while one types', async () => {
    await open();
    await page.keyboard.press('/');
    await page.keyboard.type('n');
    expect(await tasks.newTask.count()).toBe(0);
  });
});

type DragType = 'dragenter' | 'dragover' | 'dragleave' | 'drop';

/** Holds files over the window, or drops them there; resolves with whether the window wants them. */
async function drag(type: DragType, files: Readonly<Record<string, string>>): Promise<boolean> {
  return page.evaluate(
    ([name, texts]) => {
      const dataTransfer = new DataTransfer();
      for (const [file, text] of Object.entries(texts)) dataTransfer.items.add(new File([text], file));
      const target = document.querySelector('main') ?? document.body;
      return !target.dispatchEvent(new DragEvent(name, { dataTransfer, bubbles: true, cancelable: true }));
    },
    [type, files] as const,
  );
}

const PLAN = '{"name":"nightly","tasks":[{"name":"unit","command":["true"],"bring":[{"from":"./a","to":"a"}]}]}';

describe('a plan file', () => {
  it('held over the window says what a drop does', async () => {
    await open();
    expect(await drag('dragenter', { 'plan.json': PLAN })).toBe(true);
    expect(await drag('dragover', { 'plan.json': PLAN })).toBe(true);
    await page.getByText('Drop to submit').waitFor();
    await drag('dragleave', { 'plan.json': PLAN });
    await page.getByText('Drop to submit').waitFor({ state: 'hidden' });
  });

  it('dropped anywhere is submitted with its folder, and its run is shown', async () => {
    await open();
    await drag('dragover', { 'plan.json': PLAN });
    await drag('drop', { 'plan.json': PLAN });
    await expect.poll(() => tasks.runBar.innerText()).toMatch(/^nightly/);
    expect(await submitted()).toEqual([{ plan: JSON.parse(PLAN), folder: '/home/lab/plans' }]);
    expect(await page.getByText('Drop to submit').count()).toBe(0);
  });

  it('that is wrong is shown with the sentence, mended there and submitted with its folder', async () => {
    await open();
    await drag('dragover', { 'plan.json': '{"tasks":1}' });
    await drag('drop', { 'plan.json': '{"tasks":1}' });
    const dialog = page.getByRole('dialog', { name: 'plan.json was not submitted' });
    await dialog.waitFor();
    expect(await dialog.getByRole('alert').innerText()).toMatch(/tasks: found nothing, expected a list of tasks/);
    expect(await dialog.getByLabel('Plan, as JSON').inputValue()).toBe('{"tasks":1}');
    await dialog.getByLabel('Plan, as JSON').fill(PLAN);
    await dialog.getByRole('button', { name: 'Submit' }).click();
    await expect.poll(() => tasks.runBar.innerText()).toMatch(/^nightly/);
    expect((await callsOf(page, 'tasks:submit')).at(-1)).toEqual([PLAN, '/home/lab/plans']);
  });

  it('is not taken while a dialog asks for something else', async () => {
    await open();
    await page.keyboard.press('n');
    await tasks.newTask.waitFor();
    await drag('dragover', { 'plan.json': PLAN });
    await drag('drop', { 'plan.json': PLAN });
    expect(await page.getByText('Drop to submit').count()).toBe(0);
    expect(await submitted()).toEqual([]);
  });
});
