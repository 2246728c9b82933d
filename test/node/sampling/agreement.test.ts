/**
 * Right, not only present: under load our readings agree with psutil's.
 *
 * Both readers read at the same moments and are compared over the same intervals, by the median, within 5 % of full
 * scale: all CPUs, the allocation, and for traffic what the other reader saw.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Level } from '../../../src/core/metrics/level.ts';
import type { Collector } from '../../../src/node/sampling/collector.ts';
import { cpuCollector } from '../../../src/node/sampling/linux/cpu.ts';
import { diskCollector } from '../../../src/node/sampling/linux/disk.ts';
import { loadCollector } from '../../../src/node/sampling/linux/load.ts';
import { memoryCollector } from '../../../src/node/sampling/linux/memory.ts';
import { networkCollector } from '../../../src/node/sampling/linux/network.ts';
import { processesCollector } from '../../../src/node/sampling/linux/processes.ts';
import { rootFilesystemCollector } from '../../../src/node/sampling/linux/root-filesystem.ts';
import { secondHost } from '../../support/second-host.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { independentReader, load, median, type Opinion, PYTHON } from './independent-reader.ts';
import { type CollectorReading, readNow } from './read-collector.ts';

const roots = { proc: '/proc', sys: '/sys' };
const units = { pageBytes: 4_096, ticksPerSecond: 100 };
const INTERVALS = 3;
const INTERVAL_MS = 1_000;
const TOLERANCE = 0.05;
const MIB = 1_048_576;

interface Pair {
  readonly ours: CollectorReading;
  readonly before: Opinion;
  readonly theirs: Opinion;
  readonly seconds: number;
}

/** Reads both at the same moments, some intervals long. */
async function compare(collector: Collector, level: Level, pid = 0): Promise<readonly Pair[]> {
  onTestFinished(() => collector.dispose());
  expect(await collector.detect()).toMatchObject({ state: 'ok' });
  const reader = independentReader();
  let [, before] = await Promise.all([readNow(collector, level), reader.read(pid)]);
  const pairs: Pair[] = [];
  for (let interval = 0; interval < INTERVALS; interval += 1) {
    // The length of an interval is measured, so that it does not matter how exactly this waits.
    await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
    const [ours, theirs] = await Promise.all([readNow(collector, level), reader.read(pid)]);
    pairs.push({ ours, before, theirs, seconds: theirs.monotonicSeconds - before.monotonicSeconds });
    before = theirs;
  }
  return pairs;
}

/** Median of the differences, as a share of full scale. */
function disagreement(
  pairs: readonly Pair[],
  fullScale: number,
  ours: (pair: Pair) => number,
  theirs: (pair: Pair) => number,
): number {
  return median(pairs.map((pair) => Math.abs(ours(pair) - theirs(pair)))) / fullScale;
}

/**
 * Medians of the differences of what stands at a moment. Others take and give back memory meanwhile: so theirs is read
 * between two of ours, and compared with their mean, many times.
 */
async function differences(collector: Collector, theirs: Readonly<Record<string, (opinion: Opinion) => number>>) {
  onTestFinished(() => collector.dispose());
  expect(await collector.detect()).toMatchObject({ state: 'ok' });
  const reader = independentReader();
  await reader.read();
  const found: Record<string, number[]> = Object.fromEntries(Object.keys(theirs).map((key) => [key, []]));
  for (let round = 0; round < 25; round += 1) {
    const { values: before } = await readNow(collector, 'standard');
    const opinion = await reader.read();
    const { values: after } = await readNow(collector, 'standard');
    for (const [key, of] of Object.entries(theirs)) {
      found[key]!.push(Math.abs((before[key]! + after[key]!) / 2 - of(opinion)));
    }
  }
  return Object.fromEntries(Object.entries(found).map(([key, list]) => [key, median(list)]));
}

beforeAll(() => {
  expect(process.getuid?.(), 'These tests make network namespaces, which takes root.').toBe(0);
});

describe('under load, our readings agree with psutil:', () => {
  test('the CPU, while stress-ng keeps one busy', async () => {
    load('/usr/bin/stress-ng', 'stress-ng', ['--cpu', '1', '--cpu-load', '70', '--timeout', '30']);
    const pairs = await compare(cpuCollector(roots, units), 'standard');
    const ours = ({ ours: { values } }: Pair) => values['system.cpu.utilization']!;
    expect(disagreement(pairs, 1, ours, ({ theirs }) => theirs.cpuPercent / 100)).toBeLessThan(TOLERANCE);
    expect(median(pairs.map(ours))).toBeGreaterThan(0.2);
  });

  test('memory, and the process that took 500 MiB of it', async () => {
    const script = 'import time; held = bytearray(b"x") * (500 * 1048576); print("ready", flush=True); time.sleep(60)';
    const child = load(PYTHON, 'python3', ['-c', script]);
    await once(child.stdout!, 'data');
    const scale = 500 * MIB;
    const memory = await differences(memoryCollector(roots), {
      'system.memory.linux.available': ({ memoryAvailable }) => memoryAvailable,
      'system.memory.usage{system.memory.state=used}': ({ memoryUsed }) => memoryUsed,
      'system.memory.utilization': ({ memoryPercent }) => memoryPercent / 100,
    });
    expect(memory['system.memory.linux.available']! / scale).toBeLessThan(TOLERANCE);
    expect(memory['system.memory.usage{system.memory.state=used}']! / scale).toBeLessThan(TOLERANCE);
    expect(memory['system.memory.utilization']).toBeLessThan(TOLERANCE);

    const shown = await compare(processesCollector(roots, units, { bytesOf: () => null }), 'standard', child.pid!);
    const resident = ({ ours: { processes } }: Pair) =>
      processes!.processes.find(({ pid }) => pid === child.pid)!.memoryBytes;
    expect(disagreement(shown, scale, resident, ({ theirs }) => theirs.processBytes!)).toBeLessThan(TOLERANCE);
    expect(median(shown.map(resident))).toBeGreaterThan(scale);
  });

  test('the CPU of one process', async () => {
    const child = load('/bin/sh', 'dash', ['-c', 'while :; do :; done']);
    const pairs = await compare(processesCollector(roots, units, { bytesOf: () => null }), 'standard', child.pid!);
    const ours = ({ ours: { processes } }: Pair) => processes!.processes.find(({ pid }) => pid === child.pid)!.cpuCores;
    const theirs = ({ before, theirs: after, seconds }: Pair) =>
      (after.processSeconds! - before.processSeconds!) / seconds;
    expect(disagreement(pairs, 1, ours, theirs)).toBeLessThan(TOLERANCE);
    expect(median(pairs.map(ours))).toBeGreaterThan(0.1);
  });

  test('the disk, while dd writes', async () => {
    const file = join(tempFolder(), 'written');
    load('/usr/bin/dd', 'coreutils', [
      'if=/dev/zero',
      `of=${file}`,
      'bs=256K',
      'count=8000',
      'oflag=direct',
      'conv=notrunc',
    ]);
    const pairs = await compare(diskCollector(roots), 'detailed');
    const written = (name: string) =>
      median(pairs.map(({ before, theirs }) => theirs.disks[name]![1] - before.disks[name]![1]));
    const reported = Object.keys(pairs[0]!.ours.values).flatMap(
      (key) => /^system\.disk\.io_time\{system\.device=(.+)\}$/.exec(key)?.[1] ?? [],
    );
    const device = reported.toSorted((a, b) => written(b) - written(a))[0]!;
    const rate =
      (column: 1 | 2) =>
      ({ before, theirs, seconds }: Pair) =>
        (theirs.disks[device]![column] - before.disks[device]![column]) / seconds;
    const ours =
      (metric: string) =>
      ({ ours: { values } }: Pair) =>
        values[`${metric}{disk.io.direction=write,system.device=${device}}`]!;
    expect(median(pairs.map(rate(1)))).toBeGreaterThan(MIB);
    expect(disagreement(pairs, median(pairs.map(rate(1))), ours('system.disk.io'), rate(1))).toBeLessThan(TOLERANCE);
    expect(disagreement(pairs, median(pairs.map(rate(2))), ours('system.disk.operations'), rate(2))).toBeLessThan(
      TOLERANCE,
    );
  });

  test('the network, while a second host at the end of a cable is sent to', async () => {
    const { card, address, run } = secondHost();
    const [ip = '', ...words] = run([PYTHON, '-c', SINK]);
    load(ip, 'iproute2', words);
    const stop = await sendTo(address);
    const pairs = await compare(networkCollector(roots), 'detailed');
    stop();
    const theirs = ({ before, theirs: after, seconds }: Pair) =>
      (after.nics[card]![1] - before.nics[card]![1]) / seconds;
    const ours = ({ ours: { values } }: Pair) =>
      values[`system.network.io{network.interface.name=${card},network.io.direction=transmit}`]!;
    expect(median(pairs.map(theirs))).toBeGreaterThan(MIB);
    expect(disagreement(pairs, median(pairs.map(theirs)), ours, theirs)).toBeLessThan(TOLERANCE);
    const all = pairs.flatMap((pair) => Object.keys(pair.ours.values));
    expect(all.some((key) => key.includes('network.interface.name=lo,'))).toBe(false);
  });

  test('load and usage of /', async () => {
    const collector = loadCollector(roots);
    onTestFinished(() => collector.dispose());
    await collector.detect();
    const load = async () => (await readNow(collector, 'basic')).values['labwatch.load1']!;
    const before = await load();
    const theirs = await independentReader().read();
    // The kernel computes it anew each five seconds, also between two readers.
    const ours = [before, await load()];
    expect(Math.min(...ours.map((one) => Math.abs(one - theirs.load1)))).toBeLessThan(0.01);
    const { values } = await readNow(rootFilesystemCollector(), 'basic');
    const ratio = values['system.filesystem.utilization{system.filesystem.mountpoint=/}']!;
    expect(Math.abs(ratio - theirs.rootPercent / 100)).toBeLessThan(TOLERANCE);
  });
});

const PORT = 9_771;

/** On the second host: takes whatever comes. */
const SINK = `
import socket
server = socket.create_server(('', ${PORT})); print('ready', flush=True)
link = server.accept()[0]
while link.recv(1 << 20): pass`;

/** Sends some 20 MB/s until told to stop. */
async function sendTo(address: string): Promise<() => void> {
  const chunk = Buffer.alloc(200_000);
  let socket: Socket | null = null;
  await expect
    .poll(async () => {
      socket = await connected(address);
      return socket;
    })
    .not.toBeNull();
  const open = socket as unknown as Socket;
  const timer = setInterval(() => open.writableLength < 10 * chunk.length && open.write(chunk), 10);
  return () => {
    clearInterval(timer);
    open.destroy();
  };
}

async function connected(address: string) {
  const socket = connect(PORT, address);
  return once(socket, 'connect').then(
    () => socket,
    () => null,
  );
}
