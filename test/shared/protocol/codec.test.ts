import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { METRICS, type MetricName } from '../../../src/core/metrics/catalogue.ts';
import type { SampleBatch, Tick } from '../../../src/core/metrics/sample.ts';
import { type SeriesKey, seriesKey } from '../../../src/core/metrics/series.ts';
import { BatchDecoder, BatchEncoder } from '../../../src/shared/protocol/codec.ts';
import { LIMITS, type WireBatch } from '../../../src/shared/protocol/contract.ts';
import { parseFromAgent } from '../../../src/shared/protocol/schemas.ts';

const START_MS = Date.UTC(2026, 0, 1);
const cpu = seriesKey('system.cpu.utilization');
const disk = (device: string) => seriesKey('system.disk.io', { 'system.device': device });

function tick(seriesKeys: readonly SeriesKey[], ...values: number[]): Tick {
  return { atMs: START_MS, seriesKeys, values: Float64Array.from(values) };
}

/** The whole way over a link: as text, through the schema. */
function travel(encoder: BatchEncoder, decoder: BatchDecoder, batch: SampleBatch): SampleBatch {
  const text = JSON.stringify({ kind: 'delivery', sequence: 1, isLate: false, batch: encoder.encode(batch) });
  const message = parseFromAgent(text);
  if (!message.ok || message.value?.kind !== 'delivery') throw new Error(JSON.stringify(message));
  const decoded = decoder.decode(message.value.batch);
  if (!decoded.ok) throw new Error(decoded.error.message);
  return decoded.value;
}

function faultOf(batch: WireBatch, decoder = new BatchDecoder()): string {
  const decoded = decoder.decode(batch);
  return decoded.ok ? 'none' : decoded.error.message;
}

describe('ticks on their way', () => {
  test('come back as they were, to the precision of their metric', () => {
    const anyTick = fc
      .uniqueArray(fc.constantFrom(...(Object.keys(METRICS) as MetricName[])), { minLength: 1, maxLength: 30 })
      .chain((metrics) =>
        fc.record({
          atMs: fc.integer({ min: START_MS, max: START_MS + 1e9 }),
          metrics: fc.constant(metrics),
          counts: fc.array(fc.integer({ min: -1e6, max: 1e9 }), {
            minLength: metrics.length,
            maxLength: metrics.length,
          }),
        }),
      );
    fc.assert(
      fc.property(fc.array(anyTick, { maxLength: 20 }), (drawn) => {
        const ticks = drawn.map(({ atMs, metrics, counts }) => ({
          atMs,
          seriesKeys: metrics.map((metric) => seriesKey(metric)),
          values: Float64Array.from(counts, (count, index) => {
            const { quantum } = METRICS[metrics[index]!];
            return quantum < 1 ? count / Math.round(1 / quantum) : count * quantum;
          }),
        }));
        const arrived = travel(new BatchEncoder(), new BatchDecoder(), { ticks });
        expect(arrived.ticks ?? []).toEqual(ticks);
      }),
    );
  });

  test('name a set of series once, and the receiver hands on the very same one each time', () => {
    const [encoder, decoder] = [new BatchEncoder(), new BatchDecoder()];
    const keys = [cpu, disk('vda')];
    const first = encoder.encode({ ticks: [tick(keys, 0.5, 100)] });
    const again = encoder.encode({ ticks: [tick(keys, 0.25, 200), tick([...keys], 0.75, 300)] });
    expect(first.layouts).toEqual([{ layout: 1, seriesKeys: keys }]);
    expect(again).toEqual({
      ticks: [
        [START_MS, 1, [0.25, 200]],
        [START_MS, 1, [0.75, 300]],
      ],
    });
    const decoded = [decoder.decode(first), decoder.decode(again)].flatMap((one) => (one.ok ? one.value.ticks! : []));
    expect(decoded).toHaveLength(3);
    expect(new Set(decoded.map(({ seriesKeys }) => seriesKeys)).size).toBe(1);
  });

  test('are short: a value has no digits below its metric’s precision', () => {
    const text = JSON.stringify(new BatchEncoder().encode({ ticks: [tick([cpu], 1 / 3)] }).ticks);
    expect(text).toBe(`[[${START_MS},1,[0.3333]]]`);
  });

  test('leave out what is no number, and with it the series', () => {
    const keys = [cpu, disk('vda'), disk('vdb')];
    const arrived = travel(new BatchEncoder(), new BatchDecoder(), {
      ticks: [tick(keys, Number.NaN, 5, Number.POSITIVE_INFINITY), tick(keys, Number.NaN, Number.NaN, Number.NaN)],
    });
    expect(arrived.ticks).toEqual([tick([disk('vda')], 5)]);
  });

  test('go on when sets of series come and go beyond what both sides remember', () => {
    const [encoder, decoder] = [new BatchEncoder(), new BatchDecoder()];
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3 * LIMITS.layouts }), { maxLength: 200 }), (devices) => {
        const ticks = devices.map((device) => tick([cpu, disk(`d${device}`)], 0.5, device));
        expect(travel(encoder, decoder, { ticks }).ticks ?? []).toEqual(ticks);
      }),
    );
  });

  test('carry what else there is beside them', () => {
    const events = [{ atMs: START_MS, kind: 'started', message: 'Started.' }] as const;
    expect(travel(new BatchEncoder(), new BatchDecoder(), { events })).toEqual({ events });
  });
});

describe('what a decoder does not take', () => {
  const layouts = [{ layout: 1, seriesKeys: [cpu] }];

  test.each([
    ['a layout nobody named', { ticks: [[START_MS, 1, [1]]] }],
    ['fewer values than series', { layouts, ticks: [[START_MS, 1, []]] }],
    ['more values than series', { layouts, ticks: [[START_MS, 1, [1, 2]]] }],
    ['a value that is null', { layouts, ticks: [[START_MS, 1, [null]]] }],
    ['a value that is text', { layouts, ticks: [[START_MS, 1, ['1']]] }],
    ['an endless value', { layouts, ticks: [[START_MS, 1, [Number.POSITIVE_INFINITY]]] }],
    ['no time', { layouts, ticks: [[null, 1, [1]]] }],
    ['a number given twice', { layouts: [...layouts, ...layouts] }],
    ['a number that falls', { layouts: [{ layout: 2, seriesKeys: [cpu] }, ...layouts] }],
    ['a number that is none', { layouts: [{ layout: 1.5, seriesKeys: [cpu] }] }],
    ['a layout of too many series', { layouts: [{ layout: 1, seriesKeys: new Array(LIMITS.seriesPerLayout + 1) }] }],
    ['too many ticks', { layouts, ticks: new Array(LIMITS.ticksPerDelivery + 1).fill([START_MS, 1, [1]]) }],
  ])('%s', (_what, batch) => {
    expect(faultOf(batch as unknown as WireBatch)).toMatch(/^(A tick|A layout|A delivery) .*\.$/);
  });

  test('a layout that others have pushed out since', () => {
    const decoder = new BatchDecoder();
    const named = (layout: number): WireBatch => ({ layouts: [{ layout, seriesKeys: [cpu] }], ticks: [] });
    for (let layout = 1; layout <= LIMITS.layouts; layout += 1) expect(faultOf(named(layout), decoder)).toBe('none');
    expect(faultOf({ ticks: [[START_MS, 1, [1]]] }, decoder)).toBe('none');
    expect(faultOf(named(LIMITS.layouts + 1), decoder)).toBe('none');
    expect(faultOf({ ticks: [[START_MS, 2, [1]]] }, decoder)).toBe('none');
    expect(faultOf({ ticks: [[START_MS, 1, [1]]] }, decoder)).toBe(
      'A tick names a layout that this link does not know.',
    );
  });

  test('a series without a proper name is left out and counted, and the others are taken', () => {
    const decoder = new BatchDecoder();
    const seriesKeys = ['<b>', cpu, 'a{b}', 7, 'x'.repeat(600), cpu, 'system.uptime{b=1,a=2}', 'vendor.new_metric'];
    const batch = { layouts: [{ layout: 1, seriesKeys }], ticks: [[START_MS, 1, [1, 2, 3, 4, 5, 6, 7, 8]]] };
    const decoded = decoder.decode(batch as unknown as WireBatch);
    expect(decoded).toEqual({ ok: true, value: { ticks: [tick([cpu, 'vendor.new_metric' as SeriesKey], 2, 8)] } });
    expect(decoder.leftOut).toBe(6);
  });

  test('more series than one worker may have are left out, over all its links', () => {
    const known = new Map();
    const batchOf = (first: number, count: number) => {
      const keys = Array.from({ length: count }, (_, index) => disk(`d${first + index}`));
      return new BatchEncoder().encode({ ticks: [tick(keys, ...keys.map(() => 1))] });
    };
    expect(new BatchDecoder(known).decode(batchOf(0, LIMITS.seriesPerWorker)).ok).toBe(true);
    const decoder = new BatchDecoder(known);
    const decoded = decoder.decode(batchOf(LIMITS.seriesPerWorker - 1, 10));
    expect(decoded.ok && decoded.value.ticks?.[0]?.seriesKeys).toEqual([disk(`d${LIMITS.seriesPerWorker - 1}`)]);
    expect(decoder.leftOut).toBe(9);
    expect(known.size).toBe(LIMITS.seriesPerWorker);
  });
});
