/** One worker of the fake lab: its view, ticks, history, processes and events at any moment. */
import { capabilitiesOf } from '../../../src/core/fleet/capabilities.ts';
import type { Labels } from '../../../src/core/fleet/labels.ts';
import {
  type LinkState,
  type RemoteView,
  type WorkerId,
  type WorkerView,
  workerId,
} from '../../../src/core/fleet/worker.ts';
import type { CollectorStatus } from '../../../src/core/metrics/collector.ts';
import type { HistoryRequest, Resolution, SeriesHistory, SeriesInfo } from '../../../src/core/metrics/history.ts';
import { type Level, TICK_INTERVAL_MS } from '../../../src/core/metrics/level.ts';
import type { ProcessSnapshot, Tick, WorkerEvent } from '../../../src/core/metrics/sample.ts';
import type { Admission } from '../../../src/core/scheduling/place.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../src/core/time.ts';
import { inventoryOf, type Machine } from './machines.ts';
import { chance, load, type Signal, signalsOf } from './signals.ts';

const MARKUP = '<img src=x onerror="window.wasRun=true"><script>window.wasRun=true</script>';
const COMMANDS = [
  'python ingest.py --shard 8',
  'python ingest.py --shard 7',
  'postgres: writer',
  'Xorg :0 -seat seat0',
  'node build.mjs --watch',
  'ffmpeg -i capture.mkv -c:v libx265 -crf 21 out/very/long/path/to/a/file-that-does-not-fit-into-the-column.mkv',
  '[kworker/u64:3-events_unbound]',
  'dockerd -H fd://',
];

export interface FakeWorker {
  readonly workerId: WorkerId;
  readonly machine: Machine;
  name: string;
  level: Level;
  link: LinkState;
  awaySinceMs: number | null;
  /** Null for the local worker, the first. */
  remote: RemoteView | null;
  lastSampleAtMs: number;
  inventoryAtMs: number;
  labels: Labels;
  pricePerHour: number | null;
  admission: Admission;
  /** Names of the tasks that run there. */
  runningTasks: readonly string[];
  view(): WorkerView;
  tick(atMs: number): Tick;
  series(): readonly SeriesInfo[];
  history(request: HistoryRequest): readonly SeriesHistory[];
  processes(atMs: number): ProcessSnapshot;
  events(fromMs: number, toMs: number): readonly WorkerEvent[];
}

interface Making {
  readonly index: number;
  readonly machine: Machine;
  readonly seed: number;
  readonly isHostile: boolean;
  readonly hasHistory: boolean;
  readonly nowMs: number;
  readonly pairedAtMs: number;
}

export function createFakeWorker(making: Making): FakeWorker {
  const { index, machine, seed, isHostile, hasHistory, nowMs, pairedAtMs } = making;
  const id = workerId(`00000000-0000-4000-8000-${String(index).padStart(12, '0')}`);
  const firstAtMs = hasHistory ? nowMs - 40 * DAY_MS : nowMs;
  // Ten minutes ago the machine was off for ninety seconds, and five hours ago for one hour.
  const gaps = [
    [nowMs - 10 * MINUTE_MS, nowMs - 8.5 * MINUTE_MS],
    [nowMs - 5 * HOUR_MS, nowMs - 4 * HOUR_MS],
  ] as const;
  const isOff = (atMs: number) => atMs < firstAtMs || gaps.some(([from, to]) => atMs >= from && atMs < to);
  let signals = signalsOf(machine, seed + index, 'standard');
  let seriesKeys = signals.map((signal) => signal.seriesKey);
  let level: Level = 'standard';
  const capabilities = capabilitiesOf(inventoryOf(machine, nowMs));
  const figureOf = (name: string, atMs: number) =>
    signals.find(({ seriesKey }) => seriesKey.startsWith(name))?.at(atMs) ?? null;
  const cpuAt = (atMs: number) => load((seed + index) * 101, machine.load, atMs);

  return {
    workerId: id,
    machine,
    name: isHostile ? `${machine.name} ${MARKUP}` : machine.name,
    get level() {
      return level;
    },
    set level(next) {
      level = next;
      signals = signalsOf(machine, seed + index, next);
      seriesKeys = signals.map((signal) => signal.seriesKey);
    },
    link: 'online',
    awaySinceMs: null,
    remote: index === 0 ? null : remoteOf(index, pairedAtMs),
    lastSampleAtMs: nowMs,
    inventoryAtMs: nowMs,
    labels: {},
    pricePerHour: null,
    admission: 'open',
    runningTasks: [],
    view() {
      const atMs = this.lastSampleAtMs;
      const memory = figureOf('system.memory.utilization', atMs) ?? 0;
      const limitBytes = machine.memoryGibibytes * 2 ** 30;
      const watts = [figureOf('hw.host.power', atMs), figureOf('hw.power', atMs)].filter((value) => value !== null);
      return {
        workerId: id,
        name: this.name,
        isLocal: index === 0,
        link: this.link,
        awaySinceMs: this.awaySinceMs,
        remote: this.remote,
        level,
        lastSampleAtMs: atMs,
        figures: {
          cpuUtilization: cpuAt(atMs),
          memoryUtilization: memory,
          gpuUtilization: figureOf('hw.gpu.utilization', atMs),
          diskUtilization: figureOf('system.filesystem.utilization', atMs),
          memoryUsedBytes: memory * limitBytes,
          memoryLimitBytes: limitBytes,
          temperatureCelsius: figureOf('hw.temperature', atMs),
          powerWatts: watts.length === 0 ? null : watts.reduce((sum, value) => sum + value, 0),
          load1: figureOf('labwatch.load1', atMs),
          uptimeSeconds: 3.3 * 86_400 + atMs / 1_000 - nowMs / 1_000,
        },
        cpuSparkline: Array.from({ length: 60 }, (_, second) => {
          const at = atMs - (59 - second) * SECOND_MS;
          return isOff(at) ? null : cpuAt(at);
        }),
        headline: machine.headline,
        capabilities,
        inventoryAtMs: this.inventoryAtMs,
        labels: this.labels,
        pricePerHour: this.pricePerHour,
        collectors: collectorsOf(machine, nowMs),
        runsTasks: this.remote?.runsTasks ?? true,
        admission: this.admission,
        runningTasks: this.runningTasks.slice(0, 8),
        runningTaskCount: this.runningTasks.length,
      };
    },
    tick(atMs) {
      this.lastSampleAtMs = atMs;
      return { atMs, seriesKeys, values: Float64Array.from(signals, (signal) => signal.at(atMs)) };
    },
    series() {
      if (!hasHistory) return [];
      return seriesKeys.map((seriesKey) => ({ seriesKey, firstAtMs, lastAtMs: this.lastSampleAtMs }));
    },
    history(request) {
      const known = new Map(signals.map((signal) => [signal.seriesKey, signal]));
      return request.seriesKeys.flatMap((key) => {
        const signal = known.get(key);
        return signal === undefined
          ? []
          : [historyOf(signal, request, TICK_INTERVAL_MS[level], isOff, this.lastSampleAtMs)];
      });
    },
    processes(atMs) {
      const minute = Math.floor(atMs / 5_000);
      const processes = COMMANDS.map((command, row) => ({
        pid: 400 + row * 977,
        name: command.split(' ')[0] ?? '',
        user: row % 3 === 0 ? 'root' : 'lab',
        command: isHostile && row === 0 ? MARKUP : command,
        cpuCores: Math.max(0, (6.4 / (row + 1)) * (0.7 + 0.6 * chance(seed + row, minute))),
        memoryBytes: (31 / (row + 1)) * 2 ** 30 * (0.9 + 0.2 * chance(seed + row + 50, minute)),
        threadCount: 4 + row,
        readBytesPerSecond: level === 'intensive' ? 1e6 * row : null,
        writeBytesPerSecond: level === 'intensive' ? 5e5 * row : null,
        gpuMemoryBytes: machine.gpus.length > 0 && row < 2 ? 4 * 2 ** 30 : null,
      }));
      return { atMs, processCount: 312, processes };
    },
    events(fromMs, toMs) {
      const all: WorkerEvent[] = [
        { atMs: nowMs - 8.5 * MINUTE_MS, kind: 'started', message: 'Sampling started at level standard.' },
        { atMs: nowMs - 10 * MINUTE_MS, kind: 'stopped', message: 'Sampling stopped.' },
        {
          atMs: nowMs - 3 * HOUR_MS,
          kind: 'clock-jumped',
          message: 'The clock jumped forward by 12 s; a gap was left.',
        },
      ];
      return hasHistory ? all.filter(({ atMs }) => atMs >= fromMs && atMs < toMs) : [];
    },
  };
}

function remoteOf(index: number, pairedAtMs: number): RemoteView {
  const digit = (place: number) => Math.floor(chance(index, place) * 16).toString(16);
  const hex = Array.from({ length: 64 }, (_, place) => digit(place)).join('');
  return {
    agentVersion: '0.1.0',
    address: `192.168.1.${20 + index}`,
    platform: 'linux-x64',
    pairedAtMs,
    dialledAt: null,
    keyFingerprint: hex.replace(/.{4}(?!$)/g, '$& '),
    runsTasks: index % 2 === 1,
    taskTerms:
      index % 2 === 1
        ? { maxParallel: index === 3 ? 2 : null, programs: index === 3 ? ['pytest', 'python'] : null, asUser: 'lab' }
        : null,
    clockDifferenceMs: index * 3 - 8,
    spooledBytes: 0,
    lostTicks: 0,
    isUpdating: false,
  };
}

function collectorsOf(machine: Machine, nowMs: number): readonly CollectorStatus[] {
  const status = (collector: string, part: Partial<CollectorStatus> = {}): CollectorStatus => ({
    collector,
    state: 'ok',
    reason: null,
    remedy: null,
    sinceMs: nowMs - HOUR_MS,
    skippedTicks: 0,
    ...part,
  });
  return [
    ...['cpu', 'memory', 'disk', 'network', 'filesystems', 'processes'].map((name) => status(name)),
    machine.hasPower
      ? status('rapl', {
          state: 'no permission',
          reason: 'The energy counters of the CPU are readable by root only.',
          remedy: 'sudo chmod a+r /sys/class/powercap/intel-rapl:0/energy_uj',
        })
      : status('rapl', { state: 'unsupported', reason: 'This machine has no RAPL energy counters.' }),
    machine.gpus.length > 0
      ? status('nvidia', {
          state: 'failing',
          reason: 'nvidia-smi ended with code 9; trying again in 30 s.',
          skippedTicks: 3,
        })
      : status('nvidia', { state: 'unsupported', reason: 'nvidia-smi was not found on this machine.' }),
  ];
}

type Off = (atMs: number) => boolean;

function historyOf(
  signal: Signal,
  request: HistoryRequest,
  tickMs: number,
  isOff: Off,
  newestMs: number,
): SeriesHistory {
  const spanMs = request.toMs - request.fromMs;
  const bucketMs = Math.max(tickMs, Math.ceil(spanMs / request.maxPoints / tickMs) * tickMs);
  const points: number[][] = [];
  for (let atMs = Math.ceil(request.fromMs / bucketMs) * bucketMs; atMs < request.toMs; atMs += bucketMs) {
    if (isOff(atMs) || atMs > newestMs) continue;
    const value = signal.at(atMs);
    const swing = bucketMs > tickMs ? signal.swing * Math.min(1, bucketMs / MINUTE_MS) : 0;
    const count = Math.max(1, Math.round(bucketMs / tickMs));
    points.push([
      atMs,
      value,
      Math.max(0, value - swing * (0.4 + chance(1, atMs / bucketMs))),
      Math.min(signal.most, value + swing * (0.4 + chance(2, atMs / bucketMs))),
      count,
    ]);
  }
  const column = (index: number) => Float64Array.from(points, (point) => point[index] ?? 0);
  return {
    seriesKey: signal.seriesKey,
    resolution: resolutionFor(bucketMs),
    gapMs: Math.max(3 * tickMs, 1.5 * bucketMs),
    atMs: column(0),
    mean: column(1),
    min: column(2),
    max: column(3),
    count: Uint32Array.from(points, (point) => point[4] ?? 0),
  };
}

function resolutionFor(bucketMs: number): Resolution {
  if (bucketMs < MINUTE_MS) return 'raw';
  if (bucketMs < 10 * MINUTE_MS) return '1m';
  return bucketMs < HOUR_MS ? '10m' : '1h';
}
