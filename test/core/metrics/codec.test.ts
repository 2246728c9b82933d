import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { METRICS } from '../../../src/core/metrics/catalogue.ts';
import {
  ByteReader,
  ByteWriter,
  CodecError,
  fromQuanta,
  MAX_QUANTA,
  readColumn,
  readTimes,
  toQuanta,
  writeColumn,
  writeTimes,
} from '../../../src/core/metrics/codec.ts';
import { joinColumn, splitColumn } from '../../../src/core/metrics/codec-bits.ts';

const anyQuanta = fc.oneof(
  fc.integer({ min: -200, max: 200 }),
  fc.maxSafeInteger().map((value) => Math.trunc(value / 2 ** 5)),
  fc.constantFrom(-MAX_QUANTA, MAX_QUANTA, 2 ** 31 - 1, 2 ** 31, 2 ** 32, -(2 ** 31), -(2 ** 32) - 1),
);
const everyQuantum = [...new Set(Object.values(METRICS).map((metric) => metric.quantum))];

function written(write: (writer: ByteWriter) => void): Uint8Array {
  const writer = new ByteWriter();
  write(writer);
  return writer.view();
}

describe('whole numbers as bytes', () => {
  test('every number comes back, also beyond 32 bits and below zero', () => {
    fc.assert(
      fc.property(fc.array(anyQuanta), (numbers) => {
        const reader = new ByteReader(written((writer) => numbers.forEach((number) => void writer.signed(number))));
        expect(numbers.map(() => reader.signed())).toEqual(numbers.map((number) => number + 0));
        expect(reader.isAtEnd).toBe(true);
      }),
    );
  });

  test('columns come back whichever way they were written', () => {
    fc.assert(
      fc.property(fc.array(anyQuanta), fc.constantFrom('plain', 'delta'), (column, transform) => {
        const bytes = written((writer) => writeColumn(writer, column, transform));
        expect([...readColumn(bytes, column.length, transform)]).toEqual(column.map((number) => number + 0));
      }),
    );
  });

  test('times come back, with gaps and jitter and none at all', () => {
    const rising = fc.array(fc.integer({ min: 1, max: 90_000 })).map((steps) => {
      let at = 1_772_532_000_000;
      return steps.map((step) => {
        at += step;
        return at;
      });
    });
    fc.assert(
      fc.property(rising, (times) => {
        const bytes = written((writer) => writeTimes(writer, times, 1_772_532_000_000));
        expect([...readTimes(new ByteReader(bytes), 1_772_532_000_000)]).toEqual(times);
      }),
    );
  });

  test('a steady cadence costs one byte a time', () => {
    const times = Array.from({ length: 600 }, (_, index) => 1_000 * index);
    expect(written((writer) => writeTimes(writer, times, 0)).length).toBeLessThanOrEqual(604);
  });

  test('bytes that end too early or too late are an error, never numbers', () => {
    const bytes = written((writer) => writeColumn(writer, [1, 300, -5], 'plain'));
    expect(() => readColumn(bytes.subarray(0, -1), 3, 'plain')).toThrow(CodecError);
    expect(() => readColumn(bytes, 2, 'plain')).toThrow(CodecError);
    expect(() => readTimes(new ByteReader(Uint8Array.of(200, 1, 0)), 0)).toThrow(CodecError);
    expect(() => new ByteReader(new Uint8Array(12).fill(255)).unsigned()).toThrow(CodecError);
  });

  test('skipping passes over as many numbers as it says', () => {
    const reader = new ByteReader(
      written((writer) => [5, 70_000, -3, 9].forEach((number) => void writer.signed(number))),
    );
    reader.skip(3);
    expect(reader.signed()).toBe(9);
  });
});

describe('columns split into lengths and bits', () => {
  test('come back, also beyond 32 bits', () => {
    fc.assert(
      fc.property(fc.array(anyQuanta), fc.constantFrom('plain', 'delta'), (column, transform) => {
        expect([...joinColumn(splitColumn(column, transform), transform)]).toEqual(column.map((number) => number + 0));
      }),
    );
  });

  test('take no more than the bits of their numbers', () => {
    const noise = Array.from({ length: 800 }, (_, index) => ((index * 7_919) % 512) + 512);
    expect(splitColumn(noise, 'plain').bits.length).toBe(800 * (10 / 8));
  });

  test('that do not belong together are an error', () => {
    const { lengths, bits } = splitColumn([70_000, -3, 12], 'plain');
    expect(() => joinColumn({ lengths, bits: bits.subarray(1) }, 'plain')).toThrow(CodecError);
    expect(() => joinColumn({ lengths: lengths.subarray(1), bits }, 'plain')).toThrow(CodecError);
    expect(() => joinColumn({ lengths: Uint8Array.of(60), bits: new Uint8Array(9) }, 'plain')).toThrow(CodecError);
  });
});

describe('values as counts of their quantum', () => {
  test('a stored value is off by half a quantum at most', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...everyQuantum),
        fc.double({ min: -2.8e8, max: 2.8e8, noNaN: true }),
        (quantum, value) => {
          const stored = fromQuanta(toQuanta(value, quantum), quantum);
          expect(Math.abs(stored - value)).toBeLessThanOrEqual(quantum / 2 + Math.abs(value) * 2 ** -51);
        },
      ),
    );
  });

  test('storing what was read back changes nothing', () => {
    fc.assert(
      fc.property(fc.constantFrom(...everyQuantum), anyQuanta, (quantum, count) => {
        expect(toQuanta(fromQuanta(count, quantum), quantum)).toBe(count + 0);
      }),
    );
  });

  test('a ratio reads as it was typed', () => {
    expect(fromQuanta(toQuanta(0.0003, 0.0001), 0.0001)).toBe(0.0003);
    expect(fromQuanta(toQuanta(0.4217, 0.0001), 0.0001)).toBe(0.4217);
  });

  test('what is no number, or too large to be exact, is not kept', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e30, -1e30]) {
      expect(toQuanta(value, 1)).toBeNaN();
    }
  });
});
