// Runs one suite's vitest projects in a process of its own and reads back what every test came to.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeExecutable } from '../project.ts';
import type { Suite } from './outcome.ts';

export type VitestRun = {
  readonly project: string;
  /** What a crash of the whole run is filed under: `unit`, `ui`, `e2e`. */
  readonly suite: string;
  /** The vitest projects to run. */
  readonly projects: readonly string[];
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
  const suitesFile = join(folder, 'suites.json');
  try {
    const code = await spawnVitest(run, suitesFile, join(folder, 'compiled'));
    const written = await readFile(suitesFile, 'utf8').catch(() => '[]');
    return accountForCrash(JSON.parse(written) as readonly Suite[], code, run.suite);
  } finally {
    // Programs that outlive the run by a moment still write what they have compiled.
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** Programs of the tests, started hundreds of times, find in `compiledFolder` what was compiled for an earlier start. */
function spawnVitest(run: VitestRun, suitesFile: string, compiledFolder: string): Promise<number> {
  const [program = '', ...args] = [
    ...(run.wrapper ?? []),
    nodeExecutable,
    join(run.project, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    ...run.projects.map((name) => `--project=${name}`),
    '--passWithNoTests',
    `--reporter=${run.isVerbose ? 'verbose' : 'default'}`,
    `--reporter=${join(import.meta.dirname, 'suites-reporter.ts')}`,
    ...run.filters,
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: run.project,
      stdio: run.isQuiet ? 'ignore' : ['ignore', 'inherit', 'inherit'],
      env: { NODE_COMPILE_CACHE: compiledFolder, ...process.env, ...run.env, LABWATCH_SUITES: suitesFile },
    });
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}

/** A runner that ends badly without a failed test, or without a word, must not vanish from the count. */
export function accountForCrash(suites: readonly Suite[], code: number, suite: string): readonly Suite[] {
  const anyFailed = suites.some(({ cases }) => cases.some(({ state }) => state === 'failed'));
  if (code === 0 || anyFailed) return suites;
  const why = `vitest ended with code ${code} though no test failed`;
  return [...suites, { name: `${suite} suite`, cases: [{ name: 'ends well', state: 'failed', durationMs: 0, why }] }];
}
