/**
 * Every metric Labwatch knows: its unit, and the step to which values are kept.
 *
 * Names follow the OpenTelemetry semantic conventions (system, hw and process metrics) where one exists; the rest start
 * with `labwatch.`. Counters of the convention are kept as rates per second (see `rate.ts`), so their unit ends in `/s`.
 * `quantum` is the precision of storage: a stored value is a whole number of quanta, in fresh and in packed form alike,
 * so packing never changes a number. It is well below what the source can resolve.
 */
export type Unit = '1' | 'By' | 'By/s' | 's' | 'Hz' | 'Cel' | 'W' | 'J' | 'rpm' | '/s' | '{item}';

export interface MetricDefinition {
  readonly unit: Unit;
  readonly quantum: number;
  /** Short words for charts and lists. */
  readonly title: string;
  /** One sentence: what is measured, and from where on Linux. */
  readonly description: string;
}

const RATIO = 0.0001;
const KIBIBYTE = 1024;

export const METRICS = {
  'system.cpu.utilization': metric(
    '1',
    RATIO,
    'CPU',
    'Busy share of the interval; whole machine, per logical CPU or per mode (/proc/stat).',
  ),
  'system.cpu.frequency': metric('Hz', 1e6, 'CPU frequency', 'Current frequency per logical CPU (cpufreq).'),
  'system.cpu.time': metric('s', 0.01, 'CPU time', 'Seconds of CPU since boot, per mode (/proc/stat).'),
  'system.uptime': metric('s', 1, 'Uptime', 'Seconds since boot (/proc/uptime).'),
  'labwatch.load1': metric(
    '{item}',
    0.01,
    'Load 1 min',
    'Runnable and uninterruptible tasks, 1 min average (/proc/loadavg).',
  ),
  'labwatch.load5': metric('{item}', 0.01, 'Load 5 min', 'The same over 5 min.'),
  'labwatch.load15': metric('{item}', 0.01, 'Load 15 min', 'The same over 15 min.'),
  'labwatch.pressure': metric(
    '1',
    RATIO,
    'Pressure',
    'Share of the interval in which tasks stalled on a resource (Linux PSI, from its total).',
  ),
  'labwatch.context_switches': metric('/s', 1, 'Context switches', 'Context switches per second (/proc/stat).'),
  'labwatch.interrupts': metric('/s', 1, 'Interrupts', 'Interrupts serviced per second (/proc/stat).'),
  'system.memory.usage': metric(
    'By',
    KIBIBYTE,
    'Memory',
    'Memory by state: used, free, cached, buffers, slab (/proc/meminfo).',
  ),
  'system.memory.limit': metric('By', KIBIBYTE, 'Memory size', 'Physical memory (/proc/meminfo).'),
  'system.memory.utilization': metric(
    '1',
    RATIO,
    'Memory',
    'Share of memory not available to new programs: 1 − available ÷ total.',
  ),
  'system.memory.linux.available': metric(
    'By',
    KIBIBYTE,
    'Memory available',
    'What a new program could take without swapping (/proc/meminfo).',
  ),
  'system.paging.usage': metric('By', KIBIBYTE, 'Swap', 'Swap in use (/proc/meminfo).'),
  'system.paging.utilization': metric('1', RATIO, 'Swap', 'Share of swap in use.'),
  'system.paging.operations': metric('/s', 0.1, 'Paging', 'Pages swapped per second, by direction (/proc/vmstat).'),
  'system.paging.faults': metric('/s', 0.1, 'Page faults', 'Page faults per second, by type (/proc/vmstat).'),
  'system.disk.io': metric('By/s', 1, 'Disk', 'Bytes per second, per device and direction (/proc/diskstats).'),
  'system.disk.operations': metric('/s', 0.1, 'Disk operations', 'Operations per second, per device and direction.'),
  'system.disk.io_time': metric('1', RATIO, 'Disk busy', 'Share of the interval in which the device had work.'),
  'labwatch.disk.latency': metric(
    's',
    1e-6,
    'Disk latency',
    'Mean time per finished operation, per device and direction.',
  ),
  'system.filesystem.usage': metric('By', KIBIBYTE, 'Filesystem', 'Bytes used per mount point (statfs).'),
  'system.filesystem.limit': metric('By', KIBIBYTE, 'Filesystem size', 'Size per mount point (statfs).'),
  'system.filesystem.utilization': metric(
    '1',
    RATIO,
    'Filesystem',
    'Used share of what users may fill, as `df` counts it.',
  ),
  'system.network.io': metric('By/s', 1, 'Network', 'Bytes per second, per interface and direction (/proc/net/dev).'),
  'system.network.packet.count': metric('/s', 0.1, 'Packets', 'Packets per second, per interface and direction.'),
  'system.network.packet.dropped': metric(
    '/s',
    0.01,
    'Dropped packets',
    'Dropped packets per second, per interface and direction.',
  ),
  'system.network.errors': metric('/s', 0.01, 'Network errors', 'Errors per second, per interface and direction.'),
  'hw.gpu.utilization': metric('1', RATIO, 'GPU', 'Busy share per GPU; with hw.gpu.task also of encoder and decoder.'),
  'hw.gpu.memory.usage': metric('By', KIBIBYTE, 'GPU memory', 'Memory in use per GPU.'),
  'hw.gpu.memory.limit': metric('By', KIBIBYTE, 'GPU memory size', 'Memory per GPU.'),
  'hw.gpu.memory.utilization': metric('1', RATIO, 'GPU memory', 'Share of memory in use per GPU.'),
  'hw.gpu.io': metric('By/s', 1, 'PCIe', 'Bytes per second over PCIe, per GPU and direction.'),
  'labwatch.gpu.clock': metric('Hz', 1e6, 'GPU clock', 'Clock per GPU and domain (graphics, memory).'),
  'hw.temperature': metric(
    'Cel',
    0.1,
    'Temperature',
    'Temperature per sensor; hw.type tells CPU, GPU, disk, other (hwmon, nvidia-smi).',
  ),
  'hw.fan.speed': metric('rpm', 1, 'Fan', 'Fan speed per sensor (hwmon).'),
  'hw.power': metric('W', 0.01, 'Power', 'Power per component; hw.type tells CPU, GPU (RAPL, nvidia-smi, hwmon).'),
  'hw.host.power': metric('W', 0.01, 'Host power', 'Sum of the measured components, or the battery while discharging.'),
  'hw.host.energy': metric(
    'J',
    0.01,
    'Host energy',
    'Energy since Labwatch started, integrated from what is measured.',
  ),
  'hw.battery.charge': metric('1', RATIO, 'Battery', 'Charge of the battery (power_supply).'),
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof METRICS;

export function isMetricName(text: string): text is MetricName {
  return Object.hasOwn(METRICS, text);
}

function metric(unit: Unit, quantum: number, title: string, description: string): MetricDefinition {
  return { unit, quantum, title, description };
}
