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
import { type GpuKeys, gpuKeys } from '../gpu-series.ts';
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
  return new NvidiaCollector(options);
}

class NvidiaCollector implements Collector {
  readonly name = 'nvidia';
  readonly leastLevel = 'standard';
  readonly timeLimitMs = 5_000;
  readonly isInFirstTick = false;
  readonly #options: NvidiaOptions;
  readonly #unknownFields = new Set<string>();
  readonly #newRows = new Map<string, GpuRow>();
  readonly #newPcie = new Map<number, PcieRow>();
  readonly #keysByBusId = new Map<string, GpuKeys>();
  readonly #busIdByIndex = new Map<number, string>();
  readonly #busyShare = new Map<string, number>();
  readonly #gpus: Smi;
  readonly #apps: Smi;
  readonly #pcie: Smi;
  #command: string | null = null;
  #busIds: readonly string[] = [];
  #fields: readonly string[] = [];
  #rest: RestState = POLLING;

  constructor(options: NvidiaOptions) {
    const { clock, gpuProcesses } = options;
    const onChange = () => options.onChildren([this.#gpus, this.#apps, this.#pcie].flatMap(({ pid }) => pid ?? []));
    const takeApp = (line: string) => gpuProcesses.take(line, clock.monotonicMs());
    this.#options = options;
    this.#gpus = new Smi(clock, { onLine: (line) => this.#takeGpu(line), onChange, mayBeSilent: false });
    this.#apps = new Smi(clock, { onLine: takeApp, onChange, mayBeSilent: true });
    this.#pcie = new Smi(clock, { onLine: (line) => this.#takePcie(line), onChange, mayBeSilent: false });
  }

  cadenceMs(): number {
    return LOOP_MS;
  }

  detect(): Condition {
    this.#busIds = findNvidiaGpus(this.#options.sysRoot);
    this.#command = findProgram(this.#options.searchPath);
    if (this.#command !== null) return OK;
    return this.#busIds.length > 0
      ? unsupported(
          'There is an NVIDIA GPU but no nvidia-smi.',
          'Install the NVIDIA driver with its tools (Debian: nvidia-driver, nvidia-smi).',
        )
      : unsupported('There is no NVIDIA GPU.');
  }

  read(sink: Sink, context: ReadContext): Condition {
    if (this.#command === null) return failing('nvidia-smi is gone.');
    const found = readPciGpus(this.#options.sysRoot, this.#busIds);
    this.#rest = nextRest(this.#rest, restInputOf(found, this.#busyShare, context.monotonicMs()));
    if (this.#rest.phase !== 'polling') {
      this.#busyShare.clear();
      void this.#stopAll();
      return okBecause(wordsForRest(this.#rest.phase, found));
    }
    const awake = found.filter(({ isSuspended }) => !isSuspended).map(({ busId }) => busId);
    const areAllAwake = awake.length === found.length;
    this.#keepAll(this.#command, context.level, areAllAwake ? null : awake);
    this.#putRows(sink, context);
    const { problem } = this.#gpus;
    if (problem !== null) return conditionFor(problem, found.length);
    return areAllAwake ? OK : okBecause(wordsForRest('asleep', found));
  }

  reset(): void {
    this.#newRows.clear();
    this.#newPcie.clear();
  }

  pause(): void {
    void this.#stopAll();
  }

  async dispose(): Promise<void> {
    await this.#stopAll();
  }

  #takeGpu(line: string): boolean {
    const unknown = unknownFieldIn(line);
    if (unknown !== null) this.#unknownFields.add(unknown);
    const row = parseGpuRow(line, this.#fields);
    if (row === null) return false;
    this.#newRows.set(row.busId, row);
    if (row.index !== null) this.#busIdByIndex.set(row.index, row.busId);
    if (row.utilization !== null) this.#busyShare.set(row.busId, row.utilization);
    return true;
  }

  #takePcie(line: string): boolean {
    const row = parsePcieRow(line);
    if (row !== null) this.#newPcie.set(row.index, row);
    return row !== null || line.startsWith('#');
  }

  #stopAll(): Promise<unknown> {
    this.reset();
    this.#options.gpuProcesses.clear();
    return Promise.all([this.#gpus.stop(), this.#apps.stop(), this.#pcie.stop()]);
  }

  /** `onlyThese`: the GPUs that are awake, where some sleep. */
  #keepAll(command: string, level: Level, onlyThese: readonly string[] | null): void {
    const chosen = onlyThese === null ? [] : ['-i', onlyThese.join(',')];
    const loop = [FORMAT, '-lms', String(LOOP_MS), ...chosen];
    this.#fields = queryFields(level, this.#unknownFields);
    this.#gpus.keep(command, [`--query-gpu=${this.#fields.join(',')}`, ...loop]);
    if (includesLevel(level, 'detailed')) {
      this.#apps.keep(command, [`--query-compute-apps=${COMPUTE_APP_FIELDS.join(',')}`, ...loop]);
    } else {
      void this.#apps.stop();
    }
    if (includesLevel(level, 'intensive')) {
      this.#pcie.keep(command, ['dmon', '-s', 't', '-d', String(LOOP_MS / 1_000), ...chosen]);
    } else {
      void this.#pcie.stop();
    }
  }

  /** Each row is told once: a round that is late leaves a gap and not the value before again. */
  #putRows(sink: Sink, context: ReadContext): void {
    const { ledger } = this.#options;
    for (const row of this.#newRows.values()) {
      putGpu(sink, this.#keysOf(row), row);
      if (row.powerWatts !== null) ledger.reportPart(`gpu ${row.busId}`, row.powerWatts, context.monotonicMs());
    }
    for (const row of this.#newPcie.values()) {
      const keys = this.#keysByBusId.get(this.#busIdByIndex.get(row.index) ?? '');
      if (keys === undefined) continue;
      sink.put(keys.pcieReceive, row.receiveBytesPerSecond);
      sink.put(keys.pcieTransmit, row.transmitBytesPerSecond);
    }
    this.reset();
  }

  #keysOf({ busId, name }: GpuRow): GpuKeys {
    let keys = this.#keysByBusId.get(busId);
    if (keys === undefined) {
      keys = gpuKeys(busId, name);
      this.#keysByBusId.set(busId, keys);
    }
    return keys;
  }
}

function putGpu(sink: Sink, keys: GpuKeys, row: GpuRow): void {
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

function wordsForRest(phase: RestState['phase'], found: readonly PciGpu[]): string {
  if (phase === 'resting') return 'The GPU is idle and not asked for a moment, so that it can fall asleep.';
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
