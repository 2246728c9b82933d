/**
 * The processes that use most, from `/proc/PID`.
 *
 * Every process costs one read of its `stat` through a descriptor that stays open; command line, owner and I/O are read
 * for those alone that are shown. A process that started since the scan before has its whole CPU time in this interval.
 */
import { readdirSync } from 'node:fs';
import { includesLevel, type Level } from '../../../core/metrics/level.ts';
import type { ProcessSample } from '../../../core/metrics/sample.ts';
import { type Collector, type Condition, OK, type ReadContext, type Sink, unsupported } from '../collector.ts';
import { heaviest } from '../heaviest.ts';
import { ProcessEntry } from './process-entry.ts';
import { ProcessTexts } from './process-texts.ts';
import type { KernelUnits, Roots } from './roots.ts';

/** Shown by CPU and as many by memory; the two lists overlap. */
const SHOWN: Readonly<Record<Level, number>> = { basic: 0, standard: 5, detailed: 20, intensive: Infinity };

/** A list may come slower than the ticks: it is for reading, and CPU time has steps of 10 ms. */
const CADENCE_MS: Readonly<Record<Level, number | null>> = {
  basic: 5_000,
  standard: 5_000,
  detailed: 1_000,
  intensive: null,
};

/** Two scans further apart than this make no interval: the level was lower in between. */
const MAX_GAP_MS = 60_000;

/** Memory each process holds on a GPU, where a GPU collector knows. */
export interface GpuMemoryByProcess {
  bytesOf(pid: number, nowMs: number): number | null;
}

export function processesCollector(roots: Roots, units: KernelUnits, gpuMemory: GpuMemoryByProcess): Collector {
  const entries = new Map<number, ProcessEntry>();
  const texts = new ProcessTexts(roots.proc);
  let scan = 0;
  let scannedAtMs: number | null = null;
  /** Whether the newest scan and the one before make an interval to tell CPU use of. */
  let isInterval = false;

  function scanAll(context: ReadContext): readonly ProcessEntry[] {
    scan += 1;
    const nowMs = context.monotonicMs();
    const sinceMs = scannedAtMs === null ? null : nowMs - scannedAtMs;
    const elapsedMs = sinceMs === null || sinceMs > MAX_GAP_MS ? null : sinceMs;
    isInterval = elapsedMs !== null;
    scannedAtMs = nowMs;
    const alive: ProcessEntry[] = [];
    for (const name of readdirSync(roots.proc)) {
      const first = name.charCodeAt(0);
      if (first < 48 || first > 57) continue;
      const pid = Number(name);
      let entry = entries.get(pid);
      if (entry === undefined) {
        entry = new ProcessEntry(roots.proc, pid);
        entries.set(pid, entry);
      }
      if (entry.read(scan, elapsedMs, units.ticksPerSecond)) alive.push(entry);
    }
    for (const entry of entries.values()) if (entry.scan !== scan) forget(entry);
    return alive;
  }

  function forget(entry: ProcessEntry): void {
    entry.close();
    entries.delete(entry.pid);
    texts.forget(entry.pid);
  }

  function sampleOf(entry: ProcessEntry, isDetailed: boolean, atMs: number): ProcessSample {
    entry.readIo(atMs);
    const text = texts.of(entry);
    return {
      pid: entry.pid,
      name: text.name,
      user: text.user,
      command: text.command,
      cpuCores: entry.cpuCores ?? 0,
      memoryBytes: entry.residentPages * units.pageBytes,
      threadCount: entry.threadCount,
      readBytesPerSecond: entry.readBytesPerSecond,
      writeBytesPerSecond: entry.writeBytesPerSecond,
      gpuMemoryBytes: isDetailed ? gpuMemory.bytesOf(entry.pid, atMs) : null,
    };
  }

  return {
    name: 'processes',
    leastLevel: 'standard',
    cadenceMs: (level) => CADENCE_MS[level],
    timeLimitMs: 5_000,
    isInFirstTick: false,
    detect: () =>
      readdirSync(roots.proc).includes('self') ? OK : unsupported(`${roots.proc} is not a process file system.`),
    read(sink: Sink, context: ReadContext): Condition | Promise<Condition> {
      const alive = scanAll(context);
      if (!isInterval) return OK;
      const shown = heaviest(alive, SHOWN[context.level]);
      const put = () => {
        const isDetailed = includesLevel(context.level, 'detailed');
        const nowMs = context.monotonicMs();
        const processes = shown.map((entry) => sampleOf(entry, isDetailed, nowMs));
        sink.putProcesses({ atMs: context.atMs, processCount: alive.length, processes });
        return OK;
      };
      // Mostly the same processes lead, and then nothing is waited for.
      return shown.every((entry) => texts.isKnown(entry)) ? put() : texts.load(shown).then(put);
    },
    reset() {
      scannedAtMs = null;
    },
    dispose() {
      for (const entry of entries.values()) entry.close();
      entries.clear();
    },
  };
}
