/** A small instance for tests of what talks to one: the real monitor over a store and sampler that only take notes. */
import type { Instance } from '../../src/app/instance.ts';
import { workerId } from '../../src/core/fleet/worker.ts';
import type { Level } from '../../src/core/metrics/level.ts';
import { seriesKey } from '../../src/core/metrics/series.ts';
import { fail, ok } from '../../src/core/result.ts';
import { DEFAULT_SETTINGS, parseSetting, type Settings } from '../../src/core/settings/settings.ts';
import { listeners } from '../../src/engine/listeners.ts';
import { createMonitor } from '../../src/engine/monitor.ts';
import type { Store } from '../../src/engine/ports.ts';
import { systemClock } from '../../src/node/system-clock.ts';
import { systemTimers } from '../../src/node/system-timers.ts';

export const LOCAL = workerId('6f1c2f0e-5a0d-4c1f-9d39-3d6f3f6f9a01');

export interface TestInstance extends Instance {
  /** Delivers one tick of the local worker. */
  tick(cpuUtilization: number): void;
}

export function testInstance(dataDir: string, name = 'bench-desk'): TestInstance {
  let settings: Settings = DEFAULT_SETTINGS;
  const settingsListeners = listeners<[Settings]>();
  const store = {
    append: () => undefined,
    usage: async () => fail('storage', 'This store keeps nothing.'),
  } as unknown as Store;
  const monitor = createMonitor({
    workers: [{ workerId: LOCAL, name, isLocal: true }],
    level: settings.level,
    store,
    clock: systemClock,
    timers: systemTimers,
  });
  const change = (level: Level) => monitor.setLevel(LOCAL, level);
  return {
    dataDir,
    logsDir: `${dataDir}/logs`,
    localWorkerId: LOCAL,
    monitor,
    store,
    settings: () => settings,
    async changeSetting(key, value) {
      const parsed = parseSetting(key, value);
      if (!parsed.ok) return parsed;
      settings = { ...settings, [key]: parsed.value };
      if (key === 'level') change(settings.level);
      settingsListeners.tell(settings);
      return ok(settings);
    },
    async setLevel(worker, level) {
      if (worker !== LOCAL) return fail('not-found', 'No worker with this id is enrolled.');
      change(level);
      return ok(null);
    },
    refreshInventory: () => ok(null),
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
