/** A whole fake app behind the bridge's contract, deterministic but for the clock, with handles for tests to pull. */
import { changeLabels } from '../../../src/core/fleet/labels.ts';
import type { RemoteView, WorkerId } from '../../../src/core/fleet/worker.ts';
import { parseWorkerName } from '../../../src/core/fleet/worker-name.ts';
import { TICK_INTERVAL_MS } from '../../../src/core/metrics/level.ts';
import { fail, ok, type Result } from '../../../src/core/result.ts';
import { DEFAULT_SETTINGS, isSettingKey, parseSetting, type Settings } from '../../../src/core/settings/settings.ts';
import type { StorageNotice, StorageUsage } from '../../../src/core/storage-report.ts';
import { DAY_MS } from '../../../src/core/time.ts';
import type { Calls, LabwatchBridge, Pushes, UiState } from '../../../src/shared/ipc/contract.ts';
import { createFakeListener } from './listener.ts';
import { inventoryOf, machineAt, PLAIN_MACHINE } from './machines.ts';
import type { Scenario } from './scenario.ts';
import { createFakeTasks, type FakeTasks } from './tasks.ts';
import { createFakeWorker, type FakeWorker } from './worker.ts';

type Handlers = {
  readonly [Name in keyof Calls]: (...args: Parameters<Calls[Name]>) => Result<ReturnType<Calls[Name]>>;
};

/** What a test may do to the lab from outside, as `window.fakeLab`. */
export interface FakeLab {
  readonly bridge: LabwatchBridge;
  /** Every call so far, oldest first. */
  readonly calls: readonly { readonly name: keyof Calls; readonly args: readonly unknown[] }[];
  /** One tick of all workers, dated now; `due`: only of those whose level wants one by now. */
  step(which?: 'all' | 'due'): void;
  /** Lets failing and hanging calls answer again. */
  mend(): void;
  setLink(index: number, link: FakeWorker['link'], ageMs: number): void;
  setRemote(index: number, part: Partial<RemoteView>): void;
  /** One more machine, as if somebody had pasted the command there. */
  join(name: string): void;
  /** The listener says something else from now on. */
  setListener(part: Scenario['listener']): void;
  /** Loses one patch, as if it never arrived. */
  losePatch(): void;
  raise(notices: readonly StorageNotice[]): void;
  push<Name extends keyof Pushes>(name: Name, payload: Pushes[Name]): void;
  uiState(): UiState;
  settings(): Settings;
  readonly tasks: FakeTasks;
}

/** As the package says; agents of another one can be updated. */
const APP_VERSION = '0.1.0';

export function createFakeLab(scenario: Scenario, now: () => number): FakeLab {
  const startedAtMs = now();
  const machineFor = (index: number) => {
    if (index === 0 && scenario.isPlainMachine) return PLAIN_MACHINE;
    const machine = machineAt(index);
    const isSimulated = index === 3 && scenario.isSimulated;
    return isSimulated ? { ...machine, isSimulated, headline: `${machine.headline} · simulated` } : machine;
  };
  const workers = Array.from({ length: scenario.workerCount }, (_, index) =>
    createFakeWorker({
      index,
      machine: machineFor(index),
      seed: scenario.seed,
      isHostile: scenario.hasHostileNames && index < 2,
      hasHistory: scenario.hasHistory,
      nowMs: startedAtMs,
      pairedAtMs: startedAtMs - 12 * DAY_MS,
    }),
  );
  let made = workers.length;
  const listeners = new Map<string, Set<(payload: never) => void>>();
  const calls: { name: keyof Calls; args: unknown[] }[] = [];
  const waiting: (() => void)[] = [];
  let isMended = false;
  let revision = 1;
  let watched: WorkerId | null = null;
  let settings: Settings = { ...DEFAULT_SETTINGS, ...scenario.settings };
  let uiState: UiState = scenario.uiState;
  let notices = scenario.notices;
  let processCountdown = 0;

  const push = <Name extends keyof Pushes>(name: Name, payload: Pushes[Name]) => {
    for (const listener of listeners.get(name) ?? []) listener(payload as never);
  };
  const withWorker = <Value>(id: WorkerId, use: (worker: FakeWorker) => Value): Result<Value> => {
    const worker = workers.find(({ workerId }) => workerId === id);
    return worker === undefined ? fail('not-found', 'There is no such worker.') : ok(use(worker));
  };
  const patch = (changed: readonly FakeWorker[], removed: readonly WorkerId[] = []) => {
    revision += 1;
    push('fleet:patch', { revision, changed: changed.map((worker) => worker.view()), removed });
  };
  const removed = new Map<WorkerId, string>();
  const tasks = createFakeTasks({
    scenario,
    now,
    removed: () => removed,
    workerIds: workers.map(({ workerId }) => workerId),
    push,
    onRunning: (names) => {
      const changed = workers.filter((worker) => {
        const next = names.get(worker.workerId) ?? [];
        const isSame = next.join('\n') === worker.runningTasks.join('\n');
        worker.runningTasks = next;
        return !isSame;
      });
      if (changed.length > 0) patch(changed);
    },
  });
  const listener = createFakeListener({
    scenario,
    now,
    settings: () => settings,
    onChange: (view) => push('listener:changed', view),
  });

  const handlers: Handlers = {
    'app:info': () =>
      ok({
        version: APP_VERSION,
        runtime: { electron: '33.2.1', chromium: '130.0.6723.118', node: '20.18.1' },
        dataDir: '/home/lab/.local/share/labwatch',
        logsDir: '/home/lab/.local/share/labwatch/logs',
        localWorkerId: workers[0]?.workerId ?? ('none' as WorkerId),
        hasTray: true,
        notices,
      }),
    'app:open': () => ok(null),
    'app:painted': () => ok(null),
    'fleet:snapshot': () => ok({ revision, workers: workers.map((worker) => worker.view()) }),
    'worker:watch': (id) => {
      watched = id;
      return ok(null);
    },
    'worker:history': (request) =>
      withWorker(request.workerId, (worker) => ({ workerId: request.workerId, series: worker.history(request) })),
    'worker:series': (id) => withWorker(id, (worker) => worker.series()),
    'worker:processes': (id, atMs) => withWorker(id, (worker) => worker.processes(atMs ?? now())),
    'worker:inventory': (id) => withWorker(id, (worker) => inventoryOf(worker.machine, startedAtMs)),
    'worker:refresh-inventory': (id) =>
      withWorker(id, (worker) => {
        worker.inventoryAtMs = now();
        patch([worker]);
        return null;
      }),
    'worker:label': (id, changes) => {
      const worker = workers.find(({ workerId }) => workerId === id);
      if (worker === undefined) return fail('not-found', 'There is no such worker.');
      const labels = changeLabels(worker.labels, changes);
      if (!labels.ok) return labels;
      worker.labels = labels.value;
      patch([worker]);
      return ok(null);
    },
    'worker:set-price': (id, pricePerHour) =>
      withWorker(id, (worker) => {
        worker.pricePerHour = pricePerHour;
        patch([worker]);
        return null;
      }),
    'worker:events': (id, fromMs, toMs) => withWorker(id, (worker) => worker.events(fromMs, toMs)),
    'worker:set-level': (id, level) =>
      withWorker(id, (worker) => {
        worker.level = level;
        if (id === workers[0]?.workerId) settings = { ...settings, level };
        push('settings:changed', settings);
        patch([worker]);
        return null;
      }),
    'workers:invite': () => listener.invite(),
    'workers:dial': (code) => {
      if (!code.startsWith('LWL1-')) return fail('invalid-argument', 'This is not the code of a machine that waits.');
      const worker = newcomer('rig-far');
      if (worker.remote !== null) worker.remote = { ...worker.remote, dialledAt: '10.0.9.7:7462' };
      patch([worker]);
      return ok(worker.workerId);
    },
    'worker:rename': (id, wish) => {
      const worker = workers.find(({ workerId }) => workerId === id);
      const name = parseWorkerName(wish);
      if (worker === undefined) return fail('not-found', 'There is no such worker.');
      if (!name.ok) return name;
      if (workers.some((other) => other !== worker && other.name === name.value)) {
        return fail('invalid-argument', `Another worker is called ${name.value}. Choose another name.`);
      }
      worker.name = name.value;
      patch([worker]);
      return ok(null);
    },
    'worker:remove': (id) => {
      const index = workers.findIndex(({ workerId, remote }) => workerId === id && remote !== null);
      if (index < 0) return fail('not-found', 'There is no such worker on another machine.');
      for (const worker of workers.splice(index, 1)) removed.set(id, worker.name);
      patch([], [id]);
      return ok(null);
    },
    'worker:update-agent': (id) =>
      withWorker(id, (worker) => {
        if (worker.remote !== null) worker.remote = { ...worker.remote, agentVersion: APP_VERSION };
        patch([worker]);
        return null;
      }),
    'worker:set-admission': (id, admission) =>
      withWorker(id, (worker) => {
        worker.admission = admission;
        patch([worker]);
        return null;
      }),
    ...tasks.handlers,
    'listener:get': () => ok(listener.view()),
    'settings:get': () => ok(settings),
    'settings:set': (key, value) => {
      if (!isSettingKey(key)) return fail('invalid-argument', 'There is no such setting.');
      const parsed = parseSetting(key, value);
      if (!parsed.ok) return parsed;
      settings = { ...settings, [key]: parsed.value };
      push('settings:changed', settings);
      if (key.startsWith('listener.')) listener.follow();
      return ok(settings);
    },
    'storage:usage': () => ok({ ...usageOf(workers.length, startedAtMs), ...scenario.usage }),
    'ui-state:get': () => ok(uiState),
    'ui-state:set': (next) => {
      uiState = next;
      return ok(null);
    },
  };

  const answer = (name: keyof Calls, args: unknown[]): Result<unknown> => {
    if (scenario.failing.includes(name) && !isMended) {
      return fail('storage', 'The store does not answer: the disk is full. Free some space, then try again.');
    }
    return (handlers[name] as (...values: unknown[]) => Result<unknown>)(...args);
  };

  function newcomer(name: string): FakeWorker {
    const worker = createFakeWorker({
      index: made,
      machine: machineFor(made),
      seed: scenario.seed,
      isHostile: false,
      hasHistory: false,
      nowMs: now(),
      pairedAtMs: now(),
    });
    worker.name = name;
    made += 1;
    workers.push(worker);
    return worker;
  }

  return {
    calls,
    bridge: {
      async call(name, ...args) {
        calls.push({ name, args });
        if (scenario.hanging.includes(name) && !isMended) await new Promise<void>((resolve) => waiting.push(resolve));
        // A structured clone, as between the processes: nothing of the lab's own objects reaches the window.
        return structuredClone(answer(name, args)) as never;
      },
      on(name, listener) {
        const set = listeners.get(name) ?? new Set();
        listeners.set(name, set);
        set.add(listener as (payload: never) => void);
        return () => set.delete(listener as (payload: never) => void);
      },
      pathOf: (file) => `/home/lab/plans/${file.name}`,
    },
    step(which = 'all') {
      const atMs = now();
      const reporting = workers.filter((worker) => worker.link === 'online');
      for (const worker of reporting) {
        const isDue = atMs - worker.lastSampleAtMs >= TICK_INTERVAL_MS[worker.level] * 0.5;
        if (which === 'due' && !isDue) continue;
        const tick = worker.tick(atMs);
        if (worker.workerId === watched) push('worker:ticks', { workerId: watched, ticks: [tick] });
      }
      const subject = reporting.find(({ workerId }) => workerId === watched);
      processCountdown -= 1;
      if (subject !== undefined && processCountdown <= 0) {
        processCountdown = 5;
        push('worker:process-snapshot', { workerId: subject.workerId, snapshot: subject.processes(atMs) });
      }
      if (reporting.length > 0) patch(reporting);
      tasks.step();
    },
    mend() {
      isMended = true;
      for (const resolve of waiting.splice(0)) resolve();
    },
    setLink(index, link, ageMs) {
      const worker = workers[index];
      if (worker === undefined) throw new Error(`No worker ${index}`);
      worker.link = link;
      worker.lastSampleAtMs = now() - ageMs;
      worker.awaySinceMs = link === 'unreachable' || link === 'lost' ? now() - ageMs : null;
      patch([worker]);
    },
    setRemote(index, part) {
      const worker = workers[index];
      if (worker?.remote == null) throw new Error(`No remote worker ${index}`);
      worker.remote = { ...worker.remote, ...part };
      patch([worker]);
    },
    join: (name) => patch([newcomer(name)]),
    setListener: listener.say,
    losePatch() {
      revision += 1;
    },
    raise(next) {
      notices = next;
      push('storage:notices', next);
    },
    push,
    uiState: () => uiState,
    settings: () => settings,
    tasks,
  };
}

function usageOf(workerCount: number, nowMs: number): StorageUsage {
  return {
    metricsBytes: 214e6 * Math.max(1, workerCount),
    fleetBytes: 1.2e6,
    freeBytes: 381e9,
    sampleCount: 34_600_000,
    seriesCount: 42 * workerCount,
    oldestSampleAtMs: nowMs - 12 * DAY_MS,
    projectedBytes: 640e6 * Math.max(1, workerCount),
  };
}
