import { describe, expect, test } from 'vitest';
import { seriesKey } from '../../../src/core/metrics/series.ts';
import { LayoutMirror, LayoutTable } from '../../../src/node/sampling/wire.ts';

const keys = Array.from({ length: 200 }, (_, index) => seriesKey('labwatch.load1', { 'hw.id': String(index) }));

describe('series keys between the threads', () => {
  test('are sent once for each set, and named by number afterwards', () => {
    const table = new LayoutTable();
    const first = table.find(keys, 3);
    expect(first.newKeys).toEqual(keys.slice(0, 3));
    expect(table.find(keys, 4).newKeys).not.toBeNull();
    expect(table.find(keys, 3)).toEqual({ layout: first.layout, newKeys: null });
  });

  test('tell sets of the same size apart', () => {
    const table = new LayoutTable();
    const first = table.find([keys[0]!, keys[1]!], 2);
    expect(table.find([keys[0]!, keys[2]!], 2).layout).not.toBe(first.layout);
  });

  test('come out as the very same array each time', () => {
    const table = new LayoutTable();
    const mirror = new LayoutMirror();
    const arrive = (count: number) => {
      const { layout, newKeys } = table.find(keys, count);
      mirror.learn(newKeys === null ? [] : [{ layout, seriesKeys: newKeys }]);
      return mirror.tick({ atMs: 0, layout, values: new Float64Array(count) }).seriesKeys;
    };
    const first = arrive(5);
    expect(first).toEqual(keys.slice(0, 5));
    arrive(6);
    expect(arrive(5)).toBe(first);
    // However many sets came in between, what arrives is what was sent.
    for (let count = 7; count < 200; count += 1) expect(arrive(count)).toEqual(keys.slice(0, count));
    expect(arrive(5)).toEqual(keys.slice(0, 5));
  });

  test('that were never sent are a fault', () => {
    expect(() => new LayoutMirror().tick({ atMs: 0, layout: 3, values: new Float64Array(0) })).toThrow('layout 3');
  });
});
