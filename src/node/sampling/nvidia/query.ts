/**
 * What is asked of `nvidia-smi`, and how its answers read.
 *
 * Source: `nvidia-smi --help-query-gpu`, `--help-query-compute-apps`, and the manual's section on `dmon`. Memory comes
 * in MiB, clocks in MHz, PCIe in MB/s. What a card cannot tell is `[N/A]`, `[Not Supported]` or another word in
 * brackets: then there is no value, and never 0.
 */
import { includesLevel, type Level } from '../../../core/metrics/level.ts';
import { pciAddress } from '../pci-address.ts';

const MIB = 1_048_576;
const MHZ = 1_000_000;
const MEGABYTE = 1_000_000;

interface Field {
  readonly query: string;
  readonly name: keyof Omit<GpuRow, 'busId' | 'name' | 'index'>;
  readonly scale: number;
  readonly leastLevel: Level;
}

/** One GPU at one time; null for what it does not tell. */
export interface GpuRow {
  /** As sysfs writes it: `0000:3b:00.0`. */
  readonly busId: string;
  readonly index: number | null;
  readonly name: string;
  readonly utilization: number | null;
  readonly memoryUsedBytes: number | null;
  readonly memoryTotalBytes: number | null;
  readonly temperatureCelsius: number | null;
  readonly powerWatts: number | null;
  readonly graphicsClockHz: number | null;
  readonly memoryClockHz: number | null;
  readonly encoderUtilization: number | null;
  readonly decoderUtilization: number | null;
}

const FIELDS: readonly Field[] = [
  { query: 'utilization.gpu', name: 'utilization', scale: 0.01, leastLevel: 'standard' },
  { query: 'memory.used', name: 'memoryUsedBytes', scale: MIB, leastLevel: 'standard' },
  { query: 'memory.total', name: 'memoryTotalBytes', scale: MIB, leastLevel: 'standard' },
  { query: 'temperature.gpu', name: 'temperatureCelsius', scale: 1, leastLevel: 'standard' },
  { query: 'power.draw', name: 'powerWatts', scale: 1, leastLevel: 'standard' },
  { query: 'clocks.current.graphics', name: 'graphicsClockHz', scale: MHZ, leastLevel: 'intensive' },
  { query: 'clocks.current.memory', name: 'memoryClockHz', scale: MHZ, leastLevel: 'intensive' },
  { query: 'utilization.encoder', name: 'encoderUtilization', scale: 0.01, leastLevel: 'intensive' },
  { query: 'utilization.decoder', name: 'decoderUtilization', scale: 0.01, leastLevel: 'intensive' },
];

/** The fields asked for at a level, without those an older driver was found not to know. */
export function queryFields(level: Level, unknown: ReadonlySet<string>): readonly string[] {
  const wanted = FIELDS.filter(({ query, leastLevel }) => includesLevel(level, leastLevel) && !unknown.has(query));
  // The name comes last: it is the only one that might hold a comma.
  return ['pci.bus_id', 'index', ...wanted.map(({ query }) => query), 'name'];
}

/** One line of `--query-gpu` with these fields; null where it is not one. */
export function parseGpuRow(line: string, fields: readonly string[]): GpuRow | null {
  const parts = line.split(', ');
  if (parts.length < fields.length) return null;
  const busId = pciAddress(parts[0]!);
  if (busId === null) return null;
  const row: Record<string, number | null> = {};
  for (const { query, name, scale } of FIELDS) {
    const place = fields.indexOf(query);
    const value = place < 0 ? null : numberOrNull(parts[place]!);
    row[name] = value === null ? null : value * scale;
  }
  const name = parts.slice(fields.length - 1).join(', ');
  return { ...(row as unknown as GpuRow), busId, index: numberOrNull(parts[1]!), name };
}

/** The field that an old driver complains about, or null. */
export function unknownFieldIn(line: string): string | null {
  return /^Field "([^"]+)" is not a valid field to query/.exec(line)?.[1] ?? null;
}

export interface ComputeApp {
  readonly pid: number;
  readonly memoryBytes: number;
}

export const COMPUTE_APP_FIELDS = ['pid', 'used_gpu_memory'];

/** One line of `--query-compute-apps`; null where it is not one, or the memory is not told. */
export function parseComputeApp(line: string): ComputeApp | null {
  const [pid, memory] = line.split(', ').map(numberOrNull);
  return pid === undefined || pid === null || memory === undefined || memory === null
    ? null
    : { pid, memoryBytes: memory * MIB };
}

export interface PcieRow {
  readonly index: number;
  readonly receiveBytesPerSecond: number | null;
  readonly transmitBytesPerSecond: number | null;
}

/** One line of `dmon -s t`: GPU, received, sent; null for headings and all else. */
export function parsePcieRow(line: string): PcieRow | null {
  const parts = line.trim().split(/\s+/);
  const index = numberOrNull(parts[0] ?? '');
  if (parts.length !== 3 || index === null) return null;
  const rate = (text: string) => {
    const megabytes = numberOrNull(text);
    return megabytes === null ? null : megabytes * MEGABYTE;
  };
  return { index, receiveBytesPerSecond: rate(parts[1]!), transmitBytesPerSecond: rate(parts[2]!) };
}

function numberOrNull(text: string): number | null {
  return /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : null;
}
