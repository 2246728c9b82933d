/** NVIDIA GPUs through `nvidia-smi`, which runs for as long as Labwatch does and never once per tick. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { includesLevel, type Level } from '../../../core/metrics/level.ts';
import type { Clock } from '../../../core/time.ts';
import {
  type Collector,
  type Condition,
  failing,
  noPermission,
  OK,
  okBecause,
  type ReadContext,
  type Sink,
  unsupported,
} from '../collector.ts';
import { gpuKeys } from '../gpu-series.ts';
import type { PowerLedger } from '../power-ledger.ts';
import type { GpuProcessTable } from './gpu-processes.ts';
import { findNvidiaGpus, type PciGpu, readPciGpus } from './pci.ts';
import {
  COMPUTE_APP_FIELDS,
  type GpuRow,
  type PcieRow,
  parseGpuRow,
  parsePcieRow,
  queryFields,
  unknownFieldIn,
} from './query.ts';
import { nextRest, POLLING, type RestState } from './rest.ts';
import { Smi } from './smi.ts';

const FORMAT = '--format=csv,noheader,nounits';
const LOOP_MS = 1_000;

export interface NvidiaOptions {
  readonly sysRoot: string;
  /** Folders as in PATH. */
  readonly searchPath: string;
  readonly clock: Clock;
  readonly ledger: PowerLedger;
  readonly gpuProcesses: GpuProcessTable;
  /** Called when a child started or ended, with those alive now. */
  readonly onChildren: (pids: readonly number[]) => void;
}

export function nvidiaCollector(options: NvidiaOptions): Collector {
  const { sysRoot, clock, ledger, gpuProcesses } = options;
  const unknownFields = new Set<string>();
  const newRows = new Map<string, GpuRow>();
  const newPcie = new Map<number, PcieRow>();
  const keysByBusId = new Map<string, ReturnType<typeof gpuKeys>>();
  const busIdByIndex = new Map<number, string>();
  const busyShare = new Map<string, number>();
  let command: string | null = null;
  let busIds: readonly string[] = [];
  let fields: readonly string[] = [];
  let rest: RestState = POLLING;

  const onChange = () => options.onChildren([gpus, apps, pcie].flatMap(({ pid }) => pid ?? []));
  const takeAppLine = (line: string) => gpuProcesses.take(line, clock.monotonicMs());
  const gpus: Smi = new Smi(clock, { onLine: takeGpuLine, onChange, mayBeSilent: false });
  const apps: Smi = new Smi(clock, { onLine: takeAppLine, onChange, mayBeSilent: true });
  const pcie: Smi = new Smi(clock, { onLine: takePcieLine, onChange, mayBeSilent: false });

  function takeGpuLine(line: string): boolean {
    const unknown = unknownFieldIn(line);
    if (unknown !== null) unknownFields.add(unknown);
    const row = parseGpuRow(line, fields);
    if (row === null) return false;
    newRows.set(row.busId, row);
    if (row.index !== null) busIdByIndex.set(row.index, row.busId);
    if (row.utilization !== null) busyShare.set(row.busId, row.utilization);
    return true;
  }

  function takePcieLine(line: string): boolean {
    const row = parsePcieRow(line);
    if (row !== null) newPcie.set(row.index, row);
    return row !== null || line.startsWith('#');
  }

  function keysOf(busId: string, name: string) {
    let keys = keysByBusId.get(busId);
    if (keys === undefined) {
      keys = gpuKeys(busId, name);
      keysByBusId.set(busId, keys);
    }
    return keys;
  }

  function stopAll(): Promise<unknown> {
    newRows.clear();
    newPcie.clear();
    gpuProcesses.clear();
    return Promise.all([gpus.stop(), apps.stop(), pcie.stop()]);
  }

  function keepAll(smi: string, level: Level, onlyThese: readonly string[] | null): void {
    const chosen = onlyThese === null ? [] : ['-i', onlyThese.join(',')];
    const loop = [FORMAT, '-lms', String(LOOP_MS)];
    fields = queryFields(level, unknownFields);
    gpus.keep(smi, [`--query-gpu=${fields.join(',')}`, ...loop, ...chosen]);
    if (includesLevel(level, 'detailed')) {
      apps.keep(smi, [`--query-compute-apps=${COMPUTE_APP_FIELDS.join(',')}`, ...loop, ...chosen]);
    } else void apps.stop();
    if (includesLevel(level, 'intensive'))
      pcie.keep(smi, ['dmon', '-s', 't', '-d', String(LOOP_MS / 1_000), ...chosen]);
    else void pcie.stop();
  }

  function putRows(sink: Sink, context: ReadContext): void {
    for (const row of newRows.values()) {
      putGpu(sink, keysOf(row.busId, row.name), row);
      if (row.powerWatts !== null) ledger.reportPart(`gpu ${row.busId}`, row.powerWatts, context.monotonicMs());
    }
    newRows.clear();
    for (const row of newPcie.values()) {
      const keys = keysByBusId.get(busIdByIndex.get(row.index) ?? '');
      if (keys === undefined) continue;
      sink.put(keys.pcieReceive, row.receiveBytesPerSecond);
      sink.put(keys.pcieTransmit, row.transmitBytesPerSecond);
    }
    newPcie.clear();
  }

  return {
    name: 'nvidia',
    leastLevel: 'standard',
    cadenceMs: () => LOOP_MS,
    timeLimitMs: 5_000,
    isInFirstTick: false,
    detect() {
      busIds = findNvidiaGpus(sysRoot);
      command = findProgram(options.searchPath);
      if (command !== null) return OK;
      return busIds.length > 0
        ? unsupported(
            'There is an NVIDIA GPU but no nvidia-smi.',
            'Install the NVIDIA driver with its tools (Debian: nvidia-driver, nvidia-smi).',
          )
        : unsupported('There is no NVIDIA GPU.');
    },
    read(sink, context) {
      if (command === null) return failing('nvidia-smi is gone.');
      const found = readPciGpus(sysRoot, busIds);
      rest = nextRest(rest, restInputOf(found, busyShare, context.monotonicMs()));
      if (rest.phase !== 'polling') {
        busyShare.clear();
        void stopAll();
        return okBecause(wordsForRest(rest, found));
      }
      const awake = found.filter(({ isSuspended }) => !isSuspended).map(({ busId }) => busId);
      keepAll(command, context.level, awake.length === found.length ? null : awake);
      putRows(sink, context);
      const { problem } = gpus;
      if (problem !== null) return conditionFor(problem, found.length);
      return awake.length === found.length ? OK : okBecause(wordsForRest({ ...rest, phase: 'asleep' }, found));
    },
    reset() {
      newRows.clear();
      newPcie.clear();
    },
    async dispose() {
      await stopAll();
    },
  };
}

function putGpu(sink: Sink, keys: ReturnType<typeof gpuKeys>, row: GpuRow): void {
  sink.put(keys.utilization, row.utilization);
  sink.put(keys.memoryUsage, row.memoryUsedBytes);
  sink.put(keys.memoryLimit, row.memoryTotalBytes);
  if (row.memoryUsedBytes !== null && row.memoryTotalBytes !== null && row.memoryTotalBytes > 0) {
    sink.put(keys.memoryUtilization, row.memoryUsedBytes / row.memoryTotalBytes);
  }
  sink.put(keys.temperature, row.temperatureCelsius);
  sink.put(keys.power, row.powerWatts);
  sink.put(keys.graphicsClock, row.graphicsClockHz);
  sink.put(keys.memoryClock, row.memoryClockHz);
  sink.put(keys.encoder, row.encoderUtilization);
  sink.put(keys.decoder, row.decoderUtilization);
}

function restInputOf(found: readonly PciGpu[], busyShare: ReadonlyMap<string, number>, nowMs: number) {
  const awake = found.filter(({ isSuspended }) => !isSuspended);
  return {
    nowMs,
    isSuspended: found.length > 0 && awake.length === 0,
    mayRest: awake.length > 0 && awake.every(({ maySleep }) => maySleep),
    isIdle: awake.every(({ busId }) => busyShare.get(busId) === 0),
  };
}

function wordsForRest(rest: RestState, found: readonly PciGpu[]): string {
  if (rest.phase === 'resting') return 'The GPU is idle and not asked for a moment, so that it can fall asleep.';
  const asleep = found.filter(({ isSuspended }) => isSuspended).map(({ busId }) => busId);
  return `Asleep, and left asleep: GPU ${asleep.join(', ')}.`;
}

/** Known complaints of the program, with what mends them. */
function conditionFor(problem: string, gpuCount: number): Condition {
  if (/No devices were found/.test(problem)) return unsupported('nvidia-smi finds no GPU.');
  if (/version mismatch/.test(problem))
    return failing(problem, 'Restart the machine: the NVIDIA driver was updated while in use.');
  if (/couldn't communicate with the NVIDIA driver/.test(problem)) {
    return gpuCount === 0
      ? unsupported('There is no NVIDIA GPU.')
      : failing(problem, 'Load the driver: sudo modprobe nvidia');
  }
  if (/[Pp]ermission/.test(problem)) return noPermission(problem, 'sudo usermod -aG video "$USER"');
  return failing(problem);
}

function findProgram(searchPath: string): string | null {
  const name = process.platform === 'win32' ? 'nvidia-smi.exe' : 'nvidia-smi';
  for (const folder of searchPath.split(delimiter)) {
    if (folder === '') continue;
    try {
      accessSync(join(folder, name), constants.X_OK);
      return join(folder, name);
    } catch {
      // Not in this folder.
    }
  }
  return null;
}
