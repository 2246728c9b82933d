/** GPUs of running attempts, from `nvidia-smi`: started when the first attempt that was given one runs, ended with the last. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Clock } from '../../core/time.ts';
import { GpuProcessTable } from '../sampling/nvidia/gpu-processes.ts';
import { COMPUTE_APP_FIELDS, parseGpuRow } from '../sampling/nvidia/query.ts';
import { Smi } from '../sampling/nvidia/smi.ts';

const FORMAT = ['--format=csv,noheader,nounits', '-lms', '1000'];
const FIELDS = ['pci.bus_id', 'index', 'utilization.gpu', 'name'];
/** Three rounds missed. */
const FADES_AFTER_MS = 3_000;

/** Null: not told. */
export interface GpuReading {
  /** 0..1. */
  readonly utilization: number | null;
  readonly memoryBytes: number | null;
}

export interface GpuUsage {
  /** Once a round: whether any attempt that was given a GPU runs. */
  keep(isWanted: boolean): void;
  /** `indexes` as nvidia-smi counts them: their use on average. `pids`: the memory that they hold. */
  read(indexes: readonly number[], pids: readonly number[]): GpuReading;
  dispose(): Promise<void>;
}

export function createGpuUsage(clock: Clock, searchPath = process.env.PATH ?? ''): GpuUsage {
  const command = findProgram(searchPath);
  const table = new GpuProcessTable();
  const use = new Map<number, { readonly utilization: number | null; readonly atMs: number }>();
  const apps = new Smi(clock, {
    onLine: (line) => table.take(line, clock.monotonicMs()),
    onChange: () => table.clear(),
    mayBeSilent: true,
  });
  const gpus = new Smi(clock, {
    onLine(line) {
      const row = parseGpuRow(line, FIELDS);
      if (row === null || row.index === null) return false;
      use.set(row.index, { utilization: row.utilization, atMs: clock.monotonicMs() });
      return true;
    },
    onChange: () => use.clear(),
    mayBeSilent: false,
  });
  const stop = (): Promise<unknown> => Promise.all([apps.stop(), gpus.stop()]);

  function utilizationOf(index: number): number | null {
    const known = use.get(index);
    return known !== undefined && clock.monotonicMs() - known.atMs < FADES_AFTER_MS ? known.utilization : null;
  }

  return {
    keep(isWanted) {
      if (!isWanted) void stop();
      else if (command !== null) {
        apps.keep(command, [`--query-compute-apps=${COMPUTE_APP_FIELDS.join(',')}`, ...FORMAT]);
        gpus.keep(command, [`--query-gpu=${FIELDS.join(',')}`, ...FORMAT]);
      }
    },
    read(indexes, pids) {
      const uses = indexes.map(utilizationOf).filter((one) => one !== null);
      const held = pids.map((pid) => table.bytesOf(pid, clock.monotonicMs())).filter((bytes) => bytes !== null);
      const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
      return {
        utilization: uses.length === 0 ? null : sum(uses) / uses.length,
        memoryBytes: held.length === 0 ? null : sum(held),
      };
    },
    async dispose() {
      await stop();
    },
  };
}

function findProgram(searchPath: string): string | null {
  const found = searchPath
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, 'nvidia-smi'))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
  return found ?? null;
}
