/** The desktop app beside a bare window of the same Electron: start, memory, CPU, and the delay of its main event loop. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { type Figure, median } from '../../scripts/benching/figure.ts';
import { buildIfNeeded } from '../../scripts/build/build.ts';
import { readyApp } from '../../scripts/runtime/resolve.ts';
import { type Desktop, startDesktop } from '../support/desktop.ts';
import { measureCost, type ProcessCost } from '../support/process-cost.ts';
import { projectFolder } from '../support/source.ts';
import { type ElectronProcess, runtime, startElectron } from './electron-process.ts';

const starts = 5;
const warmUpMs = 10_000;
const measuredMs = 30_000;
const bareApp = join(import.meta.dirname, 'bare');

export async function bench(): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'labwatch-bench-'));
  const desktop = await startDesktop({ hasTray: true });
  try {
    const app = await appUnderTest();
    const open = (args: readonly string[] = []) =>
      startElectron(desktop, folder, app, ['--data-dir', join(folder, 'data'), ...args]);
    const openBare = () => startElectron(desktop, join(folder, 'bare'), bareApp, []);
    const start = await compareStarts(open, openBare);
    const bare = await cost(await openBare());
    const visible = await cost(await open());
    const hidden = await cost(await open(['--hidden']), false);
    const megabytes = 'MB PSS';
    return [
      { name: 'app: launch to first value, times a bare window', value: start.app / start.bare, unit: '×', bar: 1.6 },
      { name: 'app: launch to first value', value: start.app, unit: 'ms', peers: { 'bare window': start.bare } },
      {
        name: 'app: memory, times a bare window',
        value: visible.pssMegabytes / bare.pssMegabytes,
        unit: '×',
        bar: 1.3,
      },
      {
        name: 'app: memory',
        value: visible.pssMegabytes,
        unit: megabytes,
        peers: { 'bare window': bare.pssMegabytes },
      },
      { name: 'app: CPU while visible', ...cpuFigure(visible, bare), bar: 6 },
      { name: 'app: CPU while hidden', ...cpuFigure(hidden, bare), bar: 2.5 },
      {
        name: 'app: event loop delay p99 while storing 4,000 samples/s and drawing 24 h',
        value: await loopDelay(desktop, folder),
        unit: 'ms',
        bar: 20,
      },
    ];
  } finally {
    await desktop.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
}

function cpuFigure(cost: ProcessCost, bare: ProcessCost): Omit<Figure, 'name'> {
  return { value: cost.cpuPercentOfCore, unit: '% of a core', peers: { 'bare window': bare.cpuPercentOfCore } };
}

async function appUnderTest(): Promise<string> {
  const stamp = await buildIfNeeded(projectFolder, () => {});
  return readyApp(await runtime(), stamp);
}

type Open = () => Promise<ElectronProcess>;

/** Milliseconds from launch to the first painted value, app and bare window in turn; the first start of each is not counted. */
async function compareStarts(openApp: Open, openBare: Open): Promise<{ readonly app: number; readonly bare: number }> {
  const times = { app: [] as number[], bare: [] as number[] };
  for (let start = 0; start <= starts; start += 1) {
    const bare = await timeStart(openBare);
    const app = await timeStart(openApp);
    if (start === 0) continue;
    times.bare.push(bare);
    times.app.push(app);
  }
  return { app: median(times.app), bare: median(times.bare) };
}

async function timeStart(open: Open): Promise<number> {
  const running = await open();
  try {
    const { atMs } = await running.waitForMark('first-value');
    return atMs - running.launchedAtMs;
  } finally {
    await running.stop();
  }
}

/** What the whole tree of processes costs once it has warmed up. A window that is never shown paints nothing to wait for. */
async function cost(running: ElectronProcess, paints = true): Promise<ProcessCost> {
  try {
    if (paints) await running.waitForMark('first-value');
    await pass(warmUpMs);
    return await measureCost(running.pid, measuredMs);
  } finally {
    await running.stop();
  }
}

/** The median over 10 s windows of the p99 delay of the main process, with a load on the one door and a day in the charts. */
async function loopDelay(desktop: Desktop, folder: string): Promise<number> {
  const dataDir = join(folder, 'loaded-data');
  const watched = { flags: ['--remote-debugging-port=0'], env: { LABWATCH_MARK_LOOP: '1' } };
  const running = await startElectron(desktop, folder, await loadedApp(folder), ['--data-dir', dataDir], watched);
  try {
    await running.waitForMark('first-value');
    const address = await debuggerAddress(running);
    const browser = await chromium.connectOverCDP(address);
    const page = browser.contexts()[0]?.pages()[0];
    if (page === undefined) throw new Error('the app has no window');
    await page.getByLabel('Time range').selectOption('24h');
    await page.locator('canvas').first().waitFor();
    // The day of history is still being stored at first: that is the fill, not the load.
    await pass(warmUpMs);
    const from = Date.now();
    await pass(measuredMs + warmUpMs);
    await browser.close();
    const delays = running.marks().filter(({ mark, atMs }) => mark === 'loop-p99-ms' && atMs > from + warmUpMs);
    return median(delays.map(({ value }) => value ?? Number.NaN));
  } finally {
    await running.stop();
  }
}

/** A copy of the app under test whose main process carries the load. */
async function loadedApp(folder: string): Promise<string> {
  const loaded = join(folder, 'loaded-app');
  const app = await appUnderTest();
  for (const part of ['package.json', 'node_modules']) cpSync(join(app, part), join(loaded, part), { recursive: true });
  const builder = join(projectFolder, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
  const config = join(import.meta.dirname, 'loaded', 'build-config.ts');
  const args = [builder, 'build', '--config', config, '--outDir', join(loaded, 'out'), '--logLevel', 'error'];
  execFileSync(process.execPath, args, { cwd: projectFolder, stdio: ['ignore', 'ignore', 'inherit'] });
  return loaded;
}

async function debuggerAddress(running: ElectronProcess): Promise<string> {
  for (;;) {
    const [, address] = /DevTools listening on (ws:\S+)/.exec(running.stderr()) ?? [];
    if (address !== undefined) return address;
    await pass(50);
  }
}

function pass(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
