import { describe, expect, test } from 'vitest';
import { keepsBar, median, medianFigures } from '../../../scripts/benching/figure.ts';
import { figureTable } from '../../../scripts/benching/table.ts';

const figure = (value: number, peers?: Readonly<Record<string, number>>) => ({
  name: 'a figure',
  value,
  unit: 'ms',
  bar: 20,
  ...(peers === undefined ? {} : { peers }),
});

describe('figures', () => {
  test('the middle one of several runs is given, of the peers too', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    const runs = [[figure(3, { peer: 30 })], [figure(1, { peer: 10 })], [figure(2, { peer: 20 })]];
    expect(medianFigures(runs)).toEqual([figure(2, { peer: 20 })]);
  });

  test('a figure that one run failed to give is the middle of the others', () => {
    expect(medianFigures([[], [figure(1)], [figure(3)]])).toEqual([figure(2)]);
  });

  test('a bar is a ceiling, or a floor where it says so', () => {
    expect(keepsBar(figure(20))).toBe(true);
    expect(keepsBar(figure(20.1))).toBe(false);
    expect(keepsBar({ ...figure(20.1), isFloor: true })).toBe(true);
    expect(keepsBar({ ...figure(19.9), isFloor: true })).toBe(false);
  });

  test('the table names value, unit, bar, whether it was kept, and peers', () => {
    const [, kept, missed] = figureTable([figure(12.345, { peer: 33 }), { ...figure(25), isFloor: false }]);
    expect(kept).toMatch(/a figure\s+12\.3 ms\s+≤ 20\s+kept\s+peer 33/);
    expect(missed).toMatch(/25 ms\s+≤ 20\s+MISSED/);
  });
});
