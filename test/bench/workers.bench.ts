/** Remote workers: what one agent costs, and what two hundred cost the coordinator, over the real protocol and TLS. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { type Figure, median } from '../../scripts/benching/figure.ts';
import { buildIfNeeded } from '../../scripts/build/build.ts';
import { readyApp } from '../../scripts/runtime/resolve.ts';
import type { ControlClient } from '../../src/node/control-socket-client.ts';
import { startDesktop } from '../support/desktop.ts';
import { measureCost } from '../support/process-cost.ts';
import { projectFolder } from '../support/source.ts';
import { runtime, startElectron } from './electron-process.ts';
import { controlOf, end, inFolder, invite, pass, startHeadless } from './headless-process.ts';

const WORKERS = 200;
const warmUpMs = 10_000;
const measuredMs = 30_000;
const percentOfCore = '% of a core';

export async function bench(): Promise<readonly Figure[]> {
  return [...(await inFolder(oneAgent)), ...(await inFolder(manyWorkers)), ...(await inFolder(inTheWindow))];
}

async function oneAgent(folder: string): Promise<readonly Figure[]> {
  const { child, control } = await startHeadless(folder);
  const counter = await countingProxy(await listenerPort(control));
  const code = await invite(control, counter.port);
  const agentFile = join(projectFolder, 'out', 'agent', 'labwatch-agent.mjs');
  const agent = spawn(process.execPath, [agentFile, 'join', code, '--home', join(folder, 'agent')], {
    stdio: 'ignore',
  });
  try {
    await pass(warmUpMs);
    const before = counter.sentBytes();
    const cost = await measureCost(agent.pid ?? Number.NaN, measuredMs);
    const bytesPerSecond = (counter.sentBytes() - before) / (measuredMs / 1_000);
    if (agent.exitCode !== null) throw new Error('the agent ended while it was measured');
    return [
      { name: 'agent: CPU at standard', value: cost.cpuPercentOfCore, unit: percentOfCore, bar: 0.6 },
      { name: 'agent: memory at standard', value: cost.pssMegabytes, unit: 'MB PSS', bar: 75 },
      { name: 'agent: sent at standard', value: bytesPerSecond, unit: 'B/s', bar: 2_000 },
    ];
  } finally {
    await end(agent);
    counter.close();
    control.dispose();
    await end(child);
  }
}

async function manyWorkers(folder: string): Promise<readonly Figure[]> {
  const { child, control } = await startHeadless(folder);
  const lab = await startLab(folder, control);
  try {
    await pass(warmUpMs);
    const cost = await measureCost(child.pid ?? Number.NaN, measuredMs);
    return [
      {
        name: `coordinator: CPU with ${WORKERS} workers at 1 s`,
        value: cost.cpuPercentOfCore,
        unit: percentOfCore,
        bar: 25,
      },
      { name: `coordinator: memory with ${WORKERS} workers`, value: cost.pssMegabytes, unit: 'MB PSS', bar: 250 },
    ];
  } finally {
    await end(lab);
    control.dispose();
    await end(child);
  }
}

/** From the reading's time, in a process of this machine, to the message in the page that carries it. */
async function inTheWindow(folder: string): Promise<readonly Figure[]> {
  const desktop = await startDesktop({ hasTray: true });
  const app = await readyApp(await runtime(), await buildIfNeeded(projectFolder, () => {}));
  const dataDir = join(folder, 'data');
  const running = await startElectron(desktop, folder, app, ['--data-dir', dataDir], {
    flags: ['--remote-debugging-port=0'],
  });
  const control = await controlOf(dataDir);
  await control.call('settings.set', { key: 'listener.port', value: 0 });
  const lab = await startLab(folder, control);
  const address = /DevTools listening on (ws:\S+)/.exec(running.stderr())?.[1] ?? '';
  const browser = await chromium.connectOverCDP(address);
  try {
    const page = browser.contexts()[0]?.pages()[0];
    if (page === undefined) throw new Error('the app has no window');
    await pass(warmUpMs);
    const ages = (await agesOfReadings(page, measuredMs)).toSorted((a, b) => a - b);
    const p99 = ages[Math.ceil(ages.length * 0.99) - 1] ?? Number.NaN;
    return [
      { name: `window: age of a reading on arrival, p99 of ${WORKERS} workers`, value: p99, unit: 'ms', bar: 400 },
      { name: `window: age of a reading on arrival, median`, value: median(ages), unit: 'ms' },
    ];
  } finally {
    await browser.close();
    await end(lab);
    control.dispose();
    await running.stop();
    await desktop.dispose();
  }
}

/** Each new reading of a worker that arrives in the page, as its age at that moment. */
async function agesOfReadings(page: Page, forMs: number): Promise<readonly number[]> {
  return page.evaluate(async (ms) => {
    const ages: number[] = [];
    const seen = new Map<string, number>();
    const stop = window.labwatch.on('fleet:patch', ({ changed }) => {
      const nowMs = Date.now();
      for (const { workerId, lastSampleAtMs, isLocal } of changed) {
        if (isLocal || lastSampleAtMs === null || seen.get(workerId) === lastSampleAtMs) continue;
        seen.set(workerId, lastSampleAtMs);
        ages.push(nowMs - lastSampleAtMs);
      }
    });
    await new Promise((resolve) => setTimeout(resolve, ms));
    stop();
    return ages;
  }, forMs);
}

async function listenerPort(control: ControlClient): Promise<number> {
  await invite(control);
  const listener = await control.call('listener', {});
  if (!listener.ok) throw new Error(listener.error.message);
  return listener.value.port;
}

/** All its workers have joined when this resolves. */
async function startLab(folder: string, control: ControlClient): Promise<ChildProcess> {
  const codes = [];
  for (let worker = 0; worker < WORKERS; worker += 1) codes.push(await invite(control));
  const file = join(folder, 'codes.json');
  writeFileSync(file, JSON.stringify(codes));
  const program = join(import.meta.dirname, 'workers', 'lab-of-agents.ts');
  const lab = spawn(process.execPath, [program, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [word] = await Promise.race([once(lab.stdout, 'data'), once(lab, 'exit')]);
  if (String(word).trim() !== 'ready') throw new Error('the made-up lab could not join');
  return lab;
}

/** Passes everything on to `port`, and counts what comes from the side that dialled. */
async function countingProxy(port: number) {
  let sentBytes = 0;
  const server = createServer((from) => {
    const to = connect(port, '127.0.0.1');
    from.on('data', (chunk) => {
      sentBytes += chunk.length;
    });
    from.pipe(to).pipe(from);
    for (const socket of [from, to]) socket.on('error', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, sentBytes: () => sentBytes, close: () => server.close() };
}
