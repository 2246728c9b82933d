import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { closingLine, failureLines, isGood, tally } from '../../../scripts/testing/outcome.ts';
import { accountForCrash, runVitest } from '../../../scripts/testing/vitest-suite.ts';
import { projectFolder } from '../../support/source.ts';
import { tempFolder } from '../../support/temp-folder.ts';

/** A project of its own with the given test files, run as the real one is. */
async function runProject(files: Readonly<Record<string, string>>) {
  const project = tempFolder();
  symlinkSync(join(projectFolder, 'node_modules'), join(project, 'node_modules'));
  writeFileSync(join(project, 'package.json'), '{"type":"module"}');
  writeFileSync(
    join(project, 'vitest.config.ts'),
    "export default { test: { projects: [{ test: { name: 'unit', include: ['test/**/*.test.ts'] } }] } };\n",
  );
  mkdirSync(join(project, 'test'));
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(project, 'test', name), `import { test, expect } from 'vitest';\n${text}`);
  }
  return runVitest({ project, suite: 'unit', projects: ['unit'], filters: [], isVerbose: false, isQuiet: true });
}

const good = "test('is good', () => expect(1).toBe(1));\n";

describe('what a suite came to', () => {
  test('sums passed and failed tests over all files, and the run is not good', async () => {
    const suites = await runProject({
      'a.test.ts': good,
      'b.test.ts': `${good}test('is bad', () => expect(1).toBe(2));\n`,
    });
    expect(closingLine(tally(suites))).toBe('2 passed, 1 failed');
    expect(isGood(tally(suites))).toBe(false);
    const why = suites.flatMap(({ cases }) => cases).find(({ state }) => state === 'failed')?.why;
    expect(why).toContain('expected 1 to be 2');
  });

  test('counts a file that cannot be loaded as a failure', async () => {
    const suites = await runProject({ 'a.test.ts': good, 'b.test.ts': "import './missing.ts';\n" });
    expect(closingLine(tally(suites))).toBe('1 passed, 1 failed');
  });

  test('counts a process of tests that dies as a failure, and the run ends by saying which and why', async () => {
    const suites = await runProject({
      'a.test.ts': good,
      'b.test.ts': `${good}process.kill(process.pid, 'SIGSEGV');\n`,
    });
    expect(closingLine(tally(suites))).toBe('1 passed, 2 failed');
    const said = suites.flatMap(({ name, cases }) =>
      cases.filter(({ state }) => state === 'failed').map((one) => failureLines(name, one)),
    );
    expect(said[0]).toBe('✗ test/b.test.ts: the file as a whole\n    it was left queued');
    expect(said[1]).toMatch(/^✗ outside of any test: /);
    expect(said[1]).toContain('exited unexpectedly');
  });

  test('counts an error outside of any test as a failure', async () => {
    const loose = `${good}setTimeout(() => { throw new Error('loose'); }, 0);\ntest('waits', () => new Promise((done) => setTimeout(done, 100)));\n`;
    const suites = await runProject({ 'a.test.ts': loose });
    expect(closingLine(tally(suites))).toBe('2 passed, 1 failed');
  });

  test('is good when all passed', async () => {
    const suites = await runProject({ 'a.test.ts': good });
    expect(closingLine(tally(suites))).toBe('1 passed, 0 failed');
    expect(isGood(tally(suites))).toBe(true);
  });

  test('is not good when nothing ran or the runner died without a word', () => {
    expect(isGood(tally([]))).toBe(false);
    expect(closingLine(tally(accountForCrash([], 134, 'unit')))).toBe('0 passed, 1 failed');
  });
});
