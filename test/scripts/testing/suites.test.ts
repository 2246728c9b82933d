import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readTestOptions } from '../../../scripts/testing/options.ts';
import { suitesToRun } from '../../../scripts/testing/suites.ts';
import { tempFolder } from '../../support/temp-folder.ts';

function projectWith(files: readonly string[]): string {
  const project = tempFolder();
  for (const file of files) {
    mkdirSync(dirname(join(project, file)), { recursive: true });
    writeFileSync(join(project, file), '');
  }
  return project;
}

const project = () =>
  projectWith([
    'test/core/rate.test.ts',
    'test/ui/fleet.test.ts',
    'test/e2e/window.test.ts',
    'test/node/soak.long.test.ts',
  ]);
const names = async (args: readonly string[]) =>
  (await suitesToRun(project(), readTestOptions(args))).map(({ name }) => name);

describe('the arguments of npm test', () => {
  test('none means every suite', async () => {
    expect(await names([])).toEqual(['unit', 'ui', 'e2e']);
  });

  test('a path runs only the suites that have it', async () => {
    expect(await names(['test/core'])).toEqual(['unit']);
    expect(await names(['window', 'fleet'])).toEqual(['ui', 'e2e']);
    expect(await names(['nowhere'])).toEqual([]);
  });

  test('soak and fault tests are asked for with --long', async () => {
    expect(await names(['soak'])).toEqual([]);
    expect(await names(['--long', 'soak'])).toEqual(['unit']);
  });

  test('--verbose and --html FILE are understood, anything else is refused', () => {
    expect(readTestOptions(['--verbose', '--html', 'r.html', 'test/core'])).toEqual({
      isVerbose: true,
      isLong: false,
      htmlFile: 'r.html',
      filters: ['test/core'],
    });
    expect(() => readTestOptions(['--fast'])).toThrow('--fast');
    expect(() => readTestOptions(['--html'])).toThrow('--html');
  });
});
