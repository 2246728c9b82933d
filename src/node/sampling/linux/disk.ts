/** Disk rates per whole device, from `/proc/diskstats`. A device that never did anything gets no series. */
import { readdirSync } from 'node:fs';
import { includesLevel } from '../../../core/metrics/level.ts';
import { Counter } from '../../../core/metrics/rate.ts';
import { seriesKey } from '../../../core/metrics/series.ts';
import { type Collector, failing, OK, type ReadContext, type Sink, unsupported } from '../collector.ts';
import { type KeptFile, reopen } from './kept-file.ts';
import { type DiskReading, isStackedDevice, parseDiskstats } from './parse/diskstats.ts';
import type { Roots } from './roots.ts';

/** A direction of one device. */
class Flow {
  readonly #io;
  readonly #operations;
  readonly #latency;
  readonly #bytes = new Counter();
  readonly #count = new Counter();
  readonly #timeMs = new Counter();

  constructor(device: string, direction: 'read' | 'write') {
    const attributes = { 'system.device': device, 'disk.io.direction': direction };
    this.#io = seriesKey('system.disk.io', attributes);
    this.#operations = seriesKey('system.disk.operations', attributes);
    this.#latency = seriesKey('labwatch.disk.latency', attributes);
  }

  put(sink: Sink, bytes: number, count: number, timeMs: number, atMs: number, isDetailed: boolean): void {
    sink.put(this.#io, this.#bytes.next(bytes, atMs));
    const perSecond = this.#count.next(count, atMs);
    const busyMsPerSecond = this.#timeMs.next(timeMs, atMs);
    if (!isDetailed) return;
    sink.put(this.#operations, perSecond);
    if (perSecond !== null && busyMsPerSecond !== null && perSecond > 0) {
      sink.put(this.#latency, busyMsPerSecond / perSecond / 1_000);
    }
  }
}

class Disk {
  readonly #read;
  readonly #write;
  readonly #busy;
  readonly #busyMs = new Counter();

  constructor(device: string) {
    this.#read = new Flow(device, 'read');
    this.#write = new Flow(device, 'write');
    this.#busy = seriesKey('system.disk.io_time', { 'system.device': device });
  }

  put(sink: Sink, reading: DiskReading, atMs: number, isDetailed: boolean): void {
    this.#read.put(sink, reading.readBytes, reading.reads, reading.readMs, atMs, isDetailed);
    this.#write.put(sink, reading.writtenBytes, reading.writes, reading.writeMs, atMs, isDetailed);
    const busyMsPerSecond = this.#busyMs.next(reading.busyMs, atMs);
    // The kernel's clock and ours differ by a tick, which can make a full second look like more than one.
    if (busyMsPerSecond !== null) sink.put(this.#busy, Math.min(1, busyMsPerSecond / 1_000));
  }
}

export function diskCollector(roots: Roots): Collector {
  let file: KeptFile | null = null;
  /** Null: a partition, a stacked device. */
  const disks = new Map<string, Disk | null>();

  function disk(name: string): Disk | null {
    let known = disks.get(name);
    if (known === undefined) {
      known = isWholeDisk(roots, name) ? new Disk(name) : null;
      disks.set(name, known);
    }
    return known;
  }

  return {
    name: 'disk',
    leastLevel: 'standard',
    cadenceMs: () => null,
    timeLimitMs: 2_000,
    isInFirstTick: false,
    detect() {
      disks.clear();
      file = reopen(file, `${roots.proc}/diskstats`);
      return file === null ? unsupported(`There is no ${roots.proc}/diskstats.`) : OK;
    },
    read(sink: Sink, context: ReadContext) {
      if (file === null) return failing('/proc/diskstats is not open.');
      const isDetailed = includesLevel(context.level, 'detailed');
      const text = file.read();
      const atMs = context.monotonicMs();
      parseDiskstats(text, (name, reading) => {
        if (reading.reads + reading.writes > 0) disk(name)?.put(sink, reading, atMs, isDetailed);
      });
      return OK;
    },
    reset: () => disks.clear(),
    dispose() {
      file?.close();
    },
  };
}

function isWholeDisk(roots: Roots, name: string): boolean {
  if (isStackedDevice(name)) return false;
  try {
    // A slash in a device's name is written as an exclamation mark in sysfs.
    return readdirSync(`${roots.sys}/block`).includes(name.replaceAll('/', '!'));
  } catch {
    return !/\d$/.test(name) || /^(nvme\d+n|mmcblk)\d+$/.test(name);
  }
}
