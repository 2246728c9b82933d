/** A coordinator over a fleet in memory, with time that the test moves, and agents that join it over links in memory. */
import { type WorkerId, workerId } from '../../src/core/fleet/worker.ts';
import type { SampleBatch } from '../../src/core/metrics/sample.ts';
import { seriesKey } from '../../src/core/metrics/series.ts';
import type { Result } from '../../src/core/result.ts';
import type { TaskTerms } from '../../src/core/tasks/terms.ts';
import type { Dialling } from '../../src/engine/admission.ts';
import {
  type AgentMeetingOptions,
  type CoordinatorMeeting,
  meetCoordinator,
} from '../../src/engine/agent-handshake.ts';
import { type CoordinatorOptions, createCoordinator } from '../../src/engine/coordinator.ts';
import { createMonitor } from '../../src/engine/monitor.ts';
import type { EnrolledWorker, Log, SigningKey } from '../../src/engine/ports.ts';
import type { TaskDoor, WorkerLine } from '../../src/engine/tasks/contract.ts';
import { nodeCryptography } from '../../src/node/transport/cryptography.ts';
import type { FleetPatch } from '../../src/shared/ipc/contract.ts';
import { fromBase64Url, toBase64Url } from '../../src/shared/protocol/base64url.ts';
import { BatchEncoder } from '../../src/shared/protocol/codec.ts';
import type { FromAgent, FromCoordinator, Welcome } from '../../src/shared/protocol/contract.ts';
import { ed25519Key, fakeFleet, localWorker, p256Key } from './fake-fleet.ts';
import { fakeTime } from './fake-time.ts';
import { linkPair, type MemoryLink, settle } from './memory-link.ts';

export type TestCoordinator = ReturnType<typeof buildCoordinator>;

/** A worker that was paired in an earlier run of the coordinator. */
export function earlierWorker(name: string, key: SigningKey, heardAtMs: number): EnrolledWorker {
  return {
    workerId: workerId(`id-of-${name}`),
    name,
    isLocal: false,
    admission: 'open',
    remote: {
      publicKey: toBase64Url(key.publicKey),
      pairedAtMs: heardAtMs,
      level: 'standard',
      lastSeen: {
        atMs: heardAtMs,
        address: '192.168.1.20',
        agentVersion: '0.1.0',
        platform: 'linux',
        runsTasks: false,
      },
      dialledAt: null,
    },
  };
}

export function buildCoordinator(overrides: Partial<CoordinatorOptions> = {}) {
  const time = fakeTime();
  const fleet = fakeFleet(time.clock);
  const workers = overrides.workers ?? [localWorker];
  for (const worker of workers) fleet.workers.set(worker.workerId, worker);
  const monitor = createMonitor({ workers, level: 'standard', store: fleet.store, ...time });
  const key = p256Key();
  const door = recordingDoor();
  /** Workers on which a task is not over. */
  const busy = new Set<WorkerId>();
  const logged: string[] = [];
  const log: Log = {
    info: (message, about) => void logged.push(`${message} ${JSON.stringify(about ?? {})}`),
    warn: (message, about) => void logged.push(`${message} ${JSON.stringify(about ?? {})}`),
    error: (message) => void logged.push(message),
  };
  const coordinator = createCoordinator({
    store: fleet.store,
    monitor,
    key,
    cryptography: nodeCryptography,
    clock: time.clock,
    timers: time.timers,
    log,
    version: '0.1.0',
    agentFile: async () => new TextEncoder().encode('an agent'),
    reachableAt: () => ({ addresses: ['desk.lab', '192.168.1.5'], port: 7461 }),
    lostAfterMs: () => 120_000,
    hasNetwork: () => true,
    localAgent: null,
    tasks: door.door,
    hasWork: (id) => busy.has(id),
    ...overrides,
    workers,
  });
  const patches: FleetPatch[] = [];
  monitor.onPatch((patch) => patches.push(patch));
  const viewOf = (id: WorkerId) => monitor.snapshot().workers.find((worker) => worker.workerId === id);
  const eventsOf = (id: WorkerId) =>
    fleet.stored
      .filter((one) => one.workerId === id)
      .flatMap(({ batch }) => (batch.events ?? []).map(({ kind }) => kind));

  async function invite(): Promise<Uint8Array> {
    const invited = succeeded(await coordinator.invite());
    return fromBase64Url(invited.secret)!;
  }

  /** Lets time pass in steps, so that timers and messages take turns as they do in life. */
  async function pass(ms: number, stepMs = 500): Promise<void> {
    for (let passed = 0; passed < ms; passed += stepMs) {
      time.advance(Math.min(stepMs, ms - passed));
      await settle();
    }
  }

  async function dial(as: AgentMeetingOptions['as'], agent: AgentOptions = {}): Promise<Dialled> {
    const { agentEnd, coordinatorEnd } = linkPair(agent.address);
    if (agent.dialling === undefined) coordinator.accept(coordinatorEnd);
    const met = agent.dialling && coordinator.meet(coordinatorEnd, agent.dialling);
    const meeting = await meetCoordinator({
      link: agentEnd,
      key: agent.key ?? ed25519Key(),
      cryptography: nodeCryptography,
      timers: time.timers,
      fingerprint: agent.fingerprint === undefined ? nodeCryptography.sha256(key.publicKey) : agent.fingerprint,
      ...(agent.mayTrust && { mayTrust: agent.mayTrust }),
      as,
      agentVersion: '0.1.0',
      hostName: agent.name ?? 'rig-03',
      platform: 'linux',
      taskTerms: agent.terms ?? null,
    });
    return { meeting, agentEnd, coordinatorEnd, met: await met };
  }

  /** An agent that came in, with everything it hears. */
  async function join(as: AgentMeetingOptions['as'], options: AgentOptions = {}): Promise<TestAgent> {
    const dialled = await dial(as, options);
    if (dialled.meeting.kind !== 'welcome') throw new Error(JSON.stringify(dialled.meeting));
    await settle();
    return agentOver(dialled, dialled.meeting);
  }

  const told = { told: door.told, lines: door.lines, busy };
  const looks = { logged, patches, viewOf, eventsOf };
  return { ...time, ...told, ...looks, fleet, monitor, coordinator, key, invite, pass, dial, join };
}

/** A task service's door that only writes down what it is told. */
function recordingDoor() {
  const told: string[] = [];
  const lines = new Map<WorkerId, WorkerLine>();
  const door: TaskDoor = {
    linked(id, line) {
      told.push('linked');
      lines.set(id, line);
    },
    unlinked(id) {
      told.push('unlinked');
      lines.delete(id);
    },
    reports: (_id, { isAll, reports }) => void told.push(`${isAll ? 'all' : 'some'} ${reports.length}`),
    read: () => undefined,
    pulses: (_id, pulses) => void told.push(`pulses ${pulses.length}`),
    lost: () => void told.push('lost'),
    removed: () => void told.push('removed'),
  };
  return { door, told: told as readonly string[], lines: lines as ReadonlyMap<WorkerId, WorkerLine> };
}

export interface AgentOptions {
  readonly key?: SigningKey;
  readonly name?: string;
  /** Whom it pinned; null: nobody. */
  readonly fingerprint?: Uint8Array | null;
  readonly mayTrust?: (fingerprint: Uint8Array) => boolean;
  /** The coordinator dialled it. */
  readonly dialling?: Dialling;
  readonly address?: string;
  /** Its owner lets it run tasks. */
  readonly terms?: TaskTerms;
}

export interface Dialled {
  readonly meeting: CoordinatorMeeting;
  readonly agentEnd: MemoryLink;
  readonly coordinatorEnd: MemoryLink;
  /** What the coordinator knows of a link that it dialled. */
  readonly met?: Result<EnrolledWorker> | undefined;
}

export interface TestAgent {
  readonly welcome: Welcome;
  readonly link: MemoryLink;
  readonly coordinatorEnd: MemoryLink;
  readonly heard: readonly FromCoordinator[];
  send(message: FromAgent): Promise<void>;
  sendText(text: string): Promise<void>;
  deliver(batch: SampleBatch, isLate?: boolean): Promise<void>;
}

function agentOver(
  { agentEnd, coordinatorEnd }: Dialled,
  meeting: CoordinatorMeeting & { kind: 'welcome' },
): TestAgent {
  const heard: FromCoordinator[] = [];
  const encoder = new BatchEncoder();
  let sequence = 0;
  meeting.handOver({ onMessage: (text) => void heard.push(JSON.parse(text)), onEnd: () => {} });
  const sendText = async (text: string) => {
    agentEnd.send(text);
    await settle();
  };
  const send = (message: FromAgent) => sendText(JSON.stringify(message));
  return {
    welcome: meeting.welcome,
    link: agentEnd,
    coordinatorEnd,
    heard,
    send,
    sendText,
    deliver(batch, isLate = false) {
      sequence += 1;
      return send({ kind: 'delivery', sequence, batch: encoder.encode(batch), isLate });
    },
  };
}

export function cpuBatch(atMs: number, value: number): SampleBatch {
  return { ticks: [{ atMs, seriesKeys: [seriesKey('system.cpu.utilization')], values: Float64Array.of(value) }] };
}

export function succeeded<Value>(result: Result<Value>): Value {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}
