/**
 * A small lab of real processes: `labwatch headless` with its listener on loopback, and agents from the built file, each in
 * a home of its own. Everything ends with the test.
 */
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { runningHolder } from '../../src/app/instance-lock.ts';
import type { WorkerId, WorkerView } from '../../src/core/fleet/worker.ts';
import { seriesKey } from '../../src/core/metrics/series.ts';
import { connectControl } from '../../src/node/control-socket-client.ts';
import { createThreadedStore } from '../../src/node/storage/store.ts';
import { systemClock } from '../../src/node/system-clock.ts';
import { encodePairingCode, parsePairingCode } from '../../src/node/transport/pairing-code.ts';
import type { ControlMethod, ControlMethods } from '../../src/shared/control/contract.ts';
import { labwatch, labwatchCommand, type Running, startProgram } from '../cli/process.ts';
import { endProcessesOf } from '../support/processes-of-folder.ts';
import { projectFolder } from '../support/source.ts';
import { tempFolder } from '../support/temp-folder.ts';

export const AGENT_FILE = join(projectFolder, 'out', 'agent', 'labwatch-agent.mjs');

/** Few enough readings that all of them come as they are. */
const READ_AT_ONCE_MS = 20 * 60_000;

/** Read with every tick. */
const CPU = seriesKey('system.cpu.utilization');

export interface Lab {
  readonly folder: string;
  readonly dataDir: string;
  /** The running coordinator. */
  headless(): Running;
  /** Starts it, or starts it again on the same port. */
  start(): Promise<void>;
  call<Name extends ControlMethod>(
    method: Name,
    params: ControlMethods[Name]['params'],
  ): Promise<ControlMethods[Name]['value']>;
  /** A code; with `port` one that leads there instead: to a proxy. */
  invite(port?: number): Promise<string>;
  /** Starts an agent in the home of that name. */
  agent(home: string, ...words: readonly string[]): Running;
  /** The same from another file. */
  agentFrom(file: string, home: string, ...words: readonly string[]): Running;
  /** Starts anything that ends with the test. */
  run(command: readonly string[]): Running;
  home(name: string): string;
  /** The workers that are other machines. */
  remote(): Promise<readonly WorkerView[]>;
  /** Ends the coordinator in order and answers when the worker was read within the last `spanMs`, in ms of the wall clock. */
  readingsOf(workerId: WorkerId, spanMs?: number): Promise<readonly number[]>;
}

/** `command`: the `labwatch` to run as coordinator, if not this checkout's. */
export async function openLab(command = labwatchCommand): Promise<Lab> {
  const folder = tempFolder();
  const dataDir = join(folder, 'data');
  const running: Running[] = [];
  const port = await freePort();
  let headless: Running | null = null;
  onTestFinished(async () => {
    for (const one of running) {
      one.child.kill('SIGKILL');
      await one.exited;
    }
    // The local agent, supervisors and commands outlive who started them.
    while (endProcessesOf(folder) > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  });
  const home = (name: string) => join(folder, name);

  const call: Lab['call'] = async (method, params) => {
    const holder = await runningHolder(dataDir, systemClock);
    const client = await connectControl(holder?.socketPath ?? '', { patienceMs: 10_000 });
    if (!client.ok) throw new Error(client.error.message);
    const answer = await client.value.call(method, params);
    client.value.dispose();
    if (!answer.ok) throw new Error(answer.error.message);
    return answer.value;
  };

  function run(command: readonly string[]): Running {
    const program = startProgram(command);
    running.push(program);
    return program;
  }

  const agentFrom = (file: string, name: string, ...words: readonly string[]) =>
    run([process.execPath, file, ...words, '--home', home(name)]);

  async function start(): Promise<void> {
    headless = run(command(['headless', '--data-dir', dataDir]));
    await headless.saw(/watches/);
  }

  await labwatch(['settings', 'set', 'listener.port', String(port), '--data-dir', dataDir]);
  await start();
  return {
    folder,
    dataDir,
    headless: () => headless!,
    start,
    call,
    async invite(proxyPort) {
      const { stdout } = await labwatch(['workers', 'add', '--json', '--data-dir', dataDir]);
      const { code } = JSON.parse(stdout) as { readonly code: string };
      if (proxyPort === undefined) return code;
      const parsed = parsePairingCode(code);
      if (!parsed.ok) throw new Error(parsed.error.message);
      return encodePairingCode({ ...parsed.value, addresses: ['127.0.0.1'], port: proxyPort });
    },
    agent: (name, ...words) => agentFrom(AGENT_FILE, name, ...words),
    agentFrom,
    run,
    home,
    async remote() {
      return (await call('status', {})).workers.filter(({ isLocal }) => !isLocal);
    },
    async readingsOf(workerId, spanMs = 20 * 60_000) {
      headless?.child.kill('SIGTERM');
      await headless?.exited;
      const store = createThreadedStore({ dataDir, log: { info() {}, warn() {}, error() {} } });
      const opened = await store.open();
      if (!opened.ok) throw new Error(opened.error.message);
      const endMs = Date.now() + 60_000;
      const readings: number[] = [];
      for (let fromMs = endMs - spanMs; fromMs < endMs; fromMs += READ_AT_ONCE_MS) {
        const toMs = Math.min(fromMs + READ_AT_ONCE_MS, endMs);
        const history = await store.history({ workerId, seriesKeys: [CPU], fromMs, toMs, maxPoints: 5_000 });
        if (!history.ok) throw new Error(history.error.message);
        const [series] = history.value.series;
        expect(series?.resolution ?? 'raw').toBe('raw');
        readings.push(...(series?.atMs ?? []));
      }
      await store.dispose();
      return readings;
    },
  };
}

/** The one remote worker, once it is as `condition` says. */
export async function workerWhen(lab: Lab, condition: (worker: WorkerView) => boolean): Promise<WorkerView> {
  let found: WorkerView | undefined;
  await expect
    .poll(
      async () => {
        [found] = await lab.remote();
        return found !== undefined && condition(found);
      },
      { timeout: 60_000 },
    )
    .toBe(true);
  return found!;
}

export function isLive(worker: WorkerView): boolean {
  return worker.link === 'online' && worker.figures.cpuUtilization !== null;
}

/** Between two readings of a reader that was late for one second; for two of them. */
const LATE_MS = 1_500;
const HOLE_MS = 2_500;

/**
 * Every second from the first to the last reading has one. A busy machine may make a reader late for one of them; two
 * together are a hole.
 */
export function expectNoHole(readings: readonly number[]): void {
  const gaps = readings.slice(1).map((atMs, index) => ({ afterMs: readings[index]!, gapMs: atMs - readings[index]! }));
  expect(gaps.filter(({ gapMs }) => gapMs > HOLE_MS)).toEqual([]);
  expect(gaps.filter(({ gapMs }) => gapMs > LATE_MS).length).toBeLessThanOrEqual(Math.max(1, readings.length / 10));
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
