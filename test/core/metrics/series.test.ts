import fc from 'fast-check';
import { expect, test } from 'vitest';
import { METRICS, type MetricName } from '../../../src/core/metrics/catalogue.ts';
import { isSeriesKey, parseSeriesKey, type SeriesKey, seriesKey } from '../../../src/core/metrics/series.ts';

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

test('what `seriesKey` makes is a key, within what a machine can have for names', () => {
  fc.assert(
    fc.property(metric, attributes, (name, pairs) => {
      const key = seriesKey(name, pairs);
      expect(isSeriesKey(key)).toBe(key.length <= 512 && key.isWellFormed() && !key.includes('\0'));
    }),
  );
});

test('what another machine calls a series is taken in one form only', () => {
  const wrong = [
    ...['', '{a=b}', 'System.up', '../x', 'a b', 'a{', 'a{}', 'a}', 'a{b}', 'a{b=1,}', 'a{b=1}x', 'a{b=1}{c=2}'],
    ...[
      'a{b=2,a=1}',
      'a{a=1,a=2}',
      'a{b=\\x}',
      'a{b=1=2}',
      `a{b=${'x'.repeat(600)}}`,
      'a\nb',
      'a{b=\ud800}',
      'a{b=\0}',
    ],
    ...[undefined, null, 7, {}, ['a']],
  ];
  expect(wrong.filter(isSeriesKey)).toEqual([]);
  expect(
    ['a', 'vendor.new_metric', 'a{b=}', 'a{b=\\,\\=}', 'a{__proto__=x}'].filter((key) => !isSeriesKey(key)),
  ).toEqual([]);
});
