/** Which metrics stand together in a chart, and in which order: the part of the charts a person may want to change. */
import type { MetricName } from '../../core/metrics/catalogue.ts';

export interface Arranged {
  readonly id: string;
  readonly title: string;
  readonly metrics: readonly MetricName[];
  /** Only series with this attribute, and without those. */
  readonly having?: string;
  readonly lacking?: readonly string[];
  /** One chart for each value of this attribute. */
  readonly splitBy?: string;
  /** Word before a label that is a bare number: `core 3`. */
  readonly labelPrefix?: string;
  /** Series colours (0..7) of the first series; the others follow round the palette. */
  readonly colours?: readonly number[];
  /** A folded group is neither fetched nor drawn. */
  readonly isOpenAtFirst: boolean;
}

const DEVICE = 'system.device';
const INTERFACE = 'network.interface.name';
const CORE = 'cpu.logical_number';
const MODE = 'cpu.mode';
const GPU_TASK = 'hw.gpu.task';

export const ARRANGEMENT: readonly Arranged[] = [
  open('cpu', 'CPU', ['system.cpu.utilization'], { lacking: [CORE, MODE], colours: [0] }),
  open('memory', 'Memory', ['system.memory.utilization', 'system.paging.utilization'], { colours: [2, 6] }),
  open('gpu', 'GPU', ['hw.gpu.utilization'], { lacking: [GPU_TASK], colours: [5, 0] }),
  open('gpu-memory', 'GPU memory', ['hw.gpu.memory.utilization'], { colours: [5, 0] }),
  open('disk', 'Disk', ['system.disk.io'], { splitBy: DEVICE, colours: [3, 1] }),
  open('network', 'Network', ['system.network.io'], { splitBy: INTERFACE, colours: [0, 4] }),
  open('temperature', 'Temperature', ['hw.temperature'], { colours: [7] }),
  open('power', 'Power', ['hw.host.power', 'hw.power'], { colours: [1] }),
  open('filesystems', 'Filesystems', ['system.filesystem.utilization'], { colours: [2] }),
  open('load', 'Load', ['labwatch.load1', 'labwatch.load5', 'labwatch.load15'], { colours: [0, 2, 6] }),
  open('pressure', 'Pressure', ['labwatch.pressure'], { colours: [4] }),
  open('fans', 'Fans', ['hw.fan.speed'], { colours: [6] }),
  open('battery', 'Battery', ['hw.battery.charge'], { colours: [3] }),
  folded('cpu-modes', 'CPU by mode', ['system.cpu.utilization'], { having: MODE }),
  folded('cores', 'CPU cores', ['system.cpu.utilization'], { having: CORE, labelPrefix: 'core' }),
  folded('frequency', 'CPU frequency', ['system.cpu.frequency'], { labelPrefix: 'core' }),
  folded('memory-states', 'Memory by state', ['system.memory.usage']),
  folded('paging', 'Paging', ['system.paging.operations']),
  folded('faults', 'Page faults', ['system.paging.faults']),
  folded('disk-busy', 'Disk busy', ['system.disk.io_time']),
  folded('disk-operations', 'Disk operations', ['system.disk.operations'], { splitBy: DEVICE, colours: [3, 1] }),
  folded('disk-latency', 'Disk latency', ['labwatch.disk.latency'], { splitBy: DEVICE, colours: [3, 1] }),
  folded('packets', 'Packets', ['system.network.packet.count'], { splitBy: INTERFACE }),
  folded('dropped', 'Dropped packets', ['system.network.packet.dropped'], { splitBy: INTERFACE }),
  folded('network-errors', 'Network errors', ['system.network.errors'], { splitBy: INTERFACE }),
  folded('gpu-tasks', 'GPU encoder and decoder', ['hw.gpu.utilization'], { having: GPU_TASK }),
];

/** Sizes that charts show beside a share, totals that only grow, and what a tile says in words. */
export const NOT_CHARTED: readonly MetricName[] = [
  'system.cpu.time',
  'system.uptime',
  'system.memory.limit',
  'system.memory.linux.available',
  'system.paging.usage',
  'system.filesystem.usage',
  'system.filesystem.limit',
  'hw.gpu.memory.usage',
  'hw.gpu.memory.limit',
  'hw.host.energy',
];

type Extra = Omit<Arranged, 'id' | 'title' | 'metrics' | 'isOpenAtFirst'>;

function open(id: string, title: string, metrics: readonly MetricName[], extra: Extra = {}): Arranged {
  return { id, title, metrics, isOpenAtFirst: true, ...extra };
}

function folded(id: string, title: string, metrics: readonly MetricName[], extra: Extra = {}): Arranged {
  return { id, title, metrics, isOpenAtFirst: false, ...extra };
}
