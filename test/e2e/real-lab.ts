/** The real app with real agents beside it on this machine. Everything that any of them started ends with the lab. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'vitest';
import { projectFolder } from '../../scripts/project.ts';
import { endProcessesOf } from '../support/processes-of-folder.ts';
import { AddWorkerPage } from '../ui/pages/add-worker-page.ts';
import { WindowPage } from '../ui/pages/window-page.ts';
import { call, exitOf, openApp, type RunningApp, temporaryFolder } from './electron-app.ts';

const AGENT = join(projectFolder, 'out', 'agent', 'labwatch-agent.mjs');

export interface RunningAgent {
  readonly process: ChildProcess;
  readonly said: () => string;
}

export interface RealLab {
  /** Goes with the lab; tasks may write into it. */
  readonly folder: string;
  /** The one opened last. */
  app(): RunningApp;
  /** Opens the app, on the same data each time. */
  open(): Promise<void>;
  /** As the pasted command starts it, in a home folder of that name; without words it goes on. */
  agent(home: string, ...words: readonly string[]): RunningAgent;
  /** From the way to add a worker to its open page, by the command that the window shows. */
  pair(name: string, mayRunTasks?: boolean): Promise<RunningAgent>;
  dispose(): Promise<void>;
}

export function realLab(): RealLab {
  const folder = temporaryFolder();
  const started: ChildProcess[] = [];
  let app: RunningApp | undefined;

  const lab: RealLab = {
    folder: folder.path,
    app: () => app as RunningApp,
    async open() {
      app = await openApp(join(folder.path, 'data'));
      started.push(app.process);
      await expect.poll(() => new WindowPage(lab.app().page).fleetLine.innerText()).toMatch(/online/);
      // The tests themselves keep this machine busy.
      await call(app.page, 'settings:set', 'scheduling.heedsOtherLoad', false);
    },
    agent(home, ...words) {
      const process = spawn(globalThis.process.execPath, [AGENT, 'join', ...words, '--home', join(folder.path, home)], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      started.push(process);
      let text = '';
      for (const stream of [process.stdout, process.stderr]) {
        stream.on('data', (chunk) => {
          text += String(chunk);
        });
      }
      return { process, said: () => text };
    },
    async pair(name, mayRunTasks = false) {
      const { page } = lab.app();
      const adding = new AddWorkerPage(page);
      await adding.card.or(adding.button).first().click();
      await call(page, 'settings:set', 'listener.port', 0);
      await adding.continue();
      if (mayRunTasks) await adding.mayRunTasks.check();
      const command = (await adding.command.textContent()) ?? '';
      const [, words = ''] = command.split(' join ');
      const agent = lab.agent(name, ...words.split(' '), '--name', name);
      await expect.poll(() => adding.progress.innerText(), { message: agent.said() }).toContain(`${name} joined`);
      await adding.dialog.getByRole('button', { name: `Open ${name}` }).click();
      return agent;
    },
    async dispose() {
      for (const process of started) process.kill('SIGKILL');
      await Promise.all(started.map(exitOf));
      // The app's own agent, and every agent's supervisors and commands, outlive who started them.
      await expect.poll(() => endProcessesOf(folder.path)).toBe(0);
      folder.remove();
    },
  };
  return lab;
}
