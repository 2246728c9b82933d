import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CodecError } from '../../../src/core/metrics/codec.ts';
import {
  openWindow,
  type PackedRow,
  packWindowRows,
  type SeriesToPack,
  WINDOW_MS,
  windowOf,
} from '../../../src/node/storage/packed-window.ts';
import { START_MS } from './storage-fixture.ts';

const WINDOW = windowOf(START_MS);

function pack(series: readonly SeriesToPack[]): readonly PackedRow[] {
  const work = packWindowRows(WINDOW, series, 4);
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

function open(rows: readonly PackedRow[]) {
  return openWindow(WINDOW, (number) => rows[number]?.columns);
}

function seriesOf(id: number, offsets: readonly number[], value: (index: number) => number, group = 'a'): SeriesToPack {
  const atMs = Float64Array.from(offsets, (offset) => START_MS + offset);
  return { id, group, samples: { atMs, quanta: Float64Array.from(offsets, (_, index) => value(index)) } };
}

const everySecond = Array.from({ length: 600 }, (_, second) => second * 1_000);
/** Bits mixed as in MurmurHash3's finaliser, so that no pattern is left to find. */
const noise = (seed: number) => (index: number) => {
  const mixed = Math.imul((index + 1) * 65_599 + seed * 40_503, 0x85ebca6b);
  return ((Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35) >>> 16) & 65_535) - 20_000;
};

describe('a packed window', () => {
  test('gives back every series, whatever times each has', () => {
    const offsets = fc
      .uniqueArray(fc.nat(WINDOW_MS - 1), { maxLength: 60 })
      .map((some) => some.toSorted((one, other) => one - other));
    const series = fc.record({ offsets, seed: fc.nat(9), group: fc.constantFrom('a', 'b') });
    fc.assert(
      fc.property(fc.array(series, { maxLength: 12 }), (some) => {
        const toPack = some.map((one, index) => seriesOf(index * 300 + 1, one.offsets, noise(one.seed), one.group));
        const window = open(pack(toPack));
        for (const { id, samples } of toPack) {
          const found = window.read(id);
          if (samples.atMs.length === 0) expect(found).toBeNull();
          else expect([found?.atMs, found?.quanta]).toEqual([samples.atMs, samples.quanta]);
        }
      }),
    );
  });

  test('tells a series that follows from others by next to nothing', () => {
    const [one, other] = [noise(1), noise(2)];
    const parts = [seriesOf(1, everySecond, one), seriesOf(2, everySecond, other)];
    const bytes = (rows: readonly PackedRow[]): number => rows.reduce((sum, row) => sum + row.columns.length, 0);
    const sum = seriesOf(3, everySecond, (index) => 8_000_000 - one(index) - other(index));
    const share = seriesOf(4, everySecond, (index) => Math.round((one(index) / 8_000_000) * 10_000 * 33));
    const rows = pack([...parts, sum, share]);
    expect(bytes(rows)).toBeLessThan(bytes(pack(parts)) * 1.25);
    const window = open(rows);
    expect(window.read(3)?.quanta).toEqual(sum.samples.quanta);
    expect(window.read(4)?.quanta).toEqual(share.samples.quanta);
  });

  test('keeps which readings a series missed, not their times again', () => {
    const missingSome = everySecond.filter((_, index) => index % 97 !== 5);
    const rows = pack([seriesOf(1, everySecond, () => 5), seriesOf(2, missingSome, () => 5)]);
    const alone = pack([seriesOf(1, everySecond, () => 5)]);
    expect((rows[0]?.columns.length ?? 0) - (alone[0]?.columns.length ?? 0)).toBeLessThan(40);
  });

  test('of very many series lies in rows of a bounded length, of which a question reads no more than it needs', () => {
    const many = Array.from({ length: 300 }, (_, id) => seriesOf(id, everySecond, noise(id), `${id}`));
    const rows = pack(many);
    expect(rows.length).toBeGreaterThan(4);
    expect(rows.every((row) => row.columns.length < 66_000)).toBe(true);
    expect(rows.map((row) => row.samples)).toEqual([300 * 600, ...new Array(rows.length - 1).fill(0)]);
    const asked: number[] = [];
    const window = openWindow(WINDOW, (number) => {
      asked.push(number);
      return rows[number]?.columns;
    });
    expect(window.read(3)?.quanta).toEqual(many[3]?.samples.quanta);
    expect(asked).toEqual([0]);
    expect(window.read(299)?.quanta).toEqual(many[299]?.samples.quanta);
    expect(asked).toEqual(rows.map((row) => row.number));
  });

  test('that is cut or flipped anywhere is an error or gives whole series, never other numbers', () => {
    const toPack = Array.from({ length: 6 }, (_, id) => seriesOf(id, everySecond, noise(id)));
    toPack.push(seriesOf(9, everySecond, (index) => 7 - noise(1)(index)));
    const rows = pack(toPack).map((row) => row.columns);
    expect(rows.length).toBeGreaterThan(2);
    const expectNothingElse = (spoilt: readonly Uint8Array[]): void => {
      try {
        const window = openWindow(WINDOW, (number) => spoilt[number]);
        for (const { id, samples } of toPack) {
          const found = attempt(() => window.read(id));
          if (found !== null) expect([...found.quanta]).toEqual([...samples.quanta]);
        }
      } catch (error) {
        if (!(error instanceof CodecError)) throw error;
      }
    };
    for (const [at, row] of rows.entries()) {
      for (let place = 0; place < row.length; place += 41) {
        expectNothingElse(rows.with(at, row.subarray(0, place)));
        const flipped = row.slice();
        flipped[place] = (flipped[place] ?? 0) ^ (1 << (place % 8));
        expectNothingElse(rows.with(at, flipped));
      }
      expectNothingElse(rows.toSpliced(at, 1));
    }
  });
});

function attempt<Value>(read: () => Value): Value | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof CodecError) return null;
    throw error;
  }
}
