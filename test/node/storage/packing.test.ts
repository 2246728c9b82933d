import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CodecError, MAX_QUANTA } from '../../../src/core/metrics/codec.ts';
import { packColumn, packPredicted, unpackColumn } from '../../../src/node/storage/packing.ts';

describe('the packed form', () => {
  test('any column comes back', () => {
    const anyQuanta = fc.oneof(fc.integer(), fc.constantFrom(0, MAX_QUANTA, -MAX_QUANTA));
    fc.assert(
      fc.property(fc.array(anyQuanta, { maxLength: 700 }), (column) => {
        expect([...unpackColumn(packColumn(column), column.length)]).toEqual(column.map((value) => value + 0));
      }),
    );
  });

  test('a series that does not change takes almost nothing, one that is all noise no more than its varints', () => {
    expect(packColumn(new Array(600).fill(16_000_000)).length).toBeLessThan(20);
    const noise = Array.from({ length: 600 }, (_, index) => (index * 7_919) % 8_192);
    expect(packColumn(noise).length).toBeLessThanOrEqual(1_100);
  });

  test('a column comes back from what its references leave of it', () => {
    const anyColumns = fc.array(fc.tuple(fc.integer(), fc.integer(), fc.nat(2 ** 40)), {
      minLength: 1,
      maxLength: 300,
    });
    const anyCoefficient = fc.oneof(fc.constantFrom(1, -1), fc.double({ min: -50, max: 50, noNaN: true }));
    fc.assert(
      fc.property(anyColumns, anyCoefficient, anyCoefficient, (rows, one, other) => {
        const [column, first, second] = [0, 1, 2].map((index) => Float64Array.from(rows, (row) => row[index] ?? 0));
        const blob = packPredicted(column!, [
          { id: 5, column: first!, coefficient: one },
          { id: 900, column: second!, coefficient: other },
        ]);
        const columnOf = (id: number): Float64Array => (id === 5 ? first! : second!);
        expect([...unpackColumn(blob, rows.length, columnOf)]).toEqual([...column!].map((value) => value + 0));
        expect(() => unpackColumn(blob, rows.length)).toThrow(CodecError);
      }),
    );
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
    expect(() => unpackColumn(Uint8Array.of(17, 1, 2), 2)).toThrow(CodecError);
    expect(() => unpackColumn(new Uint8Array(0), 0)).toThrow(CodecError);
  });
});
