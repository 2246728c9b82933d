/** A small instance for tests of what talks to one: the real monitor over a store and sampler that only take notes. */
import type { Instance } from '../../src/app/instance.ts';
import { changeLabels } from '../../src/core/fleet/labels.ts';
import type { ListenerView } from '../../src/core/fleet/listener.ts';
import { workerId } from '../../src/core/fleet/worker.ts';
import { seriesKey } from '../../src/core/metrics/series.ts';
import { fail, ok } from '../../src/core/result.ts';
import { DEFAULT_SETTINGS, parseSetting, type Settings } from '../../src/core/settings/settings.ts';
import { listeners } from '../../src/engine/listeners.ts';
import { createMonitor } from '../../src/engine/monitor.ts';
import type { EnrolledWorker, Store } from '../../src/engine/ports.ts';
import type { TaskService } from '../../src/engine/tasks/contract.ts';
import { systemClock } from '../../src/node/system-clock.ts';
import { systemTimers } from '../../src/node/system-timers.ts';

export const LOCAL = workerId('6f1c2f0e-5a0d-4c1f-9d39-3d6f3f6f9a01');
export const REMOTE = workerId('6f1c2f0e-5a0d-4c1f-9d39-3d6f3f6f9a02');

/** A remote worker, for `monitor.enrol`. */
export const AWAY: EnrolledWorker = {
  workerId: REMOTE,
  name: 'rig-03',
  isLocal: false,
  admission: 'open',
  remote: {
    publicKey: 'bm90IGEga2V5',
    pairedAtMs: 1_700_000_000_000,
    level: 'basic',
    lastSeen: {
      atMs: 1_700_000_100_000,
      address: '192.168.1.20',
      agentVersion: '0.1.0',
      platform: 'linux x64',
      runsTasks: false,
    },
    dialledAt: null,
  },
};

const RESTING: ListenerView = {
  state: 'resting',
  address: '127.0.0.1',
  port: 7461,
  reason: null,
  isLoopbackOnly: true,
  interfaces: [],
  firewallHint: null,
};

/** For tests about anything else. */
const noTasks = {} as TaskService;

export interface TestInstance extends Instance {
  /** Delivers one tick of the local worker. */
  tick(cpuUtilization: number): void;
}

export function testInstance(dataDir: string, name = 'bench-desk', tasks = noTasks): TestInstance {
  let settings: Settings = DEFAULT_SETTINGS;
  const settingsListeners = listeners<[Settings]>();
  const store = {
    append: () => undefined,
    usage: async () => fail('storage', 'This store keeps nothing.'),
  } as unknown as Store;
  const monitor = createMonitor({
    workers: [{ workerId: LOCAL, name, isLocal: true, admission: 'open', remote: null }],
    level: settings.level,
    store,
    clock: systemClock,
    timers: systemTimers,
  });
  return {
    dataDir,
    logsDir: `${dataDir}/logs`,
    localWorkerId: LOCAL,
    monitor,
    store,
    tasks,
    settings: () => settings,
    async changeSetting(key, value) {
      const parsed = parseSetting(key, value);
      if (!parsed.ok) return parsed;
      settings = { ...settings, [key]: parsed.value };
      if (key === 'level') monitor.setLevel(LOCAL, settings.level);
      settingsListeners.tell(settings);
      return ok(settings);
    },
    async setLevel(worker, level) {
      monitor.setLevel(worker, level);
      return ok(null);
    },
    refreshInventory: async () => ok(null),
    updateAgent: async () => ok(null),
    watchProcesses: () => undefined,
    invite: async () => fail('storage', 'Nobody can be invited to a test.'),
    dialWorker: async () => fail('storage', 'Nobody can be dialled from a test.'),
    async renameWorker(worker, newName) {
      monitor.rename(worker, newName);
      return ok(null);
    },
    async labelWorker(worker, changes) {
      const labels = changeLabels(monitor.worker(worker)?.labels ?? {}, changes);
      if (!labels.ok) return labels;
      monitor.setProfile(worker, { labels: labels.value });
      return ok(null);
    },
    async setPrice(worker, pricePerHour) {
      monitor.setProfile(worker, { pricePerHour });
      return ok(null);
    },
    async setAdmission(worker, admission) {
      monitor.setAdmission(worker, admission);
      return ok(null);
    },
    async removeWorker(worker) {
      if (worker === LOCAL) return fail('invalid-argument', 'The local worker stays.');
      monitor.forget(worker);
      return ok(null);
    },
    listener: () => RESTING,
    onListener: () => ({ dispose: () => undefined }),
    notices: () => [],
    onSettings: settingsListeners.add,
    onNotices: () => ({ dispose: () => undefined }),
    tick(cpuUtilization) {
      const tick = {
        atMs: systemClock.nowMs(),
        seriesKeys: [seriesKey('system.cpu.utilization')],
        values: Float64Array.of(cpuUtilization),
      };
      monitor.ingest(LOCAL, { ticks: [tick] });
    },
    dispose: () => monitor.dispose(),
  };
}
