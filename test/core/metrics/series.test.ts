import fc from 'fast-check';
import { expect, test } from 'vitest';
import { METRICS, type MetricName } from '../../../src/core/metrics/catalogue.ts';
import { parseSeriesKey, type SeriesKey, seriesKey } from '../../../src/core/metrics/series.ts';

const metric = fc.constantFrom(...(Object.keys(METRICS) as MetricName[]));
const attributes = fc.dictionary(fc.string({ minLength: 1, unit: 'binary' }), fc.string({ unit: 'binary' }), {
  noNullPrototype: true,
});

test('a key taken apart gives back metric and attributes, whatever characters a device name has', () => {
  fc.assert(
    fc.property(metric, attributes, (name, pairs) => {
      expect(parseSeriesKey(seriesKey(name, pairs))).toEqual({ metric: name, attributes: pairs });
    }),
  );
});

test('an attribute may have the name of what every object has', () => {
  const key = seriesKey('system.disk.io', JSON.parse('{"__proto__":"a","constructor":"b"}'));
  expect(Object.entries(parseSeriesKey(key).attributes)).toEqual([
    ['__proto__', 'a'],
    ['constructor', 'b'],
  ]);
});

test('the order in which attributes were given makes no difference', () => {
  expect(seriesKey('system.disk.io', { b: '2', a: '1' })).toBe(seriesKey('system.disk.io', { a: '1', b: '2' }));
});

test('text that is no key is refused', () => {
  expect(() => parseSeriesKey('system.disk.io{a=1' as SeriesKey)).toThrow(/Not a series key/);
  expect(() => parseSeriesKey('system.disk.io{a}' as SeriesKey)).toThrow(/Not a series key/);
});
