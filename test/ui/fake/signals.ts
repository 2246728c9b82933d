/** Every series of a fake machine as a function of time: the same moment always has the same value. */

import type { MetricName } from '../../../src/core/metrics/catalogue.ts';
import { includesLevel, type Level } from '../../../src/core/metrics/level.ts';
import { type Attributes, type SeriesKey, seriesKey } from '../../../src/core/metrics/series.ts';
import type { Machine } from './machines.ts';

export interface Signal {
  readonly seriesKey: SeriesKey;
  /** Value at a moment. */
  readonly at: (atMs: number) => number;
  /** Shortest swing around the value within a minute, for the bands of rollups. */
  readonly swing: number;
  /** The value never exceeds this. */
  readonly most: number;
}

/** Uniform 0..1 from two whole numbers (murmur-style mixing). */
export function chance(seed: number, step: number): number {
  let hash = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(step | 0, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32;
}

function smooth(seed: number, atMs: number, periodMs: number): number {
  const position = atMs / periodMs;
  const step = Math.floor(position);
  const rest = position - step;
  const ease = rest * rest * (3 - 2 * rest);
  return chance(seed, step) * (1 - ease) + chance(seed, step + 1) * ease;
}

/** A wandering load with slow hours, faster minutes and a little noise, around `mean` 0..1. */
export function load(seed: number, mean: number, atMs: number): number {
  const slow = smooth(seed, atMs, 5_400_000) - 0.5;
  const middle = smooth(seed + 1, atMs, 240_000) - 0.5;
  const fast = smooth(seed + 2, atMs, 17_000) - 0.5;
  const noise = chance(seed + 3, Math.floor(atMs / 1_000)) - 0.5;
  const room = Math.min(mean, 1 - mean) + 0.12;
  return Math.min(1, Math.max(0.002, mean + room * (0.5 * slow + 0.45 * middle + 0.3 * fast + 0.12 * noise)));
}

interface Shape {
  readonly metric: MetricName;
  readonly attributes?: Attributes;
  readonly mean: number;
  /** Value at full load. */
  readonly most: number;
  readonly least?: Level;
}

export function signalsOf(machine: Machine, seed: number, level: Level): readonly Signal[] {
  return shapesOf(machine)
    .filter(({ least = 'basic' }) => includesLevel(level, least))
    .map(({ metric, attributes, mean, most }, index) => ({
      seriesKey: seriesKey(metric, attributes),
      at: (atMs) => load(seed * 101 + index * 7, mean, atMs) * most,
      swing: most * Math.min(mean, 1 - mean) * 0.35,
      most,
    }));
}

function shapesOf(machine: Machine): readonly Shape[] {
  const memoryBytes = machine.memoryGibibytes * 2 ** 30;
  return [
    { metric: 'system.cpu.utilization', mean: machine.load, most: 1 },
    { metric: 'system.memory.utilization', mean: 0.3 + machine.load * 0.5, most: 1 },
    { metric: 'system.memory.limit', mean: 1, most: memoryBytes },
    { metric: 'system.paging.utilization', mean: 0.04, most: 1 },
    { metric: 'labwatch.load1', mean: machine.load, most: machine.threads },
    { metric: 'labwatch.load5', mean: machine.load, most: machine.threads },
    { metric: 'labwatch.load15', mean: machine.load, most: machine.threads },
    ...['/', '/srv/data'].map(
      (mountpoint, index): Shape => ({
        metric: 'system.filesystem.utilization',
        attributes: { 'system.filesystem.mountpoint': mountpoint },
        mean: 0.35 + index * 0.3,
        most: 1,
      }),
    ),
    ...machine.disks.flatMap((device) =>
      ['read', 'write'].map(
        (direction, index): Shape => ({
          metric: 'system.disk.io',
          attributes: { 'system.device': device, 'disk.io.direction': direction },
          mean: 0.3 - index * 0.15,
          most: 600e6,
          least: 'standard',
        }),
      ),
    ),
    ...machine.nics.flatMap((name) =>
      ['receive', 'transmit'].map(
        (direction, index): Shape => ({
          metric: 'system.network.io',
          attributes: { 'network.interface.name': name, 'network.io.direction': direction },
          mean: 0.2 - index * 0.1,
          most: 110e6,
          least: 'standard',
        }),
      ),
    ),
    ...machine.gpus.flatMap(({ model, gibibytes }, index) => gpuShapes(model, gibibytes, index, machine.load)),
    ...(machine.hasHeat ? heatShapes(machine) : []),
    ...detailedShapes(machine),
  ];
}

function gpuShapes(model: string, gibibytes: number, index: number, mean: number): readonly Shape[] {
  const attributes = { 'hw.id': `gpu${index}`, 'hw.name': model };
  const least = 'standard';
  return [
    { metric: 'hw.gpu.utilization', attributes, mean: Math.min(0.97, mean + 0.2), most: 1, least },
    { metric: 'hw.gpu.memory.utilization', attributes, mean: Math.min(0.9, mean + 0.1), most: 1, least },
    { metric: 'hw.gpu.memory.usage', attributes, mean, most: gibibytes * 2 ** 30, least },
    { metric: 'hw.temperature', attributes: { ...attributes, 'hw.type': 'gpu' }, mean: 0.7, most: 90, least },
    { metric: 'hw.power', attributes: { ...attributes, 'hw.type': 'gpu' }, mean, most: 420, least },
  ];
}

function heatShapes(machine: Machine): readonly Shape[] {
  const cpu = { 'hw.id': 'coretemp0', 'hw.name': 'Package', 'hw.type': 'cpu' };
  const heat: Shape[] = [
    { metric: 'hw.temperature', attributes: cpu, mean: 0.5 + machine.load * 0.3, most: 95, least: 'standard' },
    {
      metric: 'hw.fan.speed',
      attributes: { 'hw.id': 'fan1', 'hw.name': 'CPU fan' },
      mean: 0.5,
      most: 2_400,
      least: 'detailed',
    },
  ];
  if (!machine.hasPower) return heat;
  return [...heat, { metric: 'hw.host.power', mean: 0.2 + machine.load * 0.5, most: 900, least: 'standard' }];
}

function detailedShapes(machine: Machine): readonly Shape[] {
  const least = 'detailed';
  return [
    ...['user', 'system', 'iowait'].map(
      (mode, index): Shape => ({
        metric: 'system.cpu.utilization',
        attributes: { 'cpu.mode': mode },
        mean: machine.load * (0.7 - index * 0.3),
        most: 1,
        least,
      }),
    ),
    ...Array.from(
      { length: machine.threads },
      (_, index): Shape => ({
        metric: 'system.cpu.utilization',
        attributes: { 'cpu.logical_number': String(index) },
        mean: machine.load,
        most: 1,
        least,
      }),
    ),
    ...['cpu', 'io', 'memory'].map(
      (resource): Shape => ({
        metric: 'labwatch.pressure',
        attributes: { 'labwatch.resource': resource },
        mean: 0.05,
        most: 1,
        least,
      }),
    ),
    {
      metric: 'system.paging.faults',
      attributes: { 'system.paging.fault.type': 'minor' },
      mean: 0.3,
      most: 9_000,
      least,
    },
    ...machine.disks.flatMap((device) =>
      ['read', 'write'].map(
        (direction): Shape => ({
          metric: 'labwatch.disk.latency',
          attributes: { 'system.device': device, 'disk.io.direction': direction },
          mean: 0.1,
          most: 0.02,
          least,
        }),
      ),
    ),
    { metric: 'labwatch.context_switches', mean: 0.4, most: 50_000, least: 'intensive' },
  ];
}
