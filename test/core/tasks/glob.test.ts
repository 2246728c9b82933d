/** Globs over the files that a task left. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseGlob } from '../../../src/core/tasks/glob.ts';

const fits = (glob: string, path: string) => parseGlob(glob).fits(path.split('/'));

describe('a glob', () => {
  test.each([
    ['a.txt', 'a.txt', true],
    ['a.txt', 'b/a.txt', false],
    ['*.txt', 'a.txt', true],
    ['*.txt', 'a/b.txt', false],
    ['?.txt', '🦊.txt', true],
    ['?.txt', '.txt', false],
    ['**', 'a/b/c', true],
    ['**/*.txt', 'a.txt', true],
    ['**/*.txt', 'a/b/c.txt', true],
    ['a/**/z', 'a/z', true],
    ['a/**/z', 'a/b/c/z', true],
    ['a/**/z', 'b/z', false],
    ['./out//*.bin', 'out/x.bin', true],
    ['out/', 'out', true],
    ['[a].txt', '[a].txt', true],
    ['*', '.hidden', true],
    ['a*b*c', 'aXbYc', true],
    ['a*b*c', 'aXcYb', false],
  ])('%s against %s: %s', (glob, path, expected) => {
    expect(fits(glob, path)).toBe(expected);
  });

  test('looks into a folder whenever something in it could fit', () => {
    const name = fc.constantFrom('a', 'b', 'ab', '.a');
    const part = fc.constantFrom('a', 'b', '*', '?', '**', 'a*');
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 1, maxLength: 5 }),
        fc.array(name, { minLength: 1, maxLength: 5 }),
        (parts, names) => {
          const glob = parseGlob(parts.join('/'));
          if (!glob.fits(names)) return;
          for (let depth = 1; depth < names.length; depth += 1) expect(glob.mayHold(names.slice(0, depth))).toBe(true);
        },
      ),
    );
  });

  test('made to be slow is not: a thousand stars against a long name', () => {
    const glob = parseGlob(`${'a*'.repeat(1_000)}b`);
    const begun = performance.now();
    expect(glob.fits(['a'.repeat(10_000)])).toBe(false);
    expect(performance.now() - begun).toBeLessThan(5_000);
  });
});
