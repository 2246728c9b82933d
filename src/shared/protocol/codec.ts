/**
 * Ticks as they travel, and back. A set of series is named once a link and stands for a number after that.
 *
 * The newest `LIMITS.layouts` numbers hold, on both sides by the same count, so that neither has to tell the other what
 * it forgot. Encoder and decoder belong to one link each; what was encoded must be sent, and in that order.
 */
import { isMetricName, METRICS } from '../../core/metrics/catalogue.ts';
import { fromQuanta, toQuanta } from '../../core/metrics/codec.ts';
import type { SampleBatch, Tick } from '../../core/metrics/sample.ts';
import { isSeriesKey, type SeriesKey } from '../../core/metrics/series.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { LIMITS, type WireBatch, type WireLayout, type WireTick } from './contract.ts';

/** Precision of a metric that the catalogue does not know. */
const FOREIGN_QUANTUM = 0.001;

interface SentLayout {
  readonly layout: number;
  readonly quanta: readonly number[];
}

/** The agent's side. Encode a batch when it is sent, not before: the layouts it names hold for what follows. */
export class BatchEncoder {
  #byKeys = new WeakMap<readonly SeriesKey[], SentLayout>();
  readonly #byContent = new Map<string, SentLayout>();
  readonly #contents: string[] = [];
  #newest = 0;

  encode(batch: SampleBatch): WireBatch {
    const { ticks, ...rest } = batch;
    if (ticks === undefined) return rest;
    const layouts: WireLayout[] = [];
    const wireTicks = ticks.map((tick) => this.#encodeTick(tick, layouts)).filter((tick) => tick !== null);
    if (wireTicks.length === 0) return rest;
    return layouts.length === 0 ? { ticks: wireTicks, ...rest } : { layouts, ticks: wireTicks, ...rest };
  }

  /** Null for a tick without one value that can be kept. */
  #encodeTick(tick: Tick, layouts: WireLayout[]): WireTick | null {
    const { seriesKeys } = tick;
    if (seriesKeys.length === 0) return null;
    const { layout, quanta } = this.#layoutOf(seriesKeys, layouts);
    const values = new Array<number>(seriesKeys.length);
    for (let index = 0; index < values.length; index += 1) {
      const quantum = quanta[index]!;
      const count = toQuanta(tick.values[index] ?? Number.NaN, quantum);
      if (Number.isNaN(count)) return this.#encodeTick(readableOf(tick), layouts);
      values[index] = fromQuanta(count, quantum);
    }
    return [Math.round(tick.atMs), layout, values];
  }

  #layoutOf(seriesKeys: readonly SeriesKey[], layouts: WireLayout[]): SentLayout {
    const known = this.#byKeys.get(seriesKeys);
    if (known !== undefined && known.layout > this.#newest - LIMITS.layouts) return known;
    const content = seriesKeys.join('\n');
    const sent = this.#byContent.get(content) ?? this.#name(seriesKeys, content, layouts);
    this.#byKeys.set(seriesKeys, sent);
    return sent;
  }

  #name(seriesKeys: readonly SeriesKey[], content: string, layouts: WireLayout[]): SentLayout {
    this.#newest += 1;
    const sent = { layout: this.#newest, quanta: seriesKeys.map(quantumOf) };
    layouts.push({ layout: sent.layout, seriesKeys: [...seriesKeys] });
    this.#byContent.set(content, sent);
    this.#contents.push(content);
    if (this.#contents.length > LIMITS.layouts) this.#byContent.delete(this.#contents.shift()!);
    return sent;
  }
}

interface KnownLayout {
  /** Values in each of its ticks. */
  readonly width: number;
  readonly seriesKeys: readonly SeriesKey[];
  /** Which values those of `seriesKeys` are; null for all. */
  readonly columns: readonly number[] | null;
}

/** Names of series seen from one worker, each once in memory; over all links of that worker. */
export type KnownSeries = Map<string, SeriesKey>;

/** The coordinator's side. After a failure it is of no use: the link has to end. */
export class BatchDecoder {
  readonly #known: KnownSeries;
  readonly #layouts = new Map<number, KnownLayout>();
  #newest = 0;
  #leftOut = 0;

  constructor(known: KnownSeries = new Map()) {
    this.#known = known;
  }

  /** Series left out so far, because their names are malformed or more than `LIMITS.seriesPerWorker`. */
  get leftOut(): number {
    return this.#leftOut;
  }

  /** `invalid-argument` for unknown layouts, numbers given twice, wrong counts and whatever is not a number. */
  decode(batch: WireBatch): Result<SampleBatch> {
    const { layouts = [], ticks: wireTicks = [], ...rest } = batch;
    for (const layout of layouts) {
      const fault = this.#learn(layout);
      if (fault !== null) return fail('invalid-argument', fault);
    }
    if (wireTicks.length > LIMITS.ticksPerDelivery) return fail('invalid-argument', 'A delivery has too many ticks.');
    const ticks: Tick[] = [];
    for (const wireTick of wireTicks) {
      const tick = this.#decodeTick(wireTick);
      if (typeof tick === 'string') return fail('invalid-argument', tick);
      if (tick.seriesKeys.length > 0) ticks.push(tick);
    }
    this.#forgetOldLayouts();
    return ok(ticks.length === 0 ? rest : { ticks, ...rest });
  }

  /** A sentence where the layout cannot be taken. */
  #learn({ layout, seriesKeys }: WireLayout): string | null {
    if (!Number.isSafeInteger(layout) || layout <= this.#newest) return 'A layout has a number that was given before.';
    if (seriesKeys.length > LIMITS.seriesPerLayout) return `A layout has ${seriesKeys.length} series.`;
    const kept = new Map<SeriesKey, number>();
    seriesKeys.forEach((text, column) => {
      const key = this.#admit(text);
      if (key !== null && !kept.has(key)) kept.set(key, column);
    });
    const isWhole = kept.size === seriesKeys.length;
    this.#leftOut += seriesKeys.length - kept.size;
    this.#layouts.set(layout, {
      width: seriesKeys.length,
      seriesKeys: [...kept.keys()],
      columns: isWhole ? null : [...kept.values()],
    });
    this.#newest = layout;
    return null;
  }

  /** After a delivery, not within it: its first ticks may use what its last layouts push out. */
  #forgetOldLayouts(): void {
    for (const old of this.#layouts.keys()) {
      if (this.#layouts.size <= LIMITS.layouts) return;
      this.#layouts.delete(old);
    }
  }

  #admit(text: unknown): SeriesKey | null {
    if (typeof text !== 'string') return null;
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    if (this.#known.size >= LIMITS.seriesPerWorker || !isSeriesKey(text)) return null;
    this.#known.set(text, text);
    return text;
  }

  /** A sentence where the tick cannot be taken. */
  #decodeTick(wireTick: WireTick): Tick | string {
    const [atMs, number, wire] = wireTick;
    const layout = this.#layouts.get(number);
    if (layout === undefined) return 'A tick names a layout that this link does not know.';
    if (wire.length !== layout.width) return 'A tick has another number of values than its layout.';
    if (!Number.isFinite(atMs)) return 'A tick has no time.';
    const { seriesKeys, columns } = layout;
    const values = new Float64Array(seriesKeys.length);
    for (let index = 0; index < values.length; index += 1) {
      const value = wire[columns === null ? index : columns[index]!];
      if (!Number.isFinite(value)) return 'A tick has a value that is not a number.';
      values[index] = value as number;
    }
    return { atMs: Math.round(atMs), seriesKeys, values };
  }
}

function quantumOf(key: SeriesKey): number {
  const open = key.indexOf('{');
  const metric = open < 0 ? key : key.slice(0, open);
  return isMetricName(metric) ? METRICS[metric].quantum : FOREIGN_QUANTUM;
}

/** The tick without the values that cannot be kept: a series without a reading is absent, never 0. */
function readableOf(tick: Tick): Tick {
  const columns = tick.seriesKeys
    .map((key, index) => ({ key, value: tick.values[index] ?? Number.NaN }))
    .filter(({ key, value }) => !Number.isNaN(toQuanta(value, quantumOf(key))));
  return {
    atMs: tick.atMs,
    seriesKeys: columns.map(({ key }) => key),
    values: Float64Array.from(columns, ({ value }) => value),
  };
}
