/** Everything that is sampled on Linux, in the order in which its readings stand in a tick. */
import { readFileSync } from 'node:fs';
import type { Collector } from '../collector.ts';
import { cpuCollector } from './cpu.ts';
import { diskCollector } from './disk.ts';
import { filesystemsCollector } from './filesystems.ts';
import { loadCollector } from './load.ts';
import { memoryCollector } from './memory.ts';
import { networkCollector } from './network.ts';
import { pagingCollector } from './paging.ts';
import { pressureCollector } from './pressure.ts';
import { processesCollector } from './processes.ts';
import { rootFilesystemCollector } from './root-filesystem.ts';
import { kernelUnitsFrom, type Roots } from './roots.ts';

export function linuxCollectors(roots: Roots): readonly Collector[] {
  const units = kernelUnitsFrom(readFileSync('/proc/self/auxv'));
  return [
    cpuCollector(roots),
    memoryCollector(roots),
    loadCollector(roots),
    rootFilesystemCollector(),
    diskCollector(roots),
    networkCollector(roots),
    pressureCollector(roots),
    pagingCollector(roots),
    filesystemsCollector(roots),
    processesCollector(roots, units, { bytesOf: () => null }),
  ];
}
