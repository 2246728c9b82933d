/**
 * Collectors for macOS and Windows: Node's own figures where it has them, systeminformation at slow paces elsewhere.
 * The library behaves alike on Linux, where the tests run these against the real machine.
 */
import { cpus, freemem, loadavg, totalmem, uptime } from 'node:os';
import type { Systeminformation } from 'systeminformation';
import { includesLevel, type Level } from '../../../core/metrics/level.ts';
import { Counter } from '../../../core/metrics/rate.ts';
import { type SeriesKey, seriesKey } from '../../../core/metrics/series.ts';
import { type Collector, type Condition, OK, type ReadContext, type Sink, unsupported } from '../collector.ts';
import { CpuTimesShare } from './cpu-times.ts';
import type { SystemLibrary } from './library.ts';

type Load = () => Promise<SystemLibrary>;

/** A collector with no source to open. */
function collector(
  name: string,
  leastLevel: Level,
  cadenceMs: number | null,
  read: Collector['read'],
  reset: () => void = () => {},
): Collector {
  return {
    name,
    leastLevel,
    cadenceMs: () => cadenceMs,
    timeLimitMs: 20_000,
    isInFirstTick: cadenceMs === null,
    detect: () => OK,
    read,
    reset,
    dispose() {},
  };
}

export function nodeCpuCollector(): Collector {
  const total = seriesKey('system.cpu.utilization');
  const whole = new CpuTimesShare();
  const each: { readonly key: SeriesKey; readonly share: CpuTimesShare }[] = [];
  return collector(
    'cpu',
    'basic',
    null,
    (sink, context) => {
      const times = cpus().map((cpu) => cpu.times);
      sink.put(total, whole.next(times));
      if (!includesLevel(context.level, 'detailed')) return OK;
      for (const [index, one] of times.entries()) {
        each[index] ??= {
          key: seriesKey('system.cpu.utilization', { 'cpu.logical_number': String(index) }),
          share: new CpuTimesShare(),
        };
        sink.put(each[index].key, each[index].share.next([one]));
      }
      return OK;
    },
    () => {
      whole.reset();
      each.length = 0;
    },
  );
}

export function nodeLoadCollector(): Collector {
  const loads = [seriesKey('labwatch.load1'), seriesKey('labwatch.load5'), seriesKey('labwatch.load15')];
  const up = seriesKey('system.uptime');
  return collector('load', 'basic', null, (sink) => {
    // Windows has no load averages: Node answers zeros.
    if (process.platform !== 'win32') for (const [index, value] of loadavg().entries()) sink.put(loads[index]!, value);
    sink.put(up, uptime());
    return OK;
  });
}

/** Memory on Windows: what Node calls free is what Windows calls available. */
export function nodeMemoryCollector(): Collector {
  return collector('memory', 'basic', null, (sink) => {
    putMemory(sink, totalmem(), freemem());
    return OK;
  });
}

/** Memory and swap on macOS, where free memory says nothing about available memory. */
export function libraryMemoryCollector(load: Load): Collector {
  const swapUsage = seriesKey('system.paging.usage');
  const swapUtilization = seriesKey('system.paging.utilization');
  return collector('memory', 'basic', 5_000, async (sink) => {
    const memory = await (await load()).mem();
    putMemory(sink, memory.total, memory.available);
    if (memory.swaptotal > 0) {
      sink.put(swapUsage, memory.swapused);
      sink.put(swapUtilization, memory.swapused / memory.swaptotal);
    }
    return OK;
  });
}

const MEMORY_USED = seriesKey('system.memory.usage', { 'system.memory.state': 'used' });
const MEMORY_FREE = seriesKey('system.memory.usage', { 'system.memory.state': 'free' });
const MEMORY_LIMIT = seriesKey('system.memory.limit');
const MEMORY_UTILIZATION = seriesKey('system.memory.utilization');

function putMemory(sink: Sink, totalBytes: number, availableBytes: number): void {
  sink.put(MEMORY_USED, totalBytes - availableBytes);
  sink.put(MEMORY_FREE, availableBytes);
  sink.put(MEMORY_LIMIT, totalBytes);
  sink.put(MEMORY_UTILIZATION, 1 - availableBytes / totalBytes);
}

export function libraryFilesystemsCollector(load: Load): Collector {
  return collector('filesystems', 'basic', 30_000, async (sink) => {
    for (const { mount, size, used, available } of await (await load()).fsSize()) {
      if (!(size > 0)) continue;
      const attributes = { 'system.filesystem.mountpoint': mount };
      sink.put(seriesKey('system.filesystem.usage', attributes), used);
      sink.put(seriesKey('system.filesystem.limit', attributes), size);
      sink.put(seriesKey('system.filesystem.utilization', attributes), used / (used + available));
    }
    return OK;
  });
}

export function libraryNetworkCollector(load: Load): Collector {
  const interfaces = new Map<string, { received: Counter; sent: Counter }>();
  const read = async (sink: Sink, context: ReadContext): Promise<Condition> => {
    const stats = await (await load()).networkStats('*');
    const atMs = context.monotonicMs();
    for (const { iface, rx_bytes, tx_bytes } of stats) {
      if (/^lo\d*$/.test(iface) || iface === '') continue;
      let known = interfaces.get(iface);
      if (known === undefined) {
        known = { received: new Counter(), sent: new Counter() };
        interfaces.set(iface, known);
      }
      const io = (direction: string) =>
        seriesKey('system.network.io', { 'network.interface.name': iface, 'network.io.direction': direction });
      sink.put(io('receive'), known.received.next(rx_bytes, atMs));
      sink.put(io('transmit'), known.sent.next(tx_bytes, atMs));
    }
    return OK;
  };
  return collector('network', 'standard', 5_000, read, () => interfaces.clear());
}

/** Bytes of all disks together: macOS tells no more. */
export function libraryDiskCollector(load: Load): Collector {
  const io = (direction: string) =>
    seriesKey('system.disk.io', { 'disk.io.direction': direction, 'system.device': 'all' });
  const [readKey, writeKey] = [io('read'), io('write')];
  const [readBytes, writtenBytes] = [new Counter(), new Counter()];
  const read = async (sink: Sink, context: ReadContext): Promise<Condition> => {
    const stats = await (await load()).fsStats();
    if (stats === null) return unsupported('This system does not tell its disk traffic.');
    const atMs = context.monotonicMs();
    sink.put(readKey, readBytes.next(stats.rx, atMs));
    sink.put(writeKey, writtenBytes.next(stats.wx, atMs));
    return OK;
  };
  return collector('disk', 'standard', 5_000, read, () => {
    readBytes.reset();
    writtenBytes.reset();
  });
}

export function libraryBatteryCollector(load: Load): Collector {
  const key = seriesKey('hw.battery.charge', { 'hw.id': 'BAT0' });
  return collector('battery', 'standard', 30_000, async (sink) => {
    const battery = await (await load()).battery();
    if (!battery.hasBattery) return unsupported('This machine has no battery.');
    sink.put(key, battery.percent / 100);
    return OK;
  });
}

export function libraryTemperatureCollector(load: Load): Collector {
  const key = seriesKey('hw.temperature', { 'hw.id': 'cpu', 'hw.name': 'CPU', 'hw.type': 'cpu' });
  return collector('temperature', 'standard', 10_000, async (sink) => {
    const { main } = await (await load()).cpuTemperature();
    if (main === null || !(main > 0))
      return unsupported('This system tells no CPU temperature without further rights or modules.');
    sink.put(key, main);
    return OK;
  });
}

export function libraryProcessesCollector(load: Load, logicalCpus: number): Collector {
  return collector('processes', 'standard', 10_000, async (sink, context) => {
    const { list } = await (await load()).processes();
    const shown = includesLevel(context.level, 'intensive')
      ? list.length
      : includesLevel(context.level, 'detailed')
        ? 20
        : 5;
    sink.putProcesses({
      atMs: context.atMs,
      processCount: list.length,
      processes: pick(list, shown).map((process) => ({
        pid: process.pid,
        name: process.name,
        user: process.user === '' ? null : process.user,
        command: [process.command, process.params].filter((part) => part !== '').join(' '),
        // The library gives percent of the whole machine.
        cpuCores: (process.cpu / 100) * logicalCpus,
        // And kB.
        memoryBytes: process.memRss * 1_024,
        threadCount: null,
        readBytesPerSecond: null,
        writeBytesPerSecond: null,
        gpuMemoryBytes: null,
      })),
    });
    return OK;
  });
}

function pick(list: readonly Systeminformation.ProcessesProcessData[], count: number) {
  const byCpu = [...list].sort((a, b) => b.cpu - a.cpu);
  const byMemory = [...list].sort((a, b) => b.memRss - a.memRss);
  return [...new Set([...byCpu.slice(0, count), ...byMemory.slice(0, count)])].sort((a, b) => b.cpu - a.cpu);
}
