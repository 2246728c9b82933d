import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CodecError, MAX_QUANTA } from '../../../src/core/metrics/codec.ts';
import {
  packColumn,
  packTimes,
  unpackColumn,
  unpackTimes,
  WINDOW_MS,
  windowOf,
} from '../../../src/node/storage/packing.ts';
import { START_MS } from './storage-fixture.ts';

const WINDOW = windowOf(START_MS);

describe('the packed form', () => {
  test('any column comes back', () => {
    const anyQuanta = fc.oneof(fc.integer(), fc.constantFrom(0, MAX_QUANTA, -MAX_QUANTA));
    fc.assert(
      fc.property(fc.array(anyQuanta, { maxLength: 700 }), (column) => {
        expect([...unpackColumn(packColumn(column), column.length)]).toEqual(column.map((value) => value + 0));
      }),
    );
  });

  test('any times of a window come back', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(WINDOW_MS - 1)), (offsets) => {
        const times = offsets.sort((one, other) => one - other).map((offset) => START_MS + offset);
        expect([...unpackTimes(packTimes(times, WINDOW), WINDOW)]).toEqual(times);
      }),
    );
  });

  test('a series that does not change takes almost nothing, one that is all noise no more than its varints', () => {
    expect(packColumn(new Array(600).fill(16_000_000)).length).toBeLessThan(20);
    const noise = Array.from({ length: 600 }, (_, index) => (index * 7_919) % 8_192);
    expect(packColumn(noise).length).toBeLessThanOrEqual(1_100);
  });

  test('spoilt blobs are an error, never numbers', () => {
    const good = packColumn(Array.from({ length: 600 }, (_, index) => index % 7));
    expect(() => unpackColumn(good.slice(0, -4), 600)).toThrow(CodecError);
    expect(() => unpackColumn(good, 599)).toThrow(CodecError);
    for (const column of [[], [5], Array.from({ length: 300 }, (_, index) => (index * 7_919) % 3_001)]) {
      const blob = packColumn(column);
      for (let cut = 0; cut < blob.length; cut += 1) {
        expect(() => unpackColumn(blob.subarray(0, cut), column.length)).toThrow(CodecError);
      }
    }
    expect(() => unpackColumn(Uint8Array.of(9, 1, 2), 2)).toThrow(CodecError);
    expect(() => unpackColumn(new Uint8Array(0), 0)).toThrow(CodecError);
  });
});
