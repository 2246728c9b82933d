import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findJsonFault, lineAndColumn } from '../../../src/shared/plan/json-fault.ts';

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('the fault in a text', () => {
  test('is there exactly where JSON.parse refuses it', () => {
    const signs = fc.constantFrom(
      ...'{}[],:"\\/ \n\t0123.-+eE',
      'true',
      'null',
      'fal',
      '\u0001',
      'u12ab',
      'ä',
      '\u00a0',
    );
    const anyText = fc.array(signs, { maxLength: 12 }).map((parts) => parts.join(''));
    const cut = fc
      .tuple(fc.json(), fc.nat(), signs)
      .map(
        ([json, place, sign]) =>
          `${json.slice(0, place % (json.length + 1))}${sign}${json.slice(place % (json.length + 1))}`,
      );
    fc.assert(
      fc.property(fc.oneof(anyText, cut, fc.json()), (text) => {
        expect(findJsonFault(text) === null).toBe(isJson(text));
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ['', 0, 'a value'],
    ['[1 2]', 3, 'a comma or ]'],
    ['[1,]', 3, 'a value'],
    ['{,}', 1, 'a name in double quotes or }'],
    ['{"a":1,}', 7, 'a name in double quotes'],
    ['{"a" 1}', 5, 'a colon'],
    ['{"a":1]', 6, 'a comma or }'],
    ['[}', 1, 'a value or ]'],
    ['01', 0, 'a value'],
    ['{} // done', 3, 'nothing more'],
    ['"a\nb"', 2, 'the " that ends the text, or an escape such as \\n'],
    ['"C:\\dir"', 3, 'an escape such as \\n, \\" or \\\\'],
    ['"abc', 4, 'the " that ends the text'],
  ])('%j is at %i: expected %s', (text, at, expected) => {
    expect(findJsonFault(text)).toEqual({ at, expected });
  });

  test('stands in a line and a column, both from 1, however lines end', () => {
    expect(lineAndColumn('', 0)).toEqual({ line: 1, column: 1 });
    expect(lineAndColumn('a\r\nb\nc\rd', 7)).toEqual({ line: 4, column: 1 });
    expect(lineAndColumn('a\n😀x', 5)).toEqual({ line: 2, column: 3 });
  });
});
