/** Tasks in the real app: on a paired worker and on this machine itself, from the form, a dropped plan, and a clone. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunView } from '../../src/core/tasks/view.ts';
import { DetailPage } from '../ui/pages/detail-page.ts';
import { FleetPage } from '../ui/pages/fleet-page.ts';
import { TasksPage } from '../ui/pages/tasks-page.ts';
import { WindowPage } from '../ui/pages/window-page.ts';
import { call, exitOf } from './electron-app.ts';
import { type RealLab, type RunningAgent, realLab } from './real-lab.ts';

let lab: RealLab;
let tasks: TasksPage;

beforeEach(async () => {
  lab = realLab();
  await open();
});
afterEach(() => lab.dispose());

const page = () => lab.app().page;
const file = (name: string) => join(lab.folder, name);
const show = (view: 'Fleet' | 'Tasks') => new WindowPage(page()).show(view);

async function open(): Promise<void> {
  await lab.open();
  tasks = new TasksPage(page());
}

/** A worker that runs tasks, alone with its label. */
async function pairRig(): Promise<RunningAgent> {
  const agent = await lab.pair('rig-07', true);
  const workers = (await call(page(), 'fleet:snapshot')).workers;
  const rig = workers.find(({ name }) => name === 'rig-07');
  if (rig === undefined) throw new Error('rig-07 is not in the fleet');
  await call(page(), 'worker:label', rig.workerId, [{ key: 'rack', value: 'b' }]);
  return agent;
}

/** A run of one shell task that only rig-07 can take. */
function submitToRig(name: string, command: string): Promise<RunView> {
  const task = { name, shell: true, command, needs: { cores: 0.1, labels: { rack: 'b' } } };
  return call(page(), 'tasks:submit', JSON.stringify({ name, tasks: [task] }), null);
}

/** Shell that writes its process id and then waits for the file `gate`. */
function waitAt(gate: string): string {
  return `echo $$ > ${file(`${gate}.pid`)}; until [ -e ${file(gate)} ]; do sleep 0.05; done`;
}

/** Whether the command that waits at this gate lives. */
function isWaiting(gate: string): boolean {
  const path = file(`${gate}.pid`);
  return existsSync(path) && existsSync(`/proc/${readFileSync(path, 'utf8').trim()}`);
}

/** Opens a task and waits until its page says this of it. */
async function openTask(name: string, state: RegExp): Promise<void> {
  await tasks.row(name).click();
  await stateOf(state);
}

async function stateOf(state: RegExp): Promise<void> {
  await expect.poll(() => tasks.detail.locator('.detail-state').innerText()).toMatch(state);
}

const detailText = async () => (await tasks.detail.innerText()).replaceAll('\u00a0', ' ');
const attempt = (number: number) =>
  tasks.detail.locator('.attempt').filter({ has: page().getByRole('heading', { name: `Attempt ${number}` }) });
const field = (name: string) => tasks.newTask.getByLabel(name, { exact: true });

/** Drops a file as a desktop does: the window gets its path. */
async function drop(path: string): Promise<void> {
  const session = await page().context().newCDPSession(page());
  const drag = (type: 'dragEnter' | 'dragOver' | 'drop') =>
    session.send('Input.dispatchDragEvent', {
      ...{ type, x: 400, y: 300 },
      data: { items: [], files: [path], dragOperationsMask: 1 },
    });
  await drag('dragEnter');
  // Again and again while it is held, as a desktop tells it.
  const isWelcome = async () => {
    await drag('dragOver');
    return page().getByText('Drop to submit').isVisible();
  };
  await expect.poll(isWelcome).toBe(true);
  await drag('drop');
}

describe('tasks in the real app', () => {
  test('are written in the window, run on the worker that fits, watched live, run again and cloned', async () => {
    await pairRig();
    await page().keyboard.press('n');
    await field('Name').fill('render');
    await tasks.newTask.getByRole('checkbox', { name: /Through the shell/ }).check();
    await field('Command').fill(
      `echo begun; ${waitAt('gate')}; i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; echo over`,
    );
    await tasks.newTask.getByText('GPU model, capabilities').click();
    await field('Labels').fill('rack=b');
    await page().keyboard.press('Control+Enter');
    await expect.poll(() => tasks.runBar.innerText()).toMatch(/^render\s+running[\s\S]*1 running/);
    await openTask('render', /^running/);
    await expect.poll(() => tasks.output.innerText()).toBe('begun\n');
    await expect.poll(() => tasks.usage('Memory')).toMatch(/^Memory [\d.]+ [KM]iB/);
    expect(await detailText()).toMatch(/Why there\s+rig-07 is the only worker that could take it/);

    await show('Fleet');
    const fleet = new FleetPage(page());
    await expect.poll(() => fleet.slot('rig-07').locator('.chip').innerText()).toBe('render');
    await fleet.slot('rig-07').locator('.chips').click();
    await expect.poll(() => tasks.names()).toEqual(['render']);
    await page()
      .getByRole('button', { name: /^Only tasks on rig-07/ })
      .waitFor();

    writeFileSync(file('gate'), '');
    await openTask('render', /^succeeded after/);
    await expect.poll(() => tasks.output.innerText()).toBe('begun\nover\n');
    expect(await tasks.usage('CPU')).toMatch(/^CPU [\d.]+ cores? [\d.]+ cores? [\d.]+ (ms|s)$/);

    await tasks.act('Run again').click();
    await expect.poll(() => attempt(2).locator('.attempt-outcome').innerText()).toMatch(/^succeeded after/);
    await expect.poll(() => attempt(1).locator('.attempt-outcome').innerText()).toMatch(/^succeeded after/);

    await tasks.act('Clone …').click();
    await field('Name').fill('render-wrong');
    await field('Command').fill('echo no such scene >&2; exit 3');
    await page().keyboard.press('Control+Enter');
    await openTask('render-wrong', /^failed after/);
    expect(await tasks.detail.locator('.task-reason').innerText()).toMatch(/^Exit 3 after/);
    await expect.poll(() => tasks.output.innerText()).toBe('no such scene\n');
  });

  test('are cancelled with their processes; a paused worker takes none until it is resumed', async () => {
    await pairRig();
    await submitToRig('endless', `${waitAt('never')}`);
    await show('Tasks');
    await openTask('endless', /^running/);
    await expect.poll(() => isWaiting('never')).toBe(true);
    await tasks.act('Cancel …').click();
    await page().getByRole('dialog', { name: 'Cancel endless?' }).getByRole('button', { name: 'Cancel task' }).click();
    await stateOf(/^cancelled after/);
    await expect.poll(() => isWaiting('never')).toBe(false);

    const worker = new DetailPage(page());
    await show('Fleet');
    await worker.tasks.getByRole('button', { name: 'Pause' }).click();
    await expect.poll(() => worker.tasks.getByRole('status').innerText()).toBe('Paused: takes no new tasks.');
    await submitToRig('later', 'echo done');
    await show('Tasks');
    await openTask('later', /^queued/);
    await expect.poll(() => tasks.detail.locator('.task-reason').innerText()).toMatch(/rig-07.*paused/);
    await show('Fleet');
    await worker.tasks.getByRole('button', { name: 'Resume' }).click();
    await worker.tasks.getByRole('button', { name: 'Show its tasks' }).click();
    await openTask('later', /^succeeded after/);
  });

  test('whose worker is removed are queued again, and say why', async () => {
    const agent = await pairRig();
    await submitToRig('long', waitAt('never'));
    await expect.poll(() => isWaiting('never')).toBe(true);
    const worker = new DetailPage(page());
    await worker.trust.getByRole('button', { name: 'Remove …' }).click();
    await expect.poll(() => worker.removal.innerText()).toMatch(/1 task runs there; it is queued again/);
    await worker.removal.getByRole('button', { name: 'Remove rig-07' }).click();
    await expect.poll(() => new FleetPage(page()).tiles.count()).toBe(1);
    await show('Tasks');
    await openTask('long', /^queued/);
    expect(await tasks.detail.locator('.task-reason').innerText()).toBe('No worker has the label rack=b.');
    expect(await attempt(1).locator('.attempt-outcome').innerText()).toBe(
      'lost: nothing more was heard from a worker that was removed',
    );
    expect(await detailText()).toMatch(/Why there\s+rig-07[\s\S]*What it wrote was not brought here\./);
    await expect.poll(() => agent.process.exitCode).not.toBeNull();
    expect(agent.said()).toMatch(/Ending the tasks that run here/);
    await expect.poll(() => isWaiting('never')).toBe(false);
  });

  test('on this machine outlive the app that is killed, and are shown with their result when it is back', async () => {
    const command = `echo before; ${waitAt('gate')}; echo after; echo > ${file('ended')}`;
    const plan = { name: 'nightly', tasks: [{ name: 'keeps-on', shell: true, command, needs: { cores: 0.1 } }] };
    await call(page(), 'tasks:submit', JSON.stringify(plan), null);
    await show('Tasks');
    await openTask('keeps-on', /^running/);
    await expect.poll(() => tasks.output.innerText()).toBe('before\n');
    lab.app().process.kill('SIGKILL');
    await exitOf(lab.app().process);
    expect(isWaiting('gate')).toBe(true);
    writeFileSync(file('gate'), '');
    await expect.poll(() => existsSync(file('ended'))).toBe(true);

    await open();
    await show('Tasks');
    await openTask('keeps-on', /^succeeded after/);
    await expect.poll(() => tasks.output.innerText()).toBe('before\nafter\n');
    expect(await tasks.detail.locator('.attempt').count()).toBe(1);
    expect(await tasks.usage('CPU')).toMatch(/^CPU .+ \d+ (ms|s)$/);
  });
});

describe('a plan file in the real app', () => {
  test('that is dropped brings the files beside it, and what it makes is fetched', async () => {
    const folder = file('plans');
    mkdirSync(folder);
    writeFileSync(join(folder, 'words.txt'), 'first\nsecond\n');
    const plan = {
      name: 'sorted',
      tasks: [
        {
          name: 'sort',
          command: ['sort', '-r', '-o', 'out.txt', 'words.txt'],
          bring: [{ from: './words.txt', to: 'words.txt' }],
          fetch: ['out.txt'],
        },
      ],
    };
    writeFileSync(join(folder, 'plan.json'), JSON.stringify(plan));
    await drop(join(folder, 'plan.json'));
    await expect.poll(() => tasks.runBar.innerText()).toMatch(/^sorted\s+succeeded[\s\S]*1 of 1 done/);
    await openTask('sort', /^succeeded after/);
    await expect
      .poll(() => tasks.detail.getByRole('region', { name: 'Fetched files' }).innerText())
      .toMatch(/out\.txt\s+13\sB/);
  });

  test('that is wrong is not submitted: its sentence says where, and it can be mended there', async () => {
    const wrong = { name: 'wrong', tasks: [{ name: 'one', command: ['true'], needs: { memoryBytes: '2Gig' } }] };
    writeFileSync(file('wrong.json'), JSON.stringify(wrong));
    await drop(file('wrong.json'));
    const dialog = page().getByRole('dialog', { name: 'wrong.json was not submitted' });
    expect(await dialog.getByRole('alert').innerText()).toBe(
      'tasks[0].needs.memoryBytes: found "2Gig", expected bytes as a number or a size such as 512MiB.',
    );
    expect((await call(page(), 'tasks:find', { limit: 1 })).tasks).toEqual([]);
    const plan = dialog.getByLabel('Plan, as JSON');
    await plan.fill((await plan.inputValue()).replace('2Gig', '2MiB'));
    await dialog.getByRole('button', { name: 'Submit' }).click();
    await expect.poll(() => tasks.runBar.innerText()).toMatch(/^wrong\s+succeeded/);
  });
});
