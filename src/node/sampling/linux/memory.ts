/**
 * Memory and swap from `/proc/meminfo`.
 *
 * The states add up to the size: `used` is what is left after free, cached, buffers and the kernel's own reclaimable
 * caches (`slab`), as `free` and psutil count it.
 */
import { seriesKey } from '../../../core/metrics/series.ts';
import { type Collector, failing, OK, type Sink, unsupported } from '../collector.ts';
import { type KeptFile, reopen } from './kept-file.ts';
import { emptyMemory, type MemoryReading, parseMeminfo } from './parse/meminfo.ts';
import type { Roots } from './roots.ts';

const state = (name: string) => seriesKey('system.memory.usage', { 'system.memory.state': name });
const KEYS = {
  used: state('used'),
  free: state('free'),
  cached: state('cached'),
  buffers: state('buffers'),
  slab: state('slab'),
  limit: seriesKey('system.memory.limit'),
  utilization: seriesKey('system.memory.utilization'),
  available: seriesKey('system.memory.linux.available'),
  swapUsage: seriesKey('system.paging.usage'),
  swapUtilization: seriesKey('system.paging.utilization'),
};

export function memoryCollector(roots: Roots): Collector {
  let file: KeptFile | null = null;
  const reading = emptyMemory();
  return {
    name: 'memory',
    leastLevel: 'basic',
    cadenceMs: () => null,
    timeLimitMs: 2_000,
    isInFirstTick: true,
    detect() {
      file = reopen(file, `${roots.proc}/meminfo`);
      return file === null ? unsupported(`There is no ${roots.proc}/meminfo.`) : OK;
    },
    read(sink) {
      if (file === null) return failing('/proc/meminfo is not open.');
      if (!parseMeminfo(file.read(), reading)) return failing('/proc/meminfo does not tell the size of the memory.');
      putMemory(sink, reading);
      return OK;
    },
    reset() {},
    dispose() {
      file?.close();
    },
  };
}

function putMemory(sink: Sink, memory: MemoryReading): void {
  const reclaimableBytes = Number.isNaN(memory.reclaimableBytes) ? 0 : memory.reclaimableBytes;
  const { totalBytes, freeBytes, availableBytes, buffersBytes, cachedBytes, swapTotalBytes } = memory;
  sink.put(KEYS.used, Math.max(0, totalBytes - freeBytes - cachedBytes - buffersBytes - reclaimableBytes));
  sink.put(KEYS.free, freeBytes);
  sink.put(KEYS.cached, cachedBytes);
  sink.put(KEYS.buffers, buffersBytes);
  sink.put(KEYS.slab, memory.reclaimableBytes);
  sink.put(KEYS.limit, totalBytes);
  sink.put(KEYS.utilization, 1 - availableBytes / totalBytes);
  sink.put(KEYS.available, availableBytes);
  if (swapTotalBytes > 0) {
    const usedBytes = swapTotalBytes - memory.swapFreeBytes;
    sink.put(KEYS.swapUsage, usedBytes);
    sink.put(KEYS.swapUtilization, usedBytes / swapTotalBytes);
  }
}
