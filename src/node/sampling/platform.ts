/** Which collectors there are on this platform, in the order in which their readings stand in a tick. */
import { availableParallelism } from 'node:os';
import type { Clock } from '../../core/time.ts';
import type { Collector } from './collector.ts';
import { hostPowerCollector } from './host-power.ts';
import { linuxCollectors } from './linux/collectors.ts';
import { nvidiaCollector } from './nvidia/collector.ts';
import { GpuProcessTable } from './nvidia/gpu-processes.ts';
import { PowerLedger } from './power-ledger.ts';
import {
  libraryBatteryCollector,
  libraryDiskCollector,
  libraryFilesystemsCollector,
  libraryMemoryCollector,
  libraryNetworkCollector,
  libraryProcessesCollector,
  libraryTemperatureCollector,
  nodeCpuCollector,
  nodeLoadCollector,
  nodeMemoryCollector,
} from './systeminformation/collectors.ts';
import { LibraryLoader } from './systeminformation/library.ts';
import type { ThreadTask } from './wire.ts';

export interface PlatformCollectors {
  readonly collectors: readonly Collector[];
  /** Gives back what several collectors share. */
  release(): Promise<void>;
}

export function platformCollectors(
  task: ThreadTask,
  clock: Clock,
  onChildren: (pids: readonly number[]) => void,
): PlatformCollectors {
  const ledger = new PowerLedger();
  const gpuProcesses = new GpuProcessTable();
  const library = new LibraryLoader();
  const nvidia = nvidiaCollector({
    sysRoot: task.sysRoot,
    searchPath: task.searchPath,
    clock,
    ledger,
    gpuProcesses,
    onChildren,
  });
  const own =
    process.platform === 'linux'
      ? linuxCollectors({ proc: task.procRoot, sys: task.sysRoot }, ledger, gpuProcesses)
      : otherCollectors(library.load);
  return { collectors: [...own, nvidia, hostPowerCollector(ledger)], release: () => library.release() };
}

function otherCollectors(load: LibraryLoader['load']): readonly Collector[] {
  const isMac = process.platform === 'darwin';
  return [
    nodeCpuCollector(),
    isMac ? libraryMemoryCollector(load) : nodeMemoryCollector(),
    nodeLoadCollector(),
    libraryFilesystemsCollector(load),
    libraryNetworkCollector(load),
    ...(isMac ? [libraryDiskCollector(load)] : []),
    libraryTemperatureCollector(load),
    libraryBatteryCollector(load),
    libraryProcessesCollector(load, availableParallelism()),
  ];
}
