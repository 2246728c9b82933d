import { describe, expect, it } from 'vitest';
import { type HeadlessModel, headlessView } from '../../src/app/headless-view.ts';
import { columnsOf, renderLine } from '../../src/app/terminal-text.ts';
import { type WorkerView, workerId } from '../../src/core/fleet/worker.ts';
import type { ProcessSample } from '../../src/core/metrics/sample.ts';

const GIB = 2 ** 30;

function worker(changes: Partial<WorkerView> = {}): WorkerView {
  return {
    workerId: workerId('6f1c2f0e-5a0d-4c1f-9d39-3d6f3f6f9a01'),
    name: 'bench-desk',
    isLocal: true,
    link: 'online',
    awaySinceMs: null,
    remote: null,
    level: 'standard',
    lastSampleAtMs: 0,
    figures: {
      cpuUtilization: 0.25,
      memoryUtilization: 0.5,
      gpuUtilization: null,
      diskUtilization: 0.75,
      memoryUsedBytes: 8 * GIB,
      memoryLimitBytes: 16 * GIB,
      temperatureCelsius: 51,
      powerWatts: null,
      load1: 0.42,
      uptimeSeconds: 4_000,
    },
    cpuSparkline: [...new Array(58).fill(null), 0, 1],
    headline: '8 cores',
    capabilities: [],
    inventoryAtMs: null,
    labels: {},
    pricePerHour: null,
    collectors: [],
    runsTasks: false,
    admission: 'open',
    runningTasks: [],
    runningTaskCount: 0,
    ...changes,
  };
}

function processOf(pid: number, command: string): ProcessSample {
  return {
    pid,
    name: 'python',
    user: 'ada',
    command,
    cpuCores: 1.5,
    memoryBytes: GIB,
    threadCount: null,
    readBytesPerSecond: null,
    writeBytesPerSecond: null,
    gpuMemoryBytes: null,
  };
}

function model(changes: Partial<HeadlessModel> = {}): HeadlessModel {
  return {
    version: '1.2.3',
    dataDir: '/srv/labwatch',
    clockText: '14:03:20',
    worker: worker(),
    processes: { atMs: 0, processCount: 1, processes: [processOf(4321, 'python train.py\u001b[2J')] },
    notices: [],
    hasKeys: true,
    ...changes,
  };
}

function rendered(shown: HeadlessModel, columns = 100, rows = 24): string[] {
  const look = { columns, hasColour: false, hasUnicode: true };
  return headlessView(shown, columns, rows).map((line) => renderLine(line, look).trimEnd());
}

describe('the live view of labwatch headless', () => {
  it('shows state, level, meters, facts, processes and keys', () => {
    const lines = rendered(model());
    expect(lines[0]).toBe('Labwatch 1.2.3  bench-desk  ● online  standard, every 1 s  8 cores  14:03:20');
    expect(lines[2]).toMatch(/^CPU {5}█{10}░{30} {3}25 %$/);
    expect(lines.join('\n')).toContain('50 %  8 of 16 GiB');
    expect(lines.join('\n')).toContain('load 0.42 · up 1 h 6 min · 51 °C');
    expect(lines.find((line) => line.includes('train.py'))).toMatch(
      /^ +4321 +150 % +1 GiB {2}ada +python train\.py\?\[2J$/,
    );
    expect(lines.at(-1)).toBe('q quit   l level   /srv/labwatch');
  });

  it('shows a gap as a gap, and no reading as none', () => {
    const figures = { ...worker().figures, cpuUtilization: null };
    const lines = rendered(model({ worker: worker({ figures }) }));
    expect(lines[3]).toMatch(/^60 s {4} {58}▁█$/);
    expect(lines[2]).toMatch(/^CPU {5}░{40} {6}–$/);
  });

  it('names what is in trouble and what mends it, and is silent on hardware that is not there', () => {
    const status = { sinceMs: 0, skippedTicks: 0 };
    const collectors = [
      { ...status, collector: 'rapl', state: 'no permission', reason: 'energy_uj is root’s', remedy: 'sudo chmod …' },
      { ...status, collector: 'nvidia', state: 'unsupported', reason: 'no NVIDIA GPU', remedy: null },
    ] as const;
    const text = rendered(model({ worker: worker({ collectors }), notices: ['Nothing can be stored.'] })).join('\n');
    expect(text).toContain('▲ rapl: no permission  energy_uj is root’s  sudo chmod …');
    expect(text).toContain('▲ Nothing can be stored.');
    expect(text).not.toContain('nvidia');
  });

  it.each([
    [20, 5],
    [40, 10],
    [80, 24],
    [250, 80],
  ])('fits a terminal of %i × %i', (columns, rows) => {
    const many = Array.from({ length: 100 }, (_, pid) => processOf(pid, 'x'.repeat(500)));
    const lines = rendered(model({ processes: { atMs: 0, processCount: 100, processes: many } }), columns, rows);
    expect(lines).toHaveLength(rows);
    for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(columns);
    expect(lines.at(-1)).toMatch(/^q quit/);
  });
});
