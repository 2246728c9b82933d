import { statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runningHolder } from '../../src/app/instance-lock.ts';
import { connectControl } from '../../src/node/control-socket-client.ts';
import { systemClock } from '../../src/node/system-clock.ts';
import type { HealthReport } from '../../src/shared/control/contract.ts';
import {
  labwatch,
  labwatchCommand,
  type Running,
  startLabwatch,
  startProgram,
  temporaryFolder,
} from '../cli/process.ts';

let folder: ReturnType<typeof temporaryFolder>;
let dataDir: string;
const started: Running[] = [];

beforeEach(() => {
  folder = temporaryFolder();
  dataDir = join(folder.path, 'data');
});
afterEach(async () => {
  for (const { child, exited } of started.splice(0)) {
    child.kill('SIGKILL');
    await exited;
  }
  folder.dispose();
});

function headless(...args: string[]): Running {
  const running = startLabwatch(['headless', '--data-dir', dataDir, ...args]);
  started.push(running);
  return running;
}

async function health(): Promise<HealthReport> {
  const holder = await runningHolder(dataDir, systemClock);
  const client = await connectControl(holder?.socketPath ?? '', { patienceMs: 10_000 });
  if (!client.ok) throw new Error(client.error.message);
  const report = await client.value.call('doctor', {});
  client.value.dispose();
  if (!report.ok) throw new Error(report.error.message);
  return report.value;
}

describe('labwatch headless', () => {
  it('says what it watches and where, and ends in order on SIGTERM', async () => {
    const running = headless();
    expect(await running.saw(/\n/)).toMatch(/Labwatch \d+\.\d+\.\d+ watches \S+ at level standard; data in .*data\./);
    running.child.kill('SIGTERM');
    expect(await running.exited).toMatchObject({ code: 0, stderr: '' });
    expect(await runningHolder(dataDir, systemClock)).toBeNull();
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('ends in order when %s comes before it has started', async (signal) => {
    const running = headless('--json');
    const claimed = async () => (await runningHolder(dataDir, systemClock)) !== null;
    while (!(await claimed())) await new Promise((resolve) => setTimeout(resolve, 5));
    running.child.kill(signal);
    expect(await running.exited).toMatchObject({ code: 0, stderr: '' });
  });

  it('prints one JSON line a tick with time, worker and figures', async () => {
    const running = headless('--json', '--duration', '4s', '--level', 'detailed');
    const { code, stdout } = await running.exited;
    expect(code).toBe(0);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.length).toBeGreaterThanOrEqual(2);
    for (const line of lines) {
      expect(line).toMatchObject({ worker: expect.any(String), workerId: expect.any(String), level: 'detailed' });
      expect(line.figures.memoryUtilization).toBeGreaterThan(0);
      expect(line.figures.memoryUtilization).toBeLessThan(1);
    }
    expect(lines.at(-1).figures.cpuUtilization).toBeGreaterThanOrEqual(0);
    expect(lines.at(-1).values['system.cpu.utilization']).toBe(lines.at(-1).figures.cpuUtilization);
    const times = lines.map((line) => line.atMs);
    expect(times).toEqual([...times].sort((one, other) => one - other));
    expect(Math.abs(times[0] - Date.now())).toBeLessThan(60_000);
  });

  it('ends when nobody reads its output any more', async () => {
    const command = `${labwatchCommand(['headless', '--data-dir', dataDir, '--json']).join(' ')} | head -1`;
    const piped = startProgram(['bash', '-o', 'pipefail', '-c', command]);
    const { code, stdout } = await piped.exited;
    expect(code).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(1);
    expect(JSON.parse(stdout)).toMatchObject({ level: 'standard' });
  });

  it('says so and ends with 1 when its output cannot be written', async () => {
    const command = `${labwatchCommand(['headless', '--data-dir', dataDir, '--json']).join(' ')} > /dev/full`;
    const { code, stderr } = await startProgram(['bash', '-c', command]).exited;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^labwatch: cannot write the output .*\n$/);
  });

  it('outlives the terminal it was started from when it has none itself', async () => {
    const running = headless();
    await running.saw(/watches/);
    running.child.kill('SIGHUP');
    expect((await health()).instance.pid).toBe(running.child.pid);
  });

  it('keeps its history through kill -9, and starts again on the same folder', async () => {
    const first = headless('--json');
    await first.saw(/(.*\n){3}/);
    const before = await health();
    first.child.kill('SIGKILL');
    await first.exited;
    const second = headless('--json');
    await second.saw(/\n/);
    const after = await health();
    expect(after.workers.map(({ workerId }) => workerId)).toEqual(before.workers.map(({ workerId }) => workerId));
    expect(after.usage?.oldestSampleAtMs).toBe(before.usage?.oldestSampleAtMs);
    expect(after.usage?.oldestSampleAtMs).toBeLessThan(after.instance.sinceMs);
    expect(after.usage?.sampleCount).toBeGreaterThan(before.usage?.sampleCount ?? Number.POSITIVE_INFINITY);
  });

  it('refuses a folder that another one holds, saying who, with exit code 3', async () => {
    const first = headless();
    await first.saw(/watches/);
    const { code, stdout, stderr } = await headless().exited;
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(
      new RegExp(`^labwatch: labwatch headless \\(pid ${first.child.pid}\\) holds .* since .*labwatch stop.*\\n$`),
    );
  });

  it('lets exactly one of two win that start at the same moment', async () => {
    const both = [headless('--duration', '5s'), headless('--duration', '5s')];
    const codes = (await Promise.all(both.map(({ exited }) => exited))).map(({ code }) => code);
    expect(codes.sort()).toEqual([0, 3]);
  });

  it('overrides the stored level for one run only', async () => {
    await labwatch(['settings', 'set', 'level', 'basic', '--data-dir', dataDir]);
    await headless('--level', 'detailed', '--duration', '1s').exited;
    const { stdout } = await labwatch(['settings', 'get', 'level', '--data-dir', dataDir]);
    expect(stdout).toBe('basic\n');
  });

  it('ends at once with 1 when a signal comes while it is ending', async () => {
    const program = fileURLToPath(new URL('./slow-end.ts', import.meta.url));
    const running = startProgram([process.execPath, program]);
    await running.saw(/watching/);
    running.child.kill('SIGINT');
    await running.saw(/signal/);
    const again = setInterval(() => running.child.kill('SIGINT'), 100);
    expect(await running.exited).toMatchObject({ code: 1, signal: null });
    clearInterval(again);
  });

  it('opens its files to its own user only', async () => {
    const running = headless();
    await running.saw(/watches/);
    await health();
    expect(statSync(dataDir).mode & 0o077).toBe(0);
    expect(statSync(join(dataDir, 'control.sock')).mode & 0o777).toBe(0o600);
    expect(statSync(join(dataDir, 'logs')).mode & 0o077).toBe(0);
  });
});
