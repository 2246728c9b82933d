import { spawn } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { WorkerId } from '../../src/core/fleet/worker.ts';
import { seriesKey } from '../../src/core/metrics/series.ts';
import { call, exitOf, openApp, quitApp, type RunningApp, runApp, temporaryFolder } from './electron-app.ts';

const CPU = seriesKey('system.cpu.utilization');

let folder: ReturnType<typeof temporaryFolder>;
let running: RunningApp[] = [];

beforeEach(() => {
  folder = temporaryFolder();
});

afterEach(async () => {
  for (const app of running) app.process.kill('SIGKILL');
  await Promise.all(running.map((app) => exitOf(app.process)));
  running = [];
  folder.remove();
});

async function start(): Promise<RunningApp> {
  const app = await openApp(folder.path);
  running.push(app);
  return app;
}

async function localWorker(app: RunningApp): Promise<WorkerId> {
  return (await call(app.page, 'app:info')).localWorkerId;
}

async function cpuHistory(app: RunningApp, workerId: WorkerId): Promise<readonly number[]> {
  const nowMs = Date.now();
  const history = await app.page.evaluate(
    async (request) => {
      const result = await window.labwatch.call('worker:history', request);
      return result.ok ? result.value.series.map((series) => [...series.atMs]) : [];
    },
    { workerId, seriesKeys: [CPU], fromMs: nowMs - 300_000, toMs: nowMs + 1_000, maxPoints: 1_000 },
  );
  return history[0] ?? [];
}

describe('the app in a real Electron', () => {
  test('opens a window whose tile shows values of this machine that change', async () => {
    const { page } = await start();
    // All of them: on a machine that has much to do, the CPU alone may stay at 100 %.
    const meters = page.locator('[data-worker]').first().locator('.meter-value');
    const seen = new Set<string>();
    const look = async () => seen.add((await meters.allInnerTexts()).join(' · '));
    await expect.poll(async () => (await look()).size, { interval: 300, timeout: 60_000 }).toBeGreaterThan(3);
    for (const text of [...seen].join(' · ').split(' · ')) expect(text).toMatch(/^([\d.]+\s%|–|)$/);
  });

  test('keeps its history through kill -9 and shows it after the next start', async () => {
    const first = await start();
    const workerId = await localWorker(first);
    await expect.poll(async () => (await cpuHistory(first, workerId)).length, { timeout: 60_000 }).toBeGreaterThan(4);
    const before = await cpuHistory(first, workerId);
    first.process.kill('SIGKILL');
    await exitOf(first.process);

    const second = await start();
    expect(await localWorker(second)).toBe(workerId);
    await expect.poll(async () => (await cpuHistory(second, workerId)).length).toBeGreaterThan(0);
    const after = await cpuHistory(second, workerId);
    expect(after.slice(0, before.length)).toEqual(before);
  });

  test('quits in order: exit code 0, the folder free for the next start, the end in the history', async () => {
    const first = await start();
    const workerId = await localWorker(first);
    expect(await quitApp(first)).toBe(0);
    const second = await start();
    const events = await call(second.page, 'worker:events', workerId, 0, Date.now() + 1_000);
    expect(events.map((event) => event.kind)).toEqual(['started', 'stopped', 'started']);
  });

  test('SIGTERM is a quit, too', async () => {
    const app = await start();
    await localWorker(app);
    app.process.kill('SIGTERM');
    expect(await exitOf(app.process)).toBe(0);
  });

  test('a second start brings the first one’s window back and leaves', async () => {
    const app = await start();
    await localWorker(app);
    await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide());
    expect((await runApp(folder.path)).code).toBe(0);
    const isVisible = () => app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible());
    await expect.poll(isVisible).toBe(true);
  });

  test('over a running headless it says who holds the folder and exits with 3', async () => {
    const headless = spawn(process.execPath, ['bin/labwatch.mjs', 'headless', '--data-dir', folder.path, '--json'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => headless.stdout.once('data', resolve));
    const second = await runApp(folder.path);
    const words = new RegExp(`labwatch headless \\(pid ${headless.pid}\\) holds .*--data-dir`);
    expect(second).toEqual({ code: 3, stderr: expect.stringMatching(words) });
    headless.kill('SIGTERM');
    expect(await exitOf(headless)).toBe(0);
  });
});
