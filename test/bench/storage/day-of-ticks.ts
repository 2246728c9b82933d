/**
 * A day of ticks to store, as Labwatch recorded them; and public server metrics.
 *
 * A recording lies in `test/fixtures/storage`; `LABWATCH_BENCH_DB` names another, any metrics.db of Labwatch's. Its ticks
 * are played again and again until a day is full; it is longer than a window, so nothing repeats inside one. The files of
 * the Numenta Anomaly Benchmark (github.com/numenta/NAB, realAWSCloudWatch and others) hold a value each five minutes:
 * played one a second, they change about as much from tick to tick as real values can.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { workerId } from '../../../src/core/fleet/worker.ts';
import { ByteReader, fromQuanta } from '../../../src/core/metrics/codec.ts';
import type { Tick } from '../../../src/core/metrics/sample.ts';
import { type SeriesKey, seriesKey } from '../../../src/core/metrics/series.ts';
import { DAY_MS, HOUR_MS, SECOND_MS } from '../../../src/core/time.ts';
import { openMetricsForReading } from '../../../src/node/storage/metrics-database.ts';
import { windowAt } from '../../../src/node/storage/packed-window.ts';
import { projectFolder } from '../../support/source.ts';

export const BENCH_WORKER = workerId('00000000-0000-4000-8000-00000000bec4');

/** Whole hours ago, so that every window of the day is closed and none is older than raw samples are kept. */
const DAY_START_MS = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 26 * HOUR_MS;

export interface TickSource {
  /** Words for the figure's name. */
  readonly name: string;
  readonly ticks: readonly Tick[];
}

/** A day at the standard level. */
export function standardDay(): TickSource {
  const recording = process.env.LABWATCH_BENCH_DB;
  const ticks = recording === undefined ? fixtureTicks() : recordedTicks(recording);
  const minutes = Math.round(((ticks.at(-1)?.atMs ?? 0) - (ticks[0]?.atMs ?? 0)) / 60_000);
  return { name: `a day of ${minutes} recorded minutes`, ticks: repeatedOverDay(ticks) };
}

/** The public files side by side, or null where they are not at hand (`LABWATCH_BENCH_NAB` names their folder). */
export function publicValues(): TickSource | null {
  const folder = process.env.LABWATCH_BENCH_NAB ?? join(projectFolder, '..', 'shared', 'data', 'nab');
  if (!existsSync(folder)) return null;
  const columns = readdirSync(folder)
    .filter((name) => name.endsWith('.csv'))
    .map((name) => ({ key: keyFor(name), values: valuesOf(join(folder, name)) }));
  const seriesKeys = columns.map((column) => column.key);
  const length = Math.min(DAY_MS / SECOND_MS, Math.max(...columns.map((column) => column.values.length)));
  const ticks = Array.from({ length }, (_, index) => ({
    atMs: DAY_START_MS + index * SECOND_MS,
    seriesKeys,
    values: Float64Array.from(columns, ({ values }) => values[index % values.length] ?? 0),
  }));
  return { name: 'NAB values, one a second', ticks };
}

function keyFor(file: string): SeriesKey {
  const device = file.replace('.csv', '');
  if (file.includes('cpu_utilization')) return seriesKey('system.cpu.utilization', { 'cpu.mode': device });
  if (file.includes('temperature')) return seriesKey('hw.temperature', { 'hw.id': device });
  if (file.includes('network') || file.includes('Network')) {
    return seriesKey('system.network.io', { 'network.interface.name': device });
  }
  return seriesKey('system.disk.io', { 'system.device': device });
}

function valuesOf(path: string): readonly number[] {
  const isPercent = path.includes('cpu_utilization');
  return readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => Number(line.slice(line.indexOf(',') + 1)) / (isPercent ? 100 : 1));
}

function fixtureTicks(): readonly Tick[] {
  const path = join(projectFolder, 'test', 'fixtures', 'storage', 'recorded-ticks.jsonl.gz');
  const [keys, ...rows] = gunzipSync(readFileSync(path))
    .toString()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  return sharingKeys(
    (rows as (number | null)[][]).map(([atMs, ...values]) => {
      const readings = (keys as SeriesKey[]).map((key, index) => [key, values[index] ?? null] as const);
      return [atMs ?? 0, new Map(readings.filter((one): one is [SeriesKey, number] => one[1] !== null))];
    }),
  );
}

/** Every tick of a recording, fresh or packed, as the sampler delivered it. */
function recordedTicks(path: string): readonly Tick[] {
  const database = openMetricsForReading(path);
  const ticks = new Map<number, Map<SeriesKey, number>>();
  const put = (atMs: number, key: SeriesKey, value: number): void => {
    const readings = ticks.get(atMs) ?? new Map<SeriesKey, number>();
    ticks.set(atMs, readings.set(key, value));
  };
  for (const worker of database.catalogue.workerIds().values()) {
    const series = [...database.catalogue.seriesOf(worker)];
    const ids = series.map((one) => one.id);
    const places = database.connection.prepare('SELECT place FROM packed').pluck().all() as number[];
    const windows = new Set(places.map(windowAt));
    for (const window of windows) {
      const samples = database.raw.read(worker, ids, window * 600_000, (window + 1) * 600_000);
      for (const one of series) {
        const { atMs, quanta } = samples.get(one.id) ?? { atMs: [], quanta: [] };
        atMs.forEach((at, index) => void put(at, one.key, fromQuanta(quanta[index] ?? 0, one.quantum)));
      }
    }
  }
  for (const row of database.connection.prepare('SELECT at_ms, layout, quanta FROM ticks').iterate()) {
    const { at_ms, layout, quanta } = row as { at_ms: number; layout: number; quanta: Uint8Array };
    const reader = new ByteReader(quanta);
    for (const one of database.catalogue.layout(layout)?.series ?? []) {
      put(at_ms, one.key, fromQuanta(reader.signed(), one.quantum));
    }
  }
  database.connection.close();
  if (ticks.size === 0) throw new Error(`${path} holds no ticks.`);
  return sharingKeys([...ticks].toSorted(([one], [other]) => one - other));
}

/** Ticks of one set of series share one array, as the sampler's do. */
function sharingKeys(readings: readonly (readonly [number, ReadonlyMap<SeriesKey, number>])[]): readonly Tick[] {
  const known = new Map<string, readonly SeriesKey[]>();
  return readings.map(([atMs, values]) => {
    const keys = [...values.keys()].toSorted();
    const name = keys.join('\n');
    const seriesKeys = known.get(name) ?? keys;
    known.set(name, seriesKeys);
    return { atMs, seriesKeys, values: Float64Array.from(seriesKeys, (key) => values.get(key) ?? 0) };
  });
}

function repeatedOverDay(ticks: readonly Tick[]): readonly Tick[] {
  const firstMs = ticks[0]?.atMs ?? 0;
  const spanMs = (ticks.at(-1)?.atMs ?? 0) - firstMs + SECOND_MS;
  const day: Tick[] = [];
  for (let offset = DAY_START_MS - firstMs; ; offset += spanMs) {
    for (const tick of ticks) {
      const atMs = tick.atMs + offset;
      if (atMs >= DAY_START_MS + DAY_MS) return day;
      day.push({ ...tick, atMs });
    }
  }
}
