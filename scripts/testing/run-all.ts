// Everything a change must pass, in the order in which a failure is cheapest to learn.
import { writeFile } from 'node:fs/promises';
import { buildIfNeeded } from '../build/build.ts';
import { projectFolder } from '../project.ts';
import { resolveRuntime } from '../runtime/resolve.ts';
import { runChecks } from './checks.ts';
import { ensureDebianPackages } from './debian-packages.ts';
import { renderHtmlReport } from './html-report.ts';
import { readTestOptions, type TestOptions } from './options.ts';
import { closingLine, failureLines, isGood, type Suite, tally } from './outcome.ts';
import { runStep } from './step.ts';
import { suitesToRun } from './suites.ts';
import { runVitest } from './vitest-suite.ts';

/** Runs what the arguments ask for; prints the closing line last; resolves with the exit code. */
export async function runTests(args: readonly string[]): Promise<number> {
  const options = readTestOptions(args);
  const suites: Suite[] = [await prepare()];
  const isReady = isGood(tally(suites));
  if (options.filters.length === 0) suites.push(await runChecks(projectFolder));
  for (const suite of await suitesToRun(projectFolder, options)) {
    if (suite.opensApp && !isReady) {
      console.log(`The ${suite.name} suite was not run, because what it needs is missing (above).`);
      continue;
    }
    console.log(`\n── ${suite.name} ──`);
    suites.push(
      ...(await runVitest({
        project: projectFolder,
        suite: suite.name,
        projects: suite.projects,
        filters: options.filters,
        isVerbose: options.isVerbose,
        wrapper: suite.wrapper,
        env: options.isLong ? { LABWATCH_LONG: '1' } : {},
      })),
    );
  }
  return close(suites, options);
}

/** What the tests stand on. Where a part of it fails, the suites that open the app are not run: they would say nothing. */
async function prepare(): Promise<Suite> {
  const cases = [
    await runStep('packages of the system', ensureDebianPackages),
    await runStep('build', async () => void (await buildIfNeeded(projectFolder, () => {}))),
    await runStep('Electron runtime', async () => void (await resolveRuntime(console.log))),
  ];
  return { name: 'what the tests need', cases };
}

async function close(suites: readonly Suite[], options: TestOptions): Promise<number> {
  if (options.htmlFile !== undefined) {
    await writeFile(options.htmlFile, renderHtmlReport(suites, new Date()));
    console.log(`Report: ${options.htmlFile}`);
  }
  const counts = tally(suites);
  console.log('');
  for (const { name, cases } of suites) {
    for (const one of cases.filter(({ state }) => state === 'failed')) console.log(failureLines(name, one));
  }
  if (counts.skipped > 0) console.log(`${counts.skipped} skipped`);
  console.log(closingLine(counts));
  return isGood(counts) ? 0 : 1;
}
