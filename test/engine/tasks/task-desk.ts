/** A task service over a real fleet.db and files in memory, with workers whose agents a test links, cuts and drives. */
import { randomBytes } from 'node:crypto';
import { type WorkerId, workerId } from '../../../src/core/fleet/worker.ts';
import { fail, type Result } from '../../../src/core/result.ts';
import type { FleetCandidate } from '../../../src/core/scheduling/place.ts';
import { DEFAULT_SETTINGS } from '../../../src/core/settings/settings.ts';
import { weighingOf } from '../../../src/core/settings/weighing.ts';
import type { TaskPatch } from '../../../src/core/tasks/view.ts';
import type { TaskStore } from '../../../src/engine/ports.ts';
import type { TaskService } from '../../../src/engine/tasks/contract.ts';
import { createPolicy } from '../../../src/engine/tasks/policy.ts';
import { createTaskService } from '../../../src/engine/tasks/service.ts';
import { openStorage } from '../../node/storage/storage-fixture.ts';
import { fakeTime } from '../fake-time.ts';
import { settle } from '../memory-link.ts';
import { type FakeAgent, fakeAgent } from './fake-agent.ts';
import { memoryFiles } from './memory-files.ts';

export type TaskDesk = Awaited<ReturnType<typeof taskDesk>>;

/** `workers`: how many cores each has. */
export async function taskDesk(workers: Readonly<Record<string, number>> = { rig: 2 }) {
  const time = fakeTime();
  const { storage } = openStorage();
  const files = memoryFiles();
  const agents = new Map<string, FakeAgent>();
  const summoned: WorkerId[] = [];
  const running = new Map<WorkerId, readonly string[]>();
  const logged: string[] = [];
  const troubles: string[] = [];
  const enrolled = new Set(Object.keys(workers));
  let refusal: Result<never> | null = null;
  let writes = 0;
  let life = 0;

  for (const name of Object.keys(workers)) agents.set(name, fakeAgent(workerId(name), time.clock.nowMs));

  const store: TaskStore = {
    async saveTasks(changed) {
      const itsLife = life;
      writes += 1;
      // A crash comes before the disk has it as often as after.
      const early = writes % 2 === 0 ? (refusal ?? storage.saveTasks(changed)) : null;
      await new Promise((resolve) => void setImmediate(resolve));
      if (itsLife !== life) return new Promise(() => {});
      return early ?? refusal ?? storage.saveTasks(changed);
    },
    openTasks: async () => storage.openTasks(),
    runRecords: async (ids) => storage.runRecords(ids),
    runRecordsOf: async (ids) => storage.runRecordsOf(ids),
    endedAttempts: async (limit) => storage.endedAttempts(limit),
    findTaskIds: async (start) => storage.findTaskIds(start),
    findRunIds: async (start) => storage.findRunIds(start),
    tasks: async (query) => storage.tasks(query),
    attemptsBetween: async (query) => storage.attemptsBetween(query),
    runs: async (limit) => storage.runs(limit),
    lastTaskSequence: async () => storage.lastTaskSequence(),
    forgetTasksBefore: async (atMs) => storage.forgetTasksBefore(atMs),
  };

  function candidates(): readonly FleetCandidate[] {
    return [...enrolled].map((name) => ({
      workerId: workerId(name),
      name,
      isReachable: agents.get(name)?.isLinked() ?? false,
      isFresh: true,
      runsTasks: true,
      admission: 'open',
      capabilities: [],
      labels: {},
      allowedPrograms: null,
      maxParallel: null,
      capacity: { cores: workers[name] ?? null, memoryBytes: 2 ** 34, gpus: [] },
      pricePerHour: null,
    }));
  }

  async function start(): Promise<TaskService> {
    const policy = createPolicy({ weighing: () => weighingOf(DEFAULT_SETTINGS), clock: time.clock });
    const service = await createTaskService({
      ...{ store, files, policy, candidates, clock: time.clock, timers: time.timers },
      localWorkerId: 'here' as WorkerId,
      summon: (id) => void summoned.push(id),
      tellRunning: (id, names) => void running.set(id, names),
      tellTrouble: (id, message) => void troubles.push(`${id}: ${message}`),
      settings: () => DEFAULT_SETTINGS,
      random: (count) => new Uint8Array(randomBytes(count)),
      log: {
        info: (message) => void logged.push(message),
        warn: (message) => void logged.push(message),
        error: (message) => void logged.push(message),
      },
    });
    return unwrap(service);
  }

  let service = await start();
  const patches: TaskPatch[] = [];
  service.onPatch((patch) => patches.push(patch));

  return {
    ...time,
    store,
    files,
    summoned,
    running,
    logged,
    troubles,
    patches,
    enrolled,
    service: () => service,
    agent(name = 'rig'): FakeAgent {
      const agent = agents.get(name);
      if (agent === undefined) throw new Error(`No worker ${name}.`);
      return agent;
    },
    agents: () => [...agents.values()],
    link: (name = 'rig') => agents.get(name)?.link(service.door),
    /** The process ends without a word and is started again, over the same data folder. */
    async crash(): Promise<void> {
      life += 1;
      for (const agent of agents.values()) agent.cut();
      await service.dispose();
      service = await start();
      service.onPatch((patch) => patches.push(patch));
    },
    /** Until the disk works again (`null`), it refuses every write. */
    refuseWrites(failure: 'disk-full' | null): void {
      refusal = failure === null ? null : fail(failure, 'The disk is full.');
    },
    async submit(tasks: readonly object[], run: object = {}) {
      return unwrap(await service.submit(planOf(tasks, run), '/plans'));
    },
    /** Lets messages and timers take turns until the condition holds. */
    async until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
      for (let turn = 0; turn < 10_000; turn += 1) {
        await new Promise((resolve) => void setImmediate(resolve));
        if (await isTrue()) return;
        if (turn % 5 === 0) time.advance(20);
      }
      throw new Error(`It never came to it: ${isTrue.toString()}`);
    },
    settle,
  };
}

export function planOf(tasks: readonly object[], run: object = {}): string {
  return JSON.stringify({ name: 'nightly', tasks, ...run });
}

/** A task that takes a core. `exit 0 hello`: ends well after it wrote `hello` (see `fakeAgent`). */
export function task(name: string, more: object = {}): object {
  return { name, command: ['exit', '0', `output of ${name}`], needs: { cores: 1 }, ...more };
}

export function unwrap<Value>(result: Result<Value>): Value {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}
