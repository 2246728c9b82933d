/** Builds one running Labwatch out of engine and adapters, in order, and takes it down in reverse. */
import { join } from 'node:path';
import type { WorkerId } from '../core/fleet/worker.ts';
import type { Level } from '../core/metrics/level.ts';
import type { WorkerEvent } from '../core/metrics/sample.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { parseSetting, type SettingKey, type Settings } from '../core/settings/settings.ts';
import type { StorageNotice } from '../core/storage-report.ts';
import { NO_LIMITS } from '../core/tasks/terms.ts';
import { listeners } from '../engine/listeners.ts';
import { createMonitor, type Monitor } from '../engine/monitor.ts';
import type { Log, Sampler, Store, StoreOpened } from '../engine/ports.ts';
import { watchReadings } from '../engine/reading-watch.ts';
import { createThreadedSampler } from '../node/sampling/sampler.ts';
import { createThreadedStore } from '../node/storage/store.ts';
import { systemClock } from '../node/system-clock.ts';
import { systemTimers } from '../node/system-timers.ts';
import { createFleetLink } from './fleet-link.ts';
import type { Instance } from './instance.ts';
import { createLazyTasks } from './lazy-tasks.ts';

export interface ComposeOptions {
  readonly dataDir: string;
  /** Overrides the stored level for this run only. */
  readonly level?: Level;
  readonly log?: Log;
}

/** Opens the data folder, starts sampling, and answers the instance; a failure when the folder cannot be used at all. */
export async function composeInstance(options: ComposeOptions): Promise<Result<Instance>> {
  const log = options.log ?? silentLog;
  const store = createThreadedStore({ dataDir: options.dataDir, log });
  const sampler = createThreadedSampler();
  const opened = await store.open();
  if (!opened.ok) {
    await Promise.all([sampler.dispose(), store.dispose()]);
    return opened;
  }
  const { localWorker, workers, profiles, settings } = opened.value;
  const level = options.level ?? settings.level;
  const monitor = createMonitor({ workers, profiles, level, store, clock: systemClock, timers: systemTimers });
  const localWorkerId = localWorker.workerId;

  monitor.ingest(localWorkerId, eventBatch('started', `Labwatch started at level ${level}.`));
  sampler.start(level, (batch) => monitor.ingest(localWorkerId, batch));

  const parts = { dataDir: options.dataDir, localWorkerId, monitor, store, sampler, log };
  return ok(assemble(parts, { ...opened.value, settings: { ...settings, level } }));
}

interface Parts {
  readonly dataDir: string;
  readonly localWorkerId: WorkerId;
  readonly monitor: Instance['monitor'];
  readonly store: Store;
  readonly sampler: Sampler;
  readonly log: Log;
}

function assemble(parts: Parts, opened: StoreOpened): Instance {
  const { dataDir, localWorkerId, monitor, store, sampler, log } = parts;
  const settingsListeners = listeners<[Settings]>();
  const noticeListeners = listeners<[readonly StorageNotice[]]>();
  let { settings, notices } = opened;

  const noticeWatch = store.onNotices((current) => {
    notices = current;
    for (const notice of current) log.warn('Storage needs attention.', { ...notice });
    noticeListeners.tell(current);
  });

  const tasks = createLazyTasks({ make: openTasks, timers: systemTimers, log });
  monitor.setTasks(localWorkerId, NO_LIMITS);
  const candidateWatch = monitor.onCandidates(tasks.lookAgain);
  const readingWatch = watchReadings(monitor, tasks.door);
  const link = createFleetLink({
    ...{ dataDir, opened, store, monitor, tasks, log, clock: systemClock, timers: systemTimers },
    settings: () => settings,
    notices: () => notices,
  });

  async function openTasks() {
    const { makeTasks } = await import('./task-parts.ts');
    return makeTasks({
      ...{ dataDir, store, clock: systemClock, timers: systemTimers, log },
      candidates: monitor.candidates,
      localWorkerId,
      summon: link.summon,
      tellRunning: monitor.setRunning,
      tellTrouble: (id, message) => monitor.ingest(id, eventBatch('tasks-returned', message)),
      settings: () => settings,
    });
  }

  const applyLevel = (level: Level) => {
    sampler.setLevel(level);
    monitor.setLevel(localWorkerId, level);
    monitor.ingest(localWorkerId, eventBatch('level-changed', `Level changed to ${level}.`));
  };

  const changeSetting: Instance['changeSetting'] = async (key, value) => {
    const parsed = parseSetting(key, value);
    if (!parsed.ok) return parsed;
    const before = settings;
    const saved = await store.saveSetting(key, parsed.value);
    // A folder that cannot be written must not stop a person from changing the level of the running app.
    if (!saved.ok && key !== 'level') return saved;
    settings = saved.ok
      ? { ...saved.value, level: settings.level, [key]: parsed.value }
      : { ...settings, [key]: parsed.value };
    if (settings.level !== before.level) applyLevel(settings.level);
    settingsListeners.tell(settings);
    if (LISTENER_KEYS.some((one) => settings[one] !== before[one])) await link.follow();
    return ok(settings);
  };

  async function renameLocal(name: string): Promise<Result<null>> {
    const renamed = await store.renameWorker(localWorkerId, name);
    if (!renamed.ok) return renamed;
    monitor.rename(localWorkerId, renamed.value.name);
    monitor.ingest(localWorkerId, eventBatch('renamed', `This worker is called ${renamed.value.name} now.`));
    return ok(null);
  }

  /** A worker may be removed while what was said of it is written. */
  function said(workerId: WorkerId, news: Parameters<Monitor['setProfile']>[1]): Result<null> {
    if (monitor.worker(workerId) !== undefined) monitor.setProfile(workerId, news);
    return ok(null);
  }

  return {
    dataDir,
    logsDir: join(dataDir, 'logs'),
    localWorkerId,
    monitor,
    store,
    tasks,
    settings: () => settings,
    changeSetting,
    async setLevel(workerId, level) {
      if (workerId !== localWorkerId) return link.setLevel(workerId, level);
      const changed = await changeSetting('level', level);
      return changed.ok ? ok(null) : changed;
    },
    async refreshInventory(workerId) {
      if (workerId !== localWorkerId) return link.refreshInventory(workerId);
      sampler.refreshInventory();
      return ok(null);
    },
    async updateAgent(workerId) {
      if (workerId !== localWorkerId) return link.updateAgent(workerId);
      return fail('invalid-argument', 'This machine runs Labwatch itself: there is no agent to update.');
    },
    watchProcesses: (workerId) => link.watchProcesses(workerId === localWorkerId ? null : workerId),
    invite: link.invite,
    dialWorker: link.dial,
    renameWorker: (workerId, name) => (workerId === localWorkerId ? renameLocal(name) : link.rename(workerId, name)),
    async labelWorker(workerId, changes) {
      const labels = await store.changeLabels(workerId, changes);
      return labels.ok ? said(workerId, { labels: labels.value }) : labels;
    },
    async setPrice(workerId, pricePerHour) {
      const saved = await store.savePrice(workerId, pricePerHour);
      return saved.ok ? said(workerId, { pricePerHour }) : saved;
    },
    async removeWorker(workerId) {
      if (workerId !== localWorkerId) return link.remove(workerId);
      return fail('invalid-argument', 'The machine that Labwatch runs on stays a worker; only others can be removed.');
    },
    setAdmission: link.setAdmission,
    listener: link.listener,
    onListener: link.onListener,
    notices: () => notices,
    onSettings: settingsListeners.add,
    onNotices: noticeListeners.add,
    async dispose() {
      candidateWatch.dispose();
      readingWatch.dispose();
      await link.dispose();
      await tasks.dispose();
      await sampler.dispose();
      monitor.ingest(localWorkerId, eventBatch('stopped', 'Labwatch stopped.'));
      monitor.dispose();
      noticeWatch.dispose();
      await store.dispose();
    },
  };
}

function eventBatch(kind: WorkerEvent['kind'], message: string) {
  return { events: [{ atMs: systemClock.nowMs(), kind, message }] };
}

/** Settings that move the listener. */
const LISTENER_KEYS: readonly SettingKey[] = ['listener.address', 'listener.port'];

const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} };
