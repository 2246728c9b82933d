/** Everything that is read from `/proc` and `/sys`, the first tick's collectors first. */
import { readFileSync } from 'node:fs';
import type { Collector } from '../collector.ts';
import type { PowerLedger } from '../power-ledger.ts';
import { amdGpuCollector } from './amd-gpu.ts';
import { batteryCollector } from './battery.ts';
import { cpuCollector } from './cpu.ts';
import { diskCollector } from './disk.ts';
import { filesystemsCollector } from './filesystems.ts';
import { frequencyCollector } from './frequency.ts';
import { hwmonCollector } from './hwmon.ts';
import { loadCollector } from './load.ts';
import { memoryCollector } from './memory.ts';
import { networkCollector } from './network.ts';
import { pagingCollector } from './paging.ts';
import { pressureCollector } from './pressure.ts';
import { type GpuMemoryByProcess, processesCollector } from './processes.ts';
import { raplCollector } from './rapl.ts';
import { rootFilesystemCollector } from './root-filesystem.ts';
import { kernelUnitsFrom, type Roots } from './roots.ts';

export function linuxCollectors(
  roots: Roots,
  ledger: PowerLedger,
  gpuMemory: GpuMemoryByProcess,
): readonly Collector[] {
  const units = kernelUnitsFrom(readFileSync('/proc/self/auxv'));
  return [
    cpuCollector(roots, units),
    memoryCollector(roots),
    loadCollector(roots),
    rootFilesystemCollector(),
    diskCollector(roots),
    networkCollector(roots),
    pressureCollector(roots),
    pagingCollector(roots),
    frequencyCollector(roots),
    filesystemsCollector(roots),
    hwmonCollector(roots),
    raplCollector(roots, ledger),
    batteryCollector(roots, ledger),
    amdGpuCollector(roots, ledger),
    processesCollector(roots, units, gpuMemory),
  ];
}
