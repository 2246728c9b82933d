/** How long a chart waits: a day and thirty days of one series, from a store that holds thirty days of forty. */
import { join } from 'node:path';
import { type Figure, median } from '../../../scripts/benching/figure.ts';
import { ROLLUP_RESOLUTIONS, ROLLUP_WIDTH_MS } from '../../../src/core/metrics/rollup.ts';
import { type SeriesKey, seriesKey } from '../../../src/core/metrics/series.ts';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../../src/core/time.ts';
import type { Store } from '../../../src/engine/ports.ts';
import { openMetrics } from '../../../src/node/storage/metrics-database.ts';
import { createThreadedStore } from '../../../src/node/storage/store.ts';
import { BENCH_WORKER } from './day-of-ticks.ts';
import { inScratchFolder, unwrap } from './scratch-store.ts';

const KEYS = Array.from({ length: 40 }, (_, index) => seriesKey('hw.temperature', { 'hw.id': `sensor-${index}` }));
const DAYS = 30;
const QUERIES = 25;
const POINTS = 1_000;

export async function bench(): Promise<readonly Figure[]> {
  return inScratchFolder(async (folder) => {
    const dataDir = join(folder, 'data');
    const nowMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
    await createFolder(dataDir);
    fillRollups(join(dataDir, 'metrics.db'), nowMs);
    const store = createThreadedStore({ dataDir });
    unwrap(await store.open());
    appendTail(store, nowMs);
    const ask = async (keys: readonly SeriesKey[], lengthMs: number): Promise<number> =>
      timed(store, keys, nowMs, lengthMs);
    const first = await ask([KEYS[7] as SeriesKey], 30 * DAY_MS);
    const day = await medianOf(() => ask([KEYS[3] as SeriesKey], DAY_MS));
    const month = await medianOf(() => ask([KEYS[5] as SeriesKey], DAYS * DAY_MS));
    const quarterHour = await medianOf(() => ask([KEYS[9] as SeriesKey], 15 * MINUTE_MS));
    const detail = await medianOf(() => ask(KEYS.slice(0, 12), DAY_MS));
    await store.dispose();
    return [
      { name: '24 h of one series to 1,000 points', value: day, unit: 'ms', bar: 30 },
      { name: '30 days of one series to 1,000 points', value: month, unit: 'ms', bar: 50 },
      { name: '30 days of one series, the first question after opening', value: first, unit: 'ms' },
      { name: '15 min of one series, every sample', value: quarterHour, unit: 'ms' },
      { name: '24 h of twelve series to 1,000 points each', value: detail, unit: 'ms' },
    ];
  });
}

async function createFolder(dataDir: string): Promise<void> {
  const store = createThreadedStore({ dataDir });
  unwrap(await store.open());
  await store.dispose();
}

/** Rows as the upkeep would have left them, minute by minute, so that pages are as full and as scattered as in use. */
function fillRollups(path: string, nowMs: number): void {
  const database = openMetrics(path);
  const ids = database.transact(() => {
    const worker = database.catalogue.workerFor(BENCH_WORKER);
    return database.catalogue.layoutsFor(worker, KEYS).flatMap((layout) => layout.series.map((series) => series.id));
  });
  const minutes = (DAYS * DAY_MS) / MINUTE_MS;
  const firstMinute = nowMs / MINUTE_MS - minutes;
  for (let start = 0; start < minutes; start += 1_440) {
    database.transact(() => {
      for (let minute = firstMinute + start; minute < firstMinute + start + 1_440; minute += 1) {
        for (const resolution of ROLLUP_RESOLUTIONS) {
          const each = ROLLUP_WIDTH_MS[resolution] / MINUTE_MS;
          if (minute % each !== 0) continue;
          for (const id of ids) {
            const least = 400 + ((minute * 31 + id * 17) % 97);
            const count = 60 * each;
            const summary = { count, min: least, max: least + 40, sum: (least + 13) * count, p95: least + 33 };
            database.rollups.write(resolution, id, minute / each, summary);
          }
        }
      }
    });
  }
  database.connection.close();
}

/** The last twenty minutes as samples, which no rollup holds yet. */
function appendTail(store: Store, nowMs: number): void {
  for (let second = -1_200; second < 0; second += 1) {
    const values = Float64Array.from(KEYS, (_, index) => 40 + ((second + index) % 17) / 10);
    store.append(BENCH_WORKER, { ticks: [{ atMs: nowMs + second * SECOND_MS, seriesKeys: KEYS, values }] });
  }
}

async function timed(store: Store, seriesKeys: readonly SeriesKey[], nowMs: number, lengthMs: number): Promise<number> {
  const startMs = performance.now();
  const request = { workerId: BENCH_WORKER, seriesKeys, fromMs: nowMs - lengthMs, toMs: nowMs, maxPoints: POINTS };
  const { series } = unwrap(await store.history(request));
  const elapsedMs = performance.now() - startMs;
  for (const { atMs } of series) {
    if (atMs.length > POINTS || atMs.length < POINTS / 2) throw new Error(`${atMs.length} points came back.`);
  }
  return elapsedMs;
}

async function medianOf(ask: () => Promise<number>): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < QUERIES; index += 1) times.push(await ask());
  return median(times);
}
