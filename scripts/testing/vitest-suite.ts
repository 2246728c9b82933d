// Runs one vitest project in a process of its own and reads back what every test came to.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { nodeExecutable } from '../project.ts';
import type { CaseState, Suite, TestCase } from './outcome.ts';

export type VitestRun = {
  readonly project: string;
  /** The vitest project to run: `unit`, `ui`, `e2e`. */
  readonly suite: string;
  readonly filters: readonly string[];
  readonly isVerbose: boolean;
  /** A program and arguments that the run is wrapped in, such as a display. */
  readonly wrapper?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Keeps the runner's own output off the terminal. */
  readonly isQuiet?: boolean;
};

/** Runs the suite; its own output goes to the terminal. A run that crashes is a failed case, never a silent one. */
export async function runVitest(run: VitestRun): Promise<readonly Suite[]> {
  const folder = await mkdtemp(join(tmpdir(), 'labwatch-tests-'));
  const jsonFile = join(folder, 'report.json');
  try {
    const code = await spawnVitest(run, jsonFile);
    const suites = readReport(await readFile(jsonFile, 'utf8').catch(() => undefined), run.project);
    return accountForCrash(suites, code, run.suite);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function spawnVitest(run: VitestRun, jsonFile: string): Promise<number> {
  const [program = '', ...args] = [
    ...(run.wrapper ?? []),
    nodeExecutable,
    join(run.project, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    ...['--project', run.suite, '--passWithNoTests'],
    `--reporter=${run.isVerbose ? 'verbose' : 'default'}`,
    ...['--reporter=json', `--outputFile.json=${jsonFile}`],
    ...run.filters,
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: run.project,
      stdio: run.isQuiet ? 'ignore' : ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...run.env },
    });
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}

/** The parts of vitest's JSON report (Jest's format) that are read here. */
type JsonReport = {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly duration?: number | null;
      readonly failureMessages?: readonly string[] | null;
    }[];
  }[];
};

/** Suites from a JSON report; no report means no suites. */
function readReport(json: string | undefined, project: string): readonly Suite[] {
  if (json === undefined) return [];
  const report = JSON.parse(json) as JsonReport;
  return report.testResults.map((file) => {
    const cases: TestCase[] = file.assertionResults.map((one) => ({
      name: one.fullName,
      state: stateOf(one.status),
      durationMs: one.duration ?? 0,
      ...(one.failureMessages?.length ? { why: one.failureMessages.join('\n\n') } : {}),
    }));
    if (file.status === 'failed' && !cases.some(({ state }) => state === 'failed')) {
      cases.push({ name: 'the file as a whole', state: 'failed', durationMs: 0, why: file.message });
    }
    return { name: relative(project, file.name), cases };
  });
}

function stateOf(status: string): CaseState {
  if (status === 'passed') return 'passed';
  return status === 'failed' ? 'failed' : 'skipped';
}

/** vitest also ends badly on errors outside of any test; those must not vanish from the count. */
export function accountForCrash(suites: readonly Suite[], code: number, suite: string): readonly Suite[] {
  const anyFailed = suites.some(({ cases }) => cases.some(({ state }) => state === 'failed'));
  if (code === 0 || anyFailed) return suites;
  const why = `vitest ended with code ${code} though no test failed: an error outside of a test, printed above`;
  return [...suites, { name: `${suite} suite`, cases: [{ name: 'ends well', state: 'failed', durationMs: 0, why }] }];
}
