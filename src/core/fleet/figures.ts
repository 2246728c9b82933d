/** Which series feeds which figure of a worker's tile, and how a tick updates the figures. */

import type { Tick } from '../metrics/sample.ts';
import { parseSeriesKey, type SeriesKey } from '../metrics/series.ts';
import type { WorkerFigures } from './worker.ts';

export type FigureName = keyof WorkerFigures;

/** A figure with the time it was read, so that it can go when nothing renews it. */
export interface DatedFigure {
  readonly value: number;
  readonly atMs: number;
}

export type DatedFigures = Readonly<Partial<Record<FigureName, DatedFigure>>>;

/**
 * After this long without renewal a figure is shown as no data. Filesystems are read every 30 s, some sensors of macOS
 * and Windows every 10 s; each bound is a little over three readings.
 */
const FIGURE_LIFETIME_MS: Readonly<Record<FigureName, number>> = {
  cpuUtilization: 35_000,
  memoryUtilization: 35_000,
  gpuUtilization: 35_000,
  diskUtilization: 120_000,
  memoryUsedBytes: 35_000,
  memoryLimitBytes: 35_000,
  temperatureCelsius: 35_000,
  powerWatts: 35_000,
  load1: 35_000,
  uptimeSeconds: 35_000,
};

/** Takes the figures a tick holds. Where several series feed one figure (GPUs, filesystems, sensors) the highest counts. */
export function figuresIn(tick: Tick): DatedFigures {
  const highest: Partial<Record<FigureName, number>> = {};
  const cpuSensors: number[] = [];
  tick.seriesKeys.forEach((key, index) => {
    const value = tick.values[index];
    const role = roleOf(key);
    if (role === null || value === undefined) return;
    if (role === 'cpuTemperature') cpuSensors.push(value);
    const figure = role === 'cpuTemperature' ? 'temperatureCelsius' : role;
    highest[figure] = Math.max(highest[figure] ?? Number.NEGATIVE_INFINITY, value);
  });
  // A machine's temperature is its CPU's where that has a sensor; a warm disk must not hide it.
  if (cpuSensors.length > 0) highest.temperatureCelsius = Math.max(...cpuSensors);
  const dated: Partial<Record<FigureName, DatedFigure>> = {};
  for (const [name, value] of Object.entries(highest)) dated[name as FigureName] = { value, atMs: tick.atMs };
  return dated;
}

/** The figures that are still young enough at `nowMs`; the others are null. */
export function freshFigures(figures: DatedFigures, nowMs: number): WorkerFigures {
  const names = Object.keys(FIGURE_LIFETIME_MS) as FigureName[];
  return Object.fromEntries(
    names.map((name) => {
      const figure = figures[name];
      const isFresh = figure !== undefined && nowMs - figure.atMs <= FIGURE_LIFETIME_MS[name];
      return [name, isFresh ? figure.value : null];
    }),
  ) as unknown as WorkerFigures;
}

type Role = FigureName | 'cpuTemperature';

/** Keys are few and repeat for ever, so each is taken apart once. Bounded: a fleet of hot-plugged names cannot grow it. */
const roles = new Map<SeriesKey, Role | null>();
const MOST_REMEMBERED_KEYS = 50_000;

function roleOf(key: SeriesKey): Role | null {
  let role = roles.get(key);
  if (role === undefined) {
    if (roles.size >= MOST_REMEMBERED_KEYS) roles.clear();
    role = findRole(key);
    roles.set(key, role);
  }
  return role;
}

function findRole(key: SeriesKey): Role | null {
  const { metric, attributes } = parseSeriesKey(key);
  const isTotal = Object.keys(attributes).length === 0;
  switch (metric) {
    case 'system.cpu.utilization':
      return isTotal ? 'cpuUtilization' : null;
    case 'system.memory.utilization':
      return 'memoryUtilization';
    case 'system.memory.usage':
      return attributes['system.memory.state'] === 'used' ? 'memoryUsedBytes' : null;
    case 'system.memory.limit':
      return 'memoryLimitBytes';
    case 'hw.gpu.utilization':
      return attributes['hw.gpu.task'] === undefined ? 'gpuUtilization' : null;
    case 'system.filesystem.utilization':
      return 'diskUtilization';
    case 'hw.temperature':
      return attributes['hw.type'] === 'cpu' ? 'cpuTemperature' : 'temperatureCelsius';
    case 'hw.host.power':
      return 'powerWatts';
    case 'labwatch.load1':
      return 'load1';
    case 'system.uptime':
      return 'uptimeSeconds';
    default:
      return null;
  }
}
