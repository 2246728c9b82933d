import { describe, expect, it } from 'vitest';
import { statusLines } from '../../src/cli/status-table.ts';
import { workersLines } from '../../src/cli/workers-table.ts';
import { SIMULATED } from '../../src/core/fleet/capabilities.ts';
import type { ListenerView } from '../../src/core/fleet/listener.ts';
import { type WorkerView, workerId } from '../../src/core/fleet/worker.ts';

const NOW_MS = new Date(2026, 2, 3, 10, 5, 30).getTime();

function remoteWorker(changes: Partial<WorkerView> = {}): WorkerView {
  return {
    workerId: workerId('6f1c2f0e-5a0d-4c1f-9d39-3d6f3f6f9a02'),
    name: 'rig-03',
    isLocal: false,
    link: 'online',
    awaySinceMs: null,
    level: 'standard',
    lastSampleAtMs: null,
    figures: {
      cpuUtilization: null,
      memoryUtilization: null,
      gpuUtilization: null,
      diskUtilization: null,
      memoryUsedBytes: null,
      memoryLimitBytes: null,
      temperatureCelsius: null,
      powerWatts: null,
      load1: null,
      uptimeSeconds: null,
    },
    cpuSparkline: [],
    headline: null,
    capabilities: [],
    inventoryAtMs: null,
    labels: {},
    pricePerHour: null,
    collectors: [],
    runsTasks: true,
    admission: 'open',
    runningTasks: [],
    runningTaskCount: 0,
    remote: {
      agentVersion: '0.1.0',
      address: '192.168.1.20',
      platform: 'linux x64',
      pairedAtMs: 0,
      dialledAt: null,
      keyFingerprint: '',
      runsTasks: true,
      taskTerms: null,
      clockDifferenceMs: -1_500,
      spooledBytes: 0,
      lostTicks: 0,
      isUpdating: false,
    },
    ...changes,
  };
}

function statusOf(...workers: readonly WorkerView[]) {
  const instance = { kind: 'app', version: '1.2.3', pid: 1, sinceMs: 0, dataDir: '/data' } as const;
  return { instance, nowMs: NOW_MS, workers, notices: [] };
}

const LISTENING: ListenerView = {
  state: 'listening',
  address: 'fd00::7',
  port: 7461,
  reason: null,
  isLoopbackOnly: false,
  interfaces: [],
  firewallHint: null,
};

describe('the tables of workers', () => {
  it.each(['unreachable', 'lost'] as const)('say since when a worker is %s', (link) => {
    const worker = remoteWorker({ link, awaySinceMs: NOW_MS - 330_000 });
    const sentence = `▲ rig-03: ${link} since 2026-03-03 10:00:00, for 5 min 30 s`;
    expect(statusLines(statusOf(worker))).toContain(sentence);
    expect(workersLines(statusOf(worker), LISTENING)).toContain(sentence);
  });

  it('say what is still to come of a worker’s past, what was lost, and how far its clock is off', () => {
    const { remote } = remoteWorker();
    if (remote === null) throw new Error('It is a remote worker.');
    const lines = workersLines(
      statusOf(remoteWorker({ remote: { ...remote, spooledBytes: 3 * 2 ** 20, lostTicks: 1_200 } })),
      LISTENING,
    );
    expect(lines.filter((line) => line.startsWith('▲'))).toEqual([
      '▲ rig-03: 3 MiB of its past are still to come',
      '▲ rig-03: 1 200 ticks lost, because its store for times without a link was full',
    ]);
    expect(lines[1]).toMatch(/^online {2}rig-03 .* 192\.168\.1\.20 {2}0\.1\.0 {2}linux x64 {2}none {2,}-1 s /);
    expect(lines.at(-1)).toBe('Workers come in at [fd00::7]:7461.');
  });

  it('say what runs on a worker, and whether it takes more', () => {
    const worker = remoteWorker({ admission: 'draining', runningTasks: ['unit', 'bench'], runningTaskCount: 4 });
    expect(statusLines(statusOf(worker))).toContain(
      '● rig-03 runs “unit”, “bench” and 2 more; is draining: it takes no new tasks.',
    );
    expect(workersLines(statusOf(worker), LISTENING)[1]).toContain('  draining, 4 running  ');
    expect(workersLines(statusOf(remoteWorker({ runsTasks: false })), LISTENING)[1]).toContain('  only watched  ');
  });

  it('say whose hardware is made up', () => {
    const worker = remoteWorker({ capabilities: [SIMULATED] });
    for (const lines of [statusLines(statusOf(worker)), workersLines(statusOf(worker), LISTENING)]) {
      expect(lines.join('\n')).toContain('  rig-03 (simulated)  ');
    }
  });

  it('print nothing that a terminal would obey, whatever a worker says of itself', () => {
    const { remote } = remoteWorker();
    if (remote === null) throw new Error('It is a remote worker.');
    const hostile = 'x\u001b]0;owned\u0007\u202e\n';
    const worker = remoteWorker({
      name: hostile,
      runningTasks: [hostile],
      runningTaskCount: 1,
      link: 'lost',
      awaySinceMs: 0,
      remote: { ...remote, platform: hostile, agentVersion: hostile, address: hostile, lostTicks: 1 },
    });
    for (const line of [...statusLines(statusOf(worker)), ...workersLines(statusOf(worker), LISTENING)]) {
      expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }
  });

  it('say why no worker can come in', () => {
    const failed: ListenerView = { ...LISTENING, state: 'failed', reason: 'Another program listens on port 7461.' };
    expect(workersLines(statusOf(), failed).at(-1)).toBe(
      '▲ No worker can come in: Another program listens on port 7461.',
    );
  });
});
