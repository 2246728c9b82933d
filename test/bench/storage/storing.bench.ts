/** How fast ticks are stored, and what a sample weighs on disk, fresh and packed. */
import { join } from 'node:path';
import type { Figure } from '../../../scripts/benching/figure.ts';
import type { Tick } from '../../../src/core/metrics/sample.ts';
import { openReadable } from '../../../src/node/storage/connection.ts';
import { createThreadedStore } from '../../../src/node/storage/store.ts';
import { BENCH_WORKER, publicValues, standardDay, type TickSource } from './day-of-ticks.ts';
import { countSamples, inScratchFolder, openStorage, unwrap } from './scratch-store.ts';

/** Ticks handed over in one delivery: a minute of one worker. */
const TICKS_A_DELIVERY = 60;

const RATE_SAMPLES = 2_000_000;

/** Fewer ticks than a day are enough to weigh fresh ones: they are a few minutes old at most. */
const FRESH_TICKS = 3_600;

export async function bench(): Promise<readonly Figure[]> {
  const day = standardDay();
  const values = publicValues();
  const figures: Figure[] = [
    {
      name: 'storing in ticks, through the thread',
      value: await storingRate(day.ticks),
      unit: 'samples/s',
      bar: 500_000,
      isFloor: true,
    },
    ...(await weights(day)).map(withBar),
  ];
  return values === null ? figures : [...figures, ...(await weights(values))];
}

/** The bars are for a day as it is recorded; other values are given for comparison. */
function withBar(figure: Figure): Figure {
  if (figure.name.startsWith('fresh')) return { ...figure, bar: 5 };
  return figure.name.startsWith('packed') ? { ...figure, bar: 1 } : figure;
}

/** Deliveries as fast as they can be made, until a read says that all of them are stored. */
async function storingRate(ticks: readonly Tick[]): Promise<number> {
  return inScratchFolder(async (folder) => {
    const store = createThreadedStore({ dataDir: join(folder, 'data') });
    unwrap(await store.open());
    let samples = 0;
    const startMs = performance.now();
    for (let start = 0; start < ticks.length && samples < RATE_SAMPLES; start += TICKS_A_DELIVERY) {
      const some = ticks.slice(start, start + TICKS_A_DELIVERY);
      store.append(BENCH_WORKER, { ticks: some });
      samples += countSamples(some);
    }
    const stored = unwrap(await store.usage()).sampleCount;
    const seconds = (performance.now() - startMs) / 1_000;
    await store.dispose();
    if (stored !== samples) throw new Error(`${stored} of ${samples} samples were stored.`);
    return samples / seconds;
  });
}

async function weights({ name, ticks }: TickSource): Promise<readonly Figure[]> {
  return inScratchFolder((folder) => {
    const fresh = ticks.slice(0, FRESH_TICKS);
    const { storage, append } = openStorage(join(folder, 'fresh'));
    appendAll(append, fresh);
    storage.close();
    const freshBytes = pageBytes(join(folder, 'fresh'), ['ticks', 'layouts']);
    return [
      { name: `fresh, ${name}`, value: freshBytes / countSamples(fresh), unit: 'bytes/sample' },
      ...packedWeights(join(folder, 'packed'), name, ticks),
    ];
  });
}

function packedWeights(dataDir: string, name: string, ticks: readonly Tick[]): readonly Figure[] {
  const { storage, append, settle } = openStorage(dataDir);
  // Packed as they come, as in use: an hour at a time.
  for (let start = 0; start < ticks.length; start += 3_600) {
    appendAll(append, ticks.slice(start, start + 3_600));
    settle();
  }
  storage.close();
  const samples = packedSamples(dataDir);
  if (samples !== countSamples(ticks)) throw new Error(`${samples} of ${countSamples(ticks)} samples were packed.`);
  const rows = rollupRows(dataDir);
  return [
    {
      name: `packed, ${name}`,
      value: pageBytes(dataDir, ['packed']) / samples,
      unit: 'bytes/sample',
    },
    {
      name: `a rollup row, ${name}`,
      value: pageBytes(dataDir, ['rollups_1m', 'rollups_10m', 'rollups_1h']) / rows,
      unit: 'bytes',
    },
  ];
}

function appendAll(append: (ticks: readonly Tick[]) => void, ticks: readonly Tick[]): void {
  for (let start = 0; start < ticks.length; start += TICKS_A_DELIVERY)
    append(ticks.slice(start, start + TICKS_A_DELIVERY));
}

/** Bytes of whole pages, so that what pages leave empty counts too. */
function pageBytes(dataDir: string, tables: readonly string[]): number {
  const database = openReadable(join(dataDir, 'metrics.db'));
  const select = database.prepare('SELECT sum(pgsize) FROM dbstat WHERE name = ?').pluck();
  const bytes = tables.reduce((sum, table) => sum + (select.get(table) as number), 0);
  database.close();
  return bytes;
}

function packedSamples(dataDir: string): number {
  const database = openReadable(join(dataDir, 'metrics.db'));
  const samples = database.prepare('SELECT sum(samples) FROM packed').pluck().get() as number;
  database.close();
  return samples;
}

function rollupRows(dataDir: string): number {
  const database = openReadable(join(dataDir, 'metrics.db'));
  const rows = ['1m', '10m', '1h'].map(
    (width) => database.prepare(`SELECT count(*) FROM rollups_${width}`).pluck().get() as number,
  );
  database.close();
  return rows.reduce((sum, count) => sum + count, 0);
}
