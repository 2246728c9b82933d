/** The timeline of the real app: tasks of this machine become bars, and each says why it is where it is or still waits. */
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TimelinePage } from '../ui/pages/timeline-page.ts';
import { WindowPage } from '../ui/pages/window-page.ts';
import { call } from './electron-app.ts';
import { type RealLab, realLab } from './real-lab.ts';

let lab: RealLab;
let timeline: TimelinePage;

beforeEach(async () => {
  lab = realLab();
  await lab.open();
  timeline = new TimelinePage(lab.app().page);
});
afterEach(() => lab.dispose());

const page = () => lab.app().page;

/** A run of which the first task ends at once, the second holds every core until `gate` is there, and the third waits for one. */
async function submit(gate: string): Promise<void> {
  const all = availableParallelism();
  const shell = (name: string, command: string, cores: number, more: object = {}) => {
    return { name, shell: true, command, type: 'demo', needs: { cores }, ...more };
  };
  const tasks = [
    shell('quick', 'echo done', 0.1),
    shell('holder', `echo held; until [ -e ${gate} ]; do sleep 0.05; done`, all, { after: ['quick'] }),
    shell('next', 'exit 3', 1, { after: ['quick'], priority: 10 }),
  ];
  await call(page(), 'tasks:submit', JSON.stringify({ name: 'night', tasks }), null);
}

const counts = async () => (await timeline.counts.innerText()).replaceAll('\u00a0', ' ');
const waiting = () => page().getByRole('list', { name: 'Waiting tasks' }).getByRole('listitem').allInnerTexts();

test('fills as tasks run here, says what one waits for and why another is where it is', async () => {
  await new WindowPage(page()).show('Timeline');
  await page().getByRole('heading', { name: 'Nothing has run yet' }).waitFor();
  const gate = join(lab.folder, 'gate');
  await submit(gate);

  await expect.poll(counts).toBe('2 attempts: 1 running and 1 succeeded');
  await expect.poll(waiting).toEqual([expect.stringMatching(/^next, queued: .+/)]);
  const [reason] = await waiting();
  const now = await timeline.now.boundingBox();
  const plot = await timeline.plot.boundingBox();
  await timeline.plot.hover({ position: { x: (now?.x ?? 0) - (plot?.x ?? 0) - 1, y: 50 } });
  await expect.poll(() => timeline.tip.innerText()).toContain(reason?.replace('next, queued: ', ''));

  await timeline.openCard();
  await expect.poll(() => timeline.cardText()).toMatch(/holder[\s\S]*running[\s\S]*run night/);
  await timeline.card.getByRole('region', { name: 'Why there' }).locator('.scores > div').first().waitFor();
  await timeline.card.locator('.output-scroll').getByText('held').waitFor();

  writeFileSync(gate, '');
  await expect.poll(counts).toBe('3 attempts: 1 failed and 2 succeeded');
  await expect.poll(() => timeline.cardText()).toMatch(/succeeded after[\s\S]*took/);
  await expect.poll(() => timeline.queue.innerText()).toMatch(/nothing waits/);

  // What ran is there after a start anew, from the store alone.
  await page().keyboard.press('Escape');
  await page().reload();
  await expect.poll(counts).toBe('3 attempts: 1 failed and 2 succeeded');
});
