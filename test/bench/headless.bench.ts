/** `labwatch headless` at each level, storing, beside the monitors that are installed here. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Figure } from '../../scripts/benching/figure.ts';
import type { Level } from '../../src/core/metrics/level.ts';
import { measureCost, type ProcessCost } from '../support/process-cost.ts';
import { projectFolder } from '../support/source.ts';
import { installedPeers } from './peers.ts';

const warmUpMs = 10_000;
const measuredMs = 30_000;
const percentOfCore = '% of a core';

export async function bench(): Promise<readonly Figure[]> {
  const costs = new Map<Level, ProcessCost>();
  for (const level of ['basic', 'standard', 'detailed', 'intensive'] as const) costs.set(level, await costAt(level));
  const peers = await peerCosts();
  const cpu = (level: Level) => costs.get(level)?.cpuPercentOfCore ?? Number.NaN;
  const memory = (level: Level) => costs.get(level)?.pssMegabytes ?? Number.NaN;
  const peerFigures = (figure: keyof ProcessCost) =>
    Object.fromEntries(peers.map(({ name, cost }) => [name, cost[figure]]));
  return [
    { name: 'headless CPU at basic', value: cpu('basic'), unit: percentOfCore, bar: 0.3 },
    {
      name: 'headless CPU at standard',
      value: cpu('standard'),
      unit: percentOfCore,
      bar: 0.6,
      peers: peerFigures('cpuPercentOfCore'),
    },
    { name: 'headless CPU at detailed', value: cpu('detailed'), unit: percentOfCore, bar: 1.2 },
    { name: 'headless CPU at intensive', value: cpu('intensive'), unit: percentOfCore, bar: 5 },
    {
      name: 'headless memory at standard',
      value: memory('standard'),
      unit: 'MB PSS',
      bar: 110,
      peers: peerFigures('pssMegabytes'),
    },
    { name: 'headless memory at intensive', value: memory('intensive'), unit: 'MB PSS' },
  ];
}

async function costAt(level: Level): Promise<ProcessCost> {
  return inFolder(async (folder) => {
    const command = join(projectFolder, 'bin', 'labwatch.mjs');
    const args = [command, 'headless', '--level', level, '--data-dir', join(folder, 'data')];
    // Output goes nowhere, as a service's would: a line every ten seconds is part of the cost.
    const child = spawn(process.execPath, args, { stdio: 'ignore' });
    return measured(child, () => child.kill('SIGTERM'));
  });
}

async function peerCosts(): Promise<readonly { readonly name: string; readonly cost: ProcessCost }[]> {
  const costs = [];
  for (const peer of installedPeers()) {
    const cost = await inFolder(async (folder) => {
      const { child, stop } = peer.start(folder);
      return measured(child, stop);
    });
    costs.push({ name: peer.name, cost });
  }
  return costs;
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'labwatch-bench-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The cost of a running process once it has warmed up; ends it afterwards. Throws if it ended by itself. */
async function measured(child: ChildProcess, stop: () => void): Promise<ProcessCost> {
  const ended = once(child, 'exit');
  try {
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, warmUpMs))]);
    if (child.pid === undefined || child.exitCode !== null)
      throw new Error(`${child.spawnfile} ended while it was measured`);
    const cost = await measureCost(child.pid, measuredMs);
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} ended while it was measured`);
    return cost;
  } finally {
    stop();
    await ended;
  }
}
