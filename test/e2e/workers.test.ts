/** Another machine in the real app: paired from the window with a real agent, looked at, renamed, cut off, removed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { projectFolder } from '../../scripts/project.ts';
import { AddWorkerPage } from '../ui/pages/add-worker-page.ts';
import { DetailPage } from '../ui/pages/detail-page.ts';
import { FleetPage } from '../ui/pages/fleet-page.ts';
import { call, exitOf, openApp, quitApp, type RunningApp, temporaryFolder } from './electron-app.ts';

const AGENT = join(projectFolder, 'out', 'agent', 'labwatch-agent.mjs');

let folder: ReturnType<typeof temporaryFolder>;
let app: RunningApp;
let agents: ChildProcess[] = [];

beforeEach(() => {
  folder = temporaryFolder();
});

afterEach(async () => {
  for (const agent of agents) agent.kill('SIGKILL');
  app.process.kill('SIGKILL');
  await Promise.all([...agents, app.process].map(exitOf));
  agents = [];
  folder.remove();
});

const dataDir = () => join(folder.path, 'data');

async function open(): Promise<void> {
  app = await openApp(dataDir());
  await new FleetPage(app.page).tiles.first().waitFor();
}

/** The agent as the pasted command starts it, on a machine with this home folder; without a code it goes on. */
function startAgent(...words: readonly string[]): { readonly process: ChildProcess; readonly said: () => string } {
  const agent = spawn(process.execPath, [AGENT, 'join', ...words, '--home', join(folder.path, 'agent')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  agents.push(agent);
  let text = '';
  for (const stream of [agent.stdout, agent.stderr]) {
    stream.on('data', (chunk) => {
      text += String(chunk);
    });
  }
  return { process: agent, said: () => text };
}

/** From the card to the open page of the new worker. */
async function pair(name: string): Promise<ReturnType<typeof startAgent>> {
  const adding = new AddWorkerPage(app.page);
  await adding.card.click();
  await call(app.page, 'settings:set', 'listener.port', 0);
  await adding.continue();
  const command = (await adding.command.textContent()) ?? '';
  const code = command.split(' ').at(-1) ?? '';
  const agent = startAgent(code, '--name', name);
  await expect.poll(() => adding.progress.innerText(), { message: agent.said() }).toContain(`${name} joined`);
  await adding.dialog.getByRole('button', { name: `Open ${name}` }).click();
  return agent;
}

describe('another machine in the real app', () => {
  test('joins by the command of the window, is live, keeps its new name, and is refused once removed', async () => {
    await open();
    const agent = await pair('rig-07');
    const detail = new DetailPage(app.page);
    const fleet = new FleetPage(app.page);
    await expect.poll(() => detail.name.innerText()).toBe('rig-07');
    await expect.poll(() => fleet.figure('rig-07', 'Mem')).toMatch(/^\d+ %$/);
    expect(await detail.trustFact('Key')).toMatch(/^([0-9a-f]{4}\s+){15}[0-9a-f]{4}$/);
    expect(await detail.trustFact('Address')).toBe('127.0.0.1');
    expect(await detail.trustFact('Tasks')).toMatch(/^only watched/);
    await expect.poll(() => detail.trustFact('Clock')).toMatch(/ms/);
    await detail.chart('CPU').root.waitFor();

    await app.page.keyboard.press('F2');
    await detail.newName.fill('torch-1');
    await app.page.keyboard.press('Enter');
    await expect.poll(() => fleet.names()).toContain('torch-1');

    await detail.trust.getByRole('button', { name: 'Remove …' }).click();
    await detail.removal.getByRole('button', { name: 'Remove torch-1' }).click();
    await expect.poll(() => fleet.tiles.count()).toBe(1);
    await expect.poll(() => agent.process.exitCode).not.toBeNull();
    expect(agent.said()).toMatch(/removed/);
    expect(await quitApp(app)).toBe(0);
  });

  test('that dies is unreachable with since-when, and live again when it goes on', async () => {
    await open();
    const agent = await pair('rig-07');
    const fleet = new FleetPage(app.page);
    await expect.poll(() => fleet.figure('rig-07', 'Mem')).toMatch(/^\d+ %$/);
    agent.process.kill('SIGKILL');
    await expect.poll(() => fleet.tile('rig-07').innerText()).toMatch(/unreachable\s+\d+\ss/);
    expect(await fleet.figure('rig-07', 'Mem')).toBe('–');
    expect(await app.page.locator('.stale-note').innerText()).toMatch(/Not reached for/);
    startAgent();
    await expect.poll(() => fleet.figure('rig-07', 'Mem')).toMatch(/^\d+ %$/);
    await expect.poll(() => new DetailPage(app.page).events.innerText()).toMatch(/Back in reach after/);
  });
});
