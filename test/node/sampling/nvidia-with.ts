/** The NVIDIA collector over a fake `nvidia-smi` (or none) and a PCI bus of the test's own. */
import { existsSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import type { Level } from '../../../src/core/metrics/level.ts';
import type { Clock } from '../../../src/core/time.ts';
import { nvidiaCollector } from '../../../src/node/sampling/nvidia/collector.ts';
import { GpuProcessTable } from '../../../src/node/sampling/nvidia/gpu-processes.ts';
import { PowerLedger } from '../../../src/node/sampling/power-ledger.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import type { FakeSmi } from './fake-smi.ts';
import { writeTree } from './fixture-tree.ts';
import { readAt } from './read-collector.ts';

/** Time that a test moves on its own; the children's time is real. */
class TestClock implements Clock {
  ms = 1_000_000;
  nowMs = () => this.ms;
  monotonicMs = () => this.ms;
}

export function nvidiaWith(smi: FakeSmi | null, sys = tempFolder()) {
  const clock = new TestClock();
  const gpuProcesses = new GpuProcessTable();
  const ledger = new PowerLedger();
  let pids: readonly number[] = [];
  const collector = nvidiaCollector({
    sysRoot: sys,
    searchPath: smi?.folder ?? '/nonexistent',
    clock,
    ledger,
    gpuProcesses,
    onChildren: (alive) => {
      pids = alive;
    },
  });
  onTestFinished(() => collector.dispose());
  const read = (level: Level = 'standard') => readAt(clock.ms, collector, level);
  return { collector, clock, gpuProcesses, ledger, sys, read, pids: () => pids };
}

export function sysWithGpu(): string {
  const sys = tempFolder();
  writeTree('nvidia-pci.tree', sys);
  return sys;
}

export const isAlive = (pid: number) => existsSync(`/proc/${pid}`);
