/** docs/promises.md: every part, promise and figure names the test or bench that holds it, and that one exists. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { benchNamesOf, filesBelow, projectFolder, readProjectFile, testNamesOf } from '../support/source.ts';

type PromiseRow = { readonly part: string; readonly promise: string; readonly holders: readonly string[] };

const rows: readonly PromiseRow[] = readProjectFile('docs/promises.md')
  .split('\n')
  .filter((line) => line.startsWith('|') && !/^\|\s*(?:part\s*\||-)/.test(line))
  .map((line) => {
    const [part = '', promise = '', holders = ''] = line
      .split('|')
      .slice(1)
      .map((cell) => cell.trim());
    return { part, promise, holders: [...holders.matchAll(/`([^`]+)`/g)].map(([, holder = '']) => holder) };
  });

const namesByFile = new Map<string, readonly string[]>();
function namesOf(file: string): readonly string[] {
  const names = namesByFile.get(file) ?? testNamesOf(file);
  namesByFile.set(file, names);
  return names;
}

const benchNames = new Set(filesBelow('test/bench', ['.bench.ts']).flatMap(benchNamesOf));

/** Why a holder holds nothing, or undefined where it does. */
function fault(holder: string): string | undefined {
  const at = holder.indexOf(': ');
  const [place, name] = [holder.slice(0, at), holder.slice(at + 2)];
  if (place === 'bench') return benchNames.has(name) ? undefined : `there is no bench "${name}"`;
  if (!existsSync(join(projectFolder, place))) return `there is no ${place}`;
  return namesOf(place).some((full) => full === name || full.endsWith(` ${name}`))
    ? undefined
    : `${place} has no test "${name}"`;
}

describe('docs/promises.md', () => {
  test('every row names a part, a promise and what holds it', () => {
    expect(rows.length).toBeGreaterThan(50);
    expect(rows.filter(({ part, promise, holders }) => !part || !promise || holders.length === 0)).toEqual([]);
  });

  test('every test and bench that a row names exists', () => {
    const faults = rows.flatMap(({ promise, holders }) =>
      holders.flatMap((holder) => {
        const found = fault(holder);
        return found === undefined ? [] : [`${promise}: ${found}`];
      }),
    );
    expect(faults).toEqual([]);
  });

  test('a test, a bench or a file that does not exist is noticed', () => {
    expect(
      fault('test/architecture/promises.test.ts: every row names a part, a promise and what holds it'),
    ).toBeUndefined();
    expect(fault('test/architecture/promises.test.ts: a test of another name')).toBeDefined();
    expect(fault('test/architecture/nowhere.test.ts: anything')).toBeDefined();
    expect(fault('bench: a bench of another name')).toBeDefined();
    expect(fault('by good will')).toBeDefined();
  });

  test('no promise is made twice', () => {
    const promises = rows.map(({ part, promise }) => `${part}: ${promise}`);
    expect(promises.filter((one, at) => promises.indexOf(one) !== at)).toEqual([]);
  });
});
