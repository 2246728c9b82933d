/**
 * Answers questions about the past: rollups for what is closed, samples for what is not, merged into few points.
 *
 * A bucket that got samples since its rollup was computed is read from the next finer store instead, so an answer never
 * lacks what was appended before it, however late it came.
 */
import {
  BucketMerger,
  bucketGapMs,
  type DownsamplePlan,
  planDownsampling,
  type RawSamples,
  rawColumns,
  rawGapMs,
} from '../../core/metrics/downsample.ts';
import type { HistoryRequest, Resolution, SeriesHistory } from '../../core/metrics/history.ts';
import { bucketIndex, ROLLUP_RESOLUTIONS, ROLLUP_WIDTH_MS, type RollupResolution } from '../../core/metrics/rollup.ts';
import type { SeriesKey } from '../../core/metrics/series.ts';
import type { MetricsDatabase } from './metrics-database.ts';
import { inOrder } from './raw-reader.ts';
import type { StoredSeries } from './series-catalogue.ts';

const EMPTY: RawSamples = { atMs: new Float64Array(0), quanta: new Float64Array(0) };

/** Answers from one or several databases (disk, and memory while the disk refuses), later ones adding to earlier ones. */
export function readHistory(databases: readonly MetricsDatabase[], request: HistoryRequest): readonly SeriesHistory[] {
  const { fromMs, toMs } = request;
  const plan = planDownsampling(fromMs, toMs, request.maxPoints);
  if (plan.resolution === 'raw') {
    const keptFrom = Math.max(...databases.map((database) => database.facts.get('kept-from-raw')));
    if (fromMs >= keptFrom) return readRawHistory(databases, request, plan.widthMs);
  }
  return request.seriesKeys.map((key) => readMergedHistory(databases, request, key, plan));
}

function readRawHistory(
  databases: readonly MetricsDatabase[],
  request: HistoryRequest,
  widthMs: number,
): readonly SeriesHistory[] {
  const { fromMs, toMs, maxPoints } = request;
  const parts = databases.map((database) => readRawOf(database, request));
  return request.seriesKeys.map((seriesKey) => {
    const found = parts.flatMap((part) => part.get(seriesKey) ?? []);
    const quantum = found[0]?.series.quantum ?? 1;
    const samples = joined(found.map((part) => part.samples));
    const gapMs = rawGapMs(samples.atMs);
    if (samples.atMs.length <= maxPoints) {
      return { seriesKey, resolution: 'raw', gapMs, ...rawColumns(samples, quantum) };
    }
    const merger = new BucketMerger(fromMs, toMs, widthMs);
    merger.addSamples(samples);
    return { seriesKey, resolution: 'raw', gapMs: Math.max(gapMs, bucketGapMs(widthMs)), ...merger.columns(quantum) };
  });
}

interface FoundSamples {
  readonly series: StoredSeries;
  readonly samples: RawSamples;
}

function readRawOf(database: MetricsDatabase, request: HistoryRequest): ReadonlyMap<SeriesKey, FoundSamples> {
  const worker = database.catalogue.findWorker(request.workerId);
  if (worker === null) return new Map();
  const series = request.seriesKeys.flatMap((key) => database.catalogue.findSeries(worker, key) ?? []);
  const ids = series.map((one) => one.id);
  const samples = database.raw.read(worker, ids, request.fromMs, request.toMs);
  return new Map(series.map((one) => [one.key, { series: one, samples: samples.get(one.id) ?? EMPTY }]));
}

function joined(parts: readonly RawSamples[]): RawSamples {
  if (parts.length < 2) return parts[0] ?? EMPTY;
  return inOrder({
    atMs: parts.flatMap((part) => [...part.atMs]),
    quanta: parts.flatMap((part) => [...part.quanta]),
  });
}

/** One series from rollups, in whole buckets: the first and last may reach beyond the range asked for. */
function readMergedHistory(
  databases: readonly MetricsDatabase[],
  { workerId, fromMs, toMs }: HistoryRequest,
  seriesKey: SeriesKey,
  { resolution, widthMs }: DownsamplePlan,
): SeriesHistory {
  const merger = new BucketMerger(fromMs, toMs, widthMs);
  const from = Math.floor(fromMs / widthMs) * widthMs;
  const to = Math.ceil(toMs / widthMs) * widthMs;
  let coarsest: Resolution = resolution;
  let quantum = 1;
  for (const database of databases) {
    const worker = database.catalogue.findWorker(workerId);
    const series = worker === null ? null : database.catalogue.findSeries(worker, seriesKey);
    if (series === null) continue;
    quantum = series.quantum;
    const used = addRange({ database, series, merger }, resolution, from, to);
    if (widthOf(used) > widthOf(coarsest)) coarsest = used;
  }
  const gapMs = bucketGapMs(widthMs, widthOf(coarsest));
  return { seriesKey, resolution: coarsest, gapMs, ...merger.columns(quantum) };
}

interface Gathering {
  readonly database: MetricsDatabase;
  readonly series: StoredSeries;
  readonly merger: BucketMerger;
}

/** Adds [fromMs, toMs) at `resolution`, what retention took of it from coarser stores. Returns the coarsest asked. */
function addRange(gathering: Gathering, resolution: Resolution, fromMs: number, toMs: number): Resolution {
  const { facts } = gathering.database;
  const keptFrom = Math.min(toMs, Math.max(fromMs, facts.get(`kept-from-${resolution}`)));
  const coarser = ROLLUP_RESOLUTIONS.find((one) => ROLLUP_WIDTH_MS[one] > widthOf(resolution));
  let used = resolution;
  if (keptFrom > fromMs && coarser !== undefined) used = addRange(gathering, coarser, fromMs, keptFrom);
  if (keptFrom >= toMs) return used;
  if (resolution === 'raw') addSamples(gathering, keptFrom, toMs);
  else addRollups(gathering, resolution, keptFrom, toMs);
  return used;
}

function addRollups(gathering: Gathering, resolution: RollupResolution, fromMs: number, toMs: number): void {
  const { database, series, merger } = gathering;
  const width = ROLLUP_WIDTH_MS[resolution];
  const first = bucketIndex(fromMs, width);
  const end = bucketIndex(toMs - 1, width) + 1;
  const rawFrom = database.facts.get('kept-from-raw');
  const due = database.pending.dueWithin(resolution, series.worker, first, end);
  database.rollups.read(resolution, series.id, first, end, (bucket, summary) => {
    const isSuperseded = due.has(bucket) && bucket * width >= rawFrom;
    if (!isSuperseded) merger.add(bucket * width, summary.count, summary.sum, summary.min, summary.max);
  });
  for (const bucket of due) {
    const from = bucket * width;
    // Raw samples are gone: what is due is late samples on top of the rollup, and they are still fresh.
    if (from < rawFrom) addLateSamples(gathering, from, from + width);
    else addFiner(gathering, resolution, from, from + width);
  }
}

/** A bucket whose rollup is not complete yet, from the next finer store that still reaches back so far. */
function addFiner(gathering: Gathering, resolution: RollupResolution, fromMs: number, toMs: number): void {
  const { facts } = gathering.database;
  const finer = ROLLUP_RESOLUTIONS.findLast(
    (one) => ROLLUP_WIDTH_MS[one] < ROLLUP_WIDTH_MS[resolution] && facts.get(`kept-from-${one}`) <= fromMs,
  );
  if (finer === undefined) addSamples(gathering, fromMs, toMs);
  else addRollups(gathering, finer, fromMs, toMs);
}

function addSamples({ database, series, merger }: Gathering, fromMs: number, toMs: number): void {
  const samples = database.raw.read(series.worker, [series.id], fromMs, toMs).get(series.id);
  if (samples !== undefined) merger.addSamples(samples);
}

function addLateSamples({ database, series, merger }: Gathering, fromMs: number, toMs: number): void {
  const samples = database.raw.readFresh(series.worker, [series.id], fromMs, toMs).get(series.id);
  if (samples !== undefined) merger.addSamples(samples);
}

function widthOf(resolution: Resolution): number {
  return resolution === 'raw' ? 0 : ROLLUP_WIDTH_MS[resolution];
}
